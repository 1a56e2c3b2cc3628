"""What is written down when a frame's inspection is saved, from the window and from scripts alike."""

from collections.abc import Callable, Mapping
from pathlib import Path

from viewer.config.schema import Config
from viewer.core.packet import FramePacket
from viewer.session.state import ViewState
from viewer.session.still import still_of
from viewer.sinks.inspection import Inspection
from viewer.sinks.record import box_record

FRAME, TILES = "frame.png", "tiles.png"
"""Names of the pictures in it."""


def inspection_of(
    state: ViewState, packet: FramePacket, config: Config, pictures: Mapping[str, Callable[[Path], bool]]
) -> Inspection:
    """Gather what an inspection of a frame holds: the record of a snapshot with all candidates, maps and findings.

    Args:
        state: What the user chose.
        packet: The frame that is shown.
        config: The options that hold now.
        pictures: Writers by file name.
    """
    candidates = packet.candidates
    record = still_of(state, packet, config).record
    record["candidates"] = [box_record(candidates, row, state.detector) for row in range(len(candidates))]
    return Inspection(packet, record, pictures)


def inspection_name(state: ViewState, packet: FramePacket, config: Config) -> str:
    """What its folder is called: `street_frame000137_inspection`."""
    return f"{still_of(state, packet, config).stem}_inspection"
