"""Where results go: video, JSON lines and single pictures, each complete under its name or not there at all.

`OutputFile` holds that one promise: work goes to a hidden file beside the target, which takes the target's name when
it is closed and disappears when anything goes wrong, a full disk included. The sinks on top of it only know their
format. `packet_record` says what of a packet is written down.
"""

from viewer.sinks.jsonl import JsonlSink
from viewer.sinks.record import packet_record
from viewer.sinks.snapshot import save_png
from viewer.sinks.video import VIDEO_SUFFIXES, VideoSink

__all__ = ["VIDEO_SUFFIXES", "JsonlSink", "VideoSink", "packet_record", "save_png"]
