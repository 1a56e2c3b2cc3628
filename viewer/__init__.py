"""Featscope shows what a detection network sees while it sees it.

A video, camera or stream runs through a detector; forward hooks on its stages feed small activation maps, reduced on
the model's device; a window or a video file shows them beside the detections. `import viewer` loads no torch, OpenCV
or Qt.
"""

__version__ = "0.1.0"
