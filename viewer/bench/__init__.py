"""`featscope bench`: what taps cost, how fast everything runs, and what a user's other ways of doing it cost.

Every figure is measured on this machine in one run. Things that are compared take turns (A B C C B A), so that a
machine that slows down slows all of them; what is quoted is the median, with the middle half as spread, and promises
are ratios, which travel between machines better than milliseconds do.

`subject` is what is measured: frames and a network that finds something in them. `forwards` times taps against the
bare forward, `loops` whole loops against each other, `peers` holds what others do, each from its own package,
`device` is for what only a GPU has. What must not share a process is run in one of its own: `headless` for memory and
for the rate a window is held against, `screen` for the window. `report` puts it together.
"""
