"""The composition root: the one place where a `Config` becomes a source, a detector with taps and a pipeline.

It imports adapters only when they are asked for, so that opening a source does not wait for torch.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from viewer.config import Config
from viewer.config.schema import DEMO, EXPLAIN_FOLLOWED
from viewer.core.cam import CamTarget
from viewer.core.cell import Cell
from viewer.core.errors import ConfigError
from viewer.core.followed import Followed
from viewer.core.frame import Frame
from viewer.core.inquiry import Inquiry
from viewer.core.protocols import Detector, Source
from viewer.core.resources import resource
from viewer.pipeline import Pipeline, trace

_USUAL_HW = (720, 1280)

Progress = Callable[[str, float | None], None]


def source_address(config: Config) -> str:
    """The source as a path or address: `demo` becomes the clip that ships with Featscope."""
    return str(resource("assets/demo.mp4")) if config.source == DEMO else config.source


def model_path(config: Config) -> str:
    """The model as a path or name: `demo` becomes the detector that ships with Featscope."""
    return str(resource("assets/demo.pt")) if config.model == DEMO else config.model


def open_configured_source(config: Config) -> Source:
    """Open the source.

    Raises:
        SourceError: If it cannot be opened.
    """
    from viewer.sources import open_source

    return open_source(source_address(config), size=config.size_wh, fps=config.fps)


def open_configured_detector(config: Config, *, progress: Progress | None = None) -> Detector:
    """Load the detector.

    Args:
        config: Names the model and the device.
        progress: Told what is going on and how far it is, 0..1 or None.

    Raises:
        DetectorError: If the model cannot be loaded.
        DeviceError: If the device is not there.
    """
    prepare_process()
    from viewer.detectors import open_detector
    from viewer.detectors.devices import set_arithmetic

    set_arithmetic(tf32=config.tf32)
    return open_detector(
        model_path(config),
        device=config.device,
        imgsz=config.imgsz,
        precision="fp16" if config.half else "bf16" if config.bf16 else "fp32",
        trust_checkpoint=config.trust_checkpoint,
        weights=config.weights,
        decode=config.decode,
        fuse=config.fuse,
        channels_last=config.channels_last,
        **({} if progress is None else {"progress": progress}),
    )


def build_pipeline(
    config: Config, *, image_hw: tuple[int, int] = _USUAL_HW, progress: Progress | None = None
) -> Pipeline:
    """Load the detector and attach its taps.

    Args:
        config: Names the model, the device and the taps.
        image_hw: Height and width of the frames to come, for which it is warmed up; others run as well.
        progress: Told what is going on and how far it is, 0..1 or None.

    Raises:
        DetectorError: If the model cannot be loaded.
        DeviceError: If the device is not there.
        TapError: If a stage or reducer is unknown.
        ConfigError: If a class to keep is none of the model's.
    """
    prepare_process()  # the next line loads torch
    from viewer.inference import TappedNetwork
    from viewer.inference.fields import FieldWatch
    from viewer.inference.operations import count_gflops

    detector = open_configured_detector(config, progress=progress)
    try:
        thresholds = config.thresholds(detector.info)
        fields = FieldWatch(detector)
        gflops = count_gflops(detector, image_hw, beside=fields.watching)
    except BaseException:
        detector.close()
        raise
    network = TappedNetwork(detector, config.tap_settings, graph=config.graph, gflops=gflops, fields=fields.found)
    try:
        if progress is not None:
            progress("warming up", None)
        network.warm_up(image_hw)
    except BaseException:
        network.close()
        raise
    return Pipeline(network, thresholds)


def find_followed(config: Config, pipeline: Pipeline, source: Source, *, start: int = 0) -> CamTarget | None:
    """Find the object to follow in the frames that are read first, which may be long before the one it is known in.

    Args:
        config: The options.
        pipeline: Finds the candidates; nothing is asked of it afterwards but what is altered.
        source: The open source; it stands at `start` afterwards.
        start: Number of the first frame to be read.

    Returns:
        The object with its path, None where none is to be followed.

    Raises:
        ConfigError: If the detector has no such class, or the source is live.
        SourceError: If there is no such frame.
        DeviceError: If the device ran out of memory.
    """
    target = config.followed(pipeline.info)
    if config.follow is None or target is None:
        return None
    if source.info.is_live:
        raise ConfigError(f"--follow {config.follow} names a frame, and {source.info.name} is live; give a file")
    pipeline.set_inquiry(Inquiry(alteration=config.alteration))
    path = trace(pipeline, source, target, index=Followed.parse(config.follow).index, start=start)
    source.seek(start)
    return replace(target, path=path)


def ask_configured(
    config: Config, pipeline: Pipeline, *, image_hw: tuple[int, int], followed: CamTarget | None = None
) -> Inquiry:
    """Ask what the options ask of every frame.

    Args:
        config: The options.
        pipeline: Who is asked.
        image_hw: Height and width of the frames to come.
        followed: The object to follow, as `find_followed` found it.

    Returns:
        The questions that stand from now on.

    Raises:
        ConfigError: If the detector has no such class, or a place or cell lies outside of pictures of this size.
        InquiryError: If it cannot be asked of this network.
        DeviceError: If the device ran out of memory.
    """
    config.check_place(image_hw)
    inquiry = config.inquiry(pipeline.info, pipeline.tapped)
    if config.explain == EXPLAIN_FOLLOWED and inquiry.cam is not None and followed is not None:
        inquiry = replace(inquiry, cam=replace(inquiry.cam, target=followed))
    if inquiry.cell is not None:
        _require_cell(inquiry.cell, pipeline, image_hw)
    pipeline.set_inquiry(inquiry)
    return inquiry


def _require_cell(cell: Cell, pipeline: Pipeline, image_hw: tuple[int, int]) -> None:
    """Refuse a cell that a stage does not have: how many it has only a forward of such a picture tells."""
    blank = Frame(np.zeros((*image_hw, 3), np.uint8), 0, 0.0, 0.0)
    (activation,) = pipeline.activations(blank, (cell.node,))
    rows, columns = activation.shape[1:]
    if cell.row >= rows or cell.column >= columns:
        raise ConfigError(
            f"no row {cell.row}, column {cell.column} in {cell.node}, which has rows 0 to {rows - 1} and columns 0 to "
            f"{columns - 1} for this source; give one of them"
        )


def prepare_process() -> None:
    """Tune what only the process as a whole can tune; before torch is loaded, once or more."""
    _let_waiting_threads_sleep()
    _keep_freed_memory()


def _let_waiting_threads_sleep() -> None:
    """Tell OpenMP, before torch loads it, that threads which wait for each other shall spin only briefly.

    A network this small joins its threads hundreds of times a frame. By default a waiting thread spins for about a
    millisecond, which holds the core that decoding, drawing or another program needs. Measured on two cores with
    yolo11n at 640, six taps, frames a second, idle and with one core busy: default 27.7 and 1.5, a thousand spins
    26.4 and 16.9, no spinning 20.1 and 18.2.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_KEPT_BYTES = 512 << 20
_LARGEST_HEAP_BLOCK = 32 << 20  # the most that glibc takes from its heap


def _keep_freed_memory() -> None:
    """Let the C library keep what a frame frees for the next one.

    Activations of a few megabytes are otherwise given back to the system after every operation and taken again, page
    by page: a forward of yolo11n took 30 ms instead of 22 on two cores. Other C libraries than glibc are left alone.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_HEAP_BLOCK)
