"""A user's own Python file: found, run as a module of its own, and blamed in one line where it fails.

Detectors and reducers of a user's both come this way. To open such a file is to run it; the user hands it over for
that, and whoever opens one says so.

`running` finds and runs it, `blame` finds the line of it that failed, `no_fault` knows the errors that are not its.
"""
