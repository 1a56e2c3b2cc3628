"""All that is known of one frame, as a folder: pictures, maps, numbers, and a list of what is in it.

The folder is written under a hidden name beside its place and takes its own name when all of it is there, so one that
is there is whole.

    inspection-120/
      manifest.json     schema and version; each file with its size and SHA-256
      inspection.json   detections, candidates, thresholds, source, model, options, findings
      frame.png         the frame itself, every pixel of it
      tiles.png         all tiles with their overlays
      maps.npz          for each tapped stage `NODE.codes`, `NODE.limits` and `NODE.values`
      findings.npz      arrays of the findings, by the names that inspection.json gives them; only if there are any:
                        of all questions but that for health
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import SinkError
from viewer.core.inquiry import Findings
from viewer.core.packet import NOT_FINITE, FramePacket, TapMap
from viewer.core.paths import check_spelled, path_errors
from viewer.sinks.jsonl import finite
from viewer.sinks.plain import Arrays, plain_value

SCHEMA = "featscope-inspection"
VERSION = 1
"""Raised when a reader of an older one would go wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What is written down.

    Attributes:
        packet: The frame; its arrays are not changed meanwhile.
        record: Plain values for `inspection.json`, the findings not among them.
        pictures: Writes a picture to the path it is given, by file name; False where it could not.
    """

    packet: FramePacket
    record: Mapping[str, Any]
    pictures: Mapping[str, Callable[[Path], bool]]


def save_inspection(folder: Path, inspection: Inspection) -> Path:
    """Write an inspection.

    Args:
        folder: Its place; nothing may be there, and the folder around it is.
        inspection: What to write.

    Returns:
        The folder.

    Raises:
        SinkError: If something is there, or it cannot be written; nothing is left then.
    """
    check_spelled(folder, SinkError, f"cannot write {folder}")
    with path_errors(SinkError, f"cannot write {folder}"):
        if folder.exists():
            raise SinkError(f"cannot write {folder}: it is there already; name another folder")
        if not folder.parent.is_dir():
            raise SinkError(f"cannot write {folder}: there is no folder {folder.parent}; make it first")
    part: Path | None = None
    try:
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        _write_all(part, inspection)
        part.chmod(0o777 & ~_umask())  # a temporary folder is closed to all others
        part.rename(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SinkError(f"cannot write {folder}: {reason}; nothing was left behind") from error
    finally:
        if part is not None:
            with suppress(OSError):
                shutil.rmtree(part, ignore_errors=True)
    return folder


def map_arrays(taps: tuple[TapMap, ...]) -> Arrays:
    """The maps of a frame: codes as they came, the values of their ends, and what the codes stand for."""
    arrays: Arrays = {}
    for tap in taps:
        node = tap.stage.node
        arrays[f"{node}.codes"] = tap.codes
        arrays[f"{node}.limits"] = np.array([band.limits for band in tap.bands] or tap.limits, np.float32)
        arrays[f"{node}.values"] = tap_values(tap)
    return arrays


def tap_values(tap: TapMap) -> NDArray[np.float32]:
    """The values a map's codes stand for, exact to a 254th of its limits; nan where they were not finite.

    Returns:
        (h, w) float32 in activation units, or (h, w, 3) of a map in colour, each with the limits of its band.
    """
    low, high = np.array([band.limits for band in tap.bands] or [tap.limits], np.float32).T
    codes = tap.codes.reshape(*tap.codes.shape[:2], -1)
    values = np.where(codes == NOT_FINITE, np.nan, low + (codes.astype(np.float32) - 1) / 254 * (high - low))
    return values.reshape(tap.codes.shape).astype(np.float32)


def findings_record(findings: Findings) -> tuple[dict[str, Any], Arrays]:
    """What was found, as plain values, and the arrays they name; what was not asked is left out."""
    arrays: Arrays = {}
    parts = {field.name: getattr(findings, field.name) for field in fields(findings)}
    answered = {name: part for name, part in parts.items() if part is not None and part != ()}
    return {name: plain_value(part, name, arrays) for name, part in answered.items()}, arrays


def _write_all(part: Path, inspection: Inspection) -> None:
    found, arrays = findings_record(inspection.packet.findings)
    record = {"schema": SCHEMA, "version": VERSION, **inspection.record, "findings": found}
    for name, write in inspection.pictures.items():
        if not write(part / name):
            raise OSError(None, f"{name} could not be written; the disk may be full")
    _write_arrays(part / "maps.npz", map_arrays(inspection.packet.taps))
    if arrays:
        _write_arrays(part / "findings.npz", arrays)
    _write_json(part / "inspection.json", record)
    files = {path.name: _file_record(path) for path in sorted(part.iterdir())}
    manifest = {"schema": SCHEMA, "version": VERSION, "written_by": f"featscope {_release()}".strip(), "files": files}
    _write_json(part / "manifest.json", manifest)


def _write_arrays(path: Path, arrays: Arrays) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _write_json(path: Path, record: Mapping[str, Any]) -> None:
    text = json.dumps(finite(record), allow_nan=False, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _file_record(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _release() -> str:
    """Which Featscope writes; empty where it runs from its sources without being installed."""
    try:
        return version("featscope")
    except PackageNotFoundError:
        return ""


def _umask() -> int:
    """What new files are closed to; asking for it is the only way to know it, and sets it for a moment."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
