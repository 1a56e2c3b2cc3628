"""Featscope for scripts and notebooks: open a source and a network, take packets, read activations, keep a frame.

The same pipeline as behind the window, run where it is called: no window, no Qt, no second process. What is public is
named in `viewer` itself and looked up when it is asked for, so that `import viewer` loads neither torch nor OpenCV.
"""

from viewer.scripting.run import Run, open_run

__all__ = ["Run", "open_run"]
