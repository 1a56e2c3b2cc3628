"""One frame through the network: upload, letterbox, forward with taps, candidates, one download.

This room stands above detectors and taps, which know nothing of each other, and below the pipeline, which knows no
tensors. `entry` brings pixels to the device, `network` drives the parts in order, `download` brings everything back
in one copy.
"""

from viewer.inference.network import TappedNetwork

__all__ = ["TappedNetwork"]
