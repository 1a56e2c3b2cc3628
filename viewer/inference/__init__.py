"""One frame through the network: upload, letterbox, forward with taps, candidates, one download.

This room stands above detectors and taps, which know nothing of each other, and below the pipeline, which knows no
tensors. `entry` brings pixels to the device, `frame_pass` is everything the device then does for one frame, over
buffers that keep their places. A lane drives a pass: `host_lane` on a CPU, where a call returns when its work is done;
`device_lane` on a GPU, where work is only enqueued, the pass is captured into a graph if it can be, and the next frame
goes up while this one is computed. `network` picks the lane and changes it when taps or sizes change.

`runtime` is the little that a lane needs of CUDA, so that a test can stand in for it and run everything as late and in
as odd an order as a device may.
"""

from viewer.inference.network import TappedNetwork

__all__ = ["TappedNetwork"]
