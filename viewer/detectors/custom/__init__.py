"""A team's own detector: a Python file that builds the network and says what its outputs mean.

`definition` reads the file (which `viewer.userfile` runs) and says in one line what it lacks, `reading` turns what
its `decode` returns into candidate rows, `adapter` opens it as a detector. The README's chapter "Your own detector" is
the contract; `definition.FIELDS` is the same in code.

To open such a file is to run it. The user hands it over for that, and the detector's notes say so.
"""
