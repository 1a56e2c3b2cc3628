"""A source and a network that are open together, driven by whoever holds them."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from numbers import Integral
from os import PathLike, fspath
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from viewer.assembly import ask_configured, build_pipeline, find_followed, open_configured_source
from viewer.config import Config, load_config
from viewer.core.detector import DetectorInfo
from viewer.core.errors import ConfigError, SeekError, SourceError, ViewerError
from viewer.core.frame import Frame, SourceInfo
from viewer.core.inquiry import Inquiry
from viewer.core.packet import FramePacket
from viewer.core.stage import Stage
from viewer.core.tapping import TapSettings
from viewer.session.headless import headless_state
from viewer.session.inspection import FRAME, TILES, inspection_of
from viewer.session.resolve import resolve
from viewer.session.state import ViewState
from viewer.sinks.inspection import save_inspection

if TYPE_CHECKING:
    from viewer.core.protocols import Source
    from viewer.pipeline import Pipeline

_LONGEST_PX = 16384

Picture = Frame | FramePacket | NDArray[np.uint8]
"""A frame, the packet that was made of one, or its (H, W, 3) uint8 RGB pixels."""


def open_run(
    source: str | int | PathLike[str] = "demo",
    model: str | PathLike[str] = "demo",
    *,
    preset: str | None = None,
    **options: Any,
) -> "Run":
    """Open a source and load a network.

    Args:
        source: Video file, camera number, address, folder of images, or `demo`.
        model: Checkpoint, `torchvision:NAME`, your own detector (.py, which is run), or `demo`.
        preset: A YAML file of options, or the name of one that ships with Featscope.
        options: What `featscope view --help` lists, with underscores: `tap=["P3", "P5"]`, `conf=0.4`, `device="cuda"`.

    Returns:
        The run, to be used in a `with` block or closed by hand.

    Raises:
        ConfigError: If an option is unknown or out of bounds, or a place or cell lies outside the picture.
        SourceError: If the source cannot be opened.
        DetectorError: If the model cannot be loaded.
        DeviceError: If the device is not there.
        TapError: If a stage or reducer is unknown.
    """
    camera = str(source) if isinstance(source, int) else source
    given = {"source": _path_text(camera, "source"), "model": _path_text(model, "model"), **options}
    return Run(load_config(preset, given))


def _path_text(value: object, name: str) -> str:
    if not isinstance(value, str | PathLike):
        raise ConfigError(f"{name} {value!r} is neither a path nor a name; give text, such as 'demo'")
    return str(fspath(cast("str | PathLike[str]", value)))


class Run:
    """Frames of a source through a tapped network, one at a time and in order. One thread at a time.

    Iterating gives a packet a frame, from where the source stands to its end.

    Args:
        config: What to open; `viewer.open` makes one of options.

    Raises:
        ViewerError: As of `open_run`; nothing stays open then.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._last: FramePacket | None = None
        self._frame: Frame | None = None  # that it was made of, as yet undisturbed
        self._pictures = 0
        self._is_open = True
        with ExitStack() as stack:
            self._source: Source = stack.enter_context(open_configured_source(config))
            config.check_place(self._source.info.image_hw)
            pipeline = build_pipeline(config, image_hw=self._source.info.image_hw)
            self._pipeline: Pipeline = stack.enter_context(pipeline)
            followed = find_followed(config, pipeline, self._source)
            self._inquiry = ask_configured(config, pipeline, image_hw=self._source.info.image_hw, followed=followed)
            self._state()  # refuses what options say of the tiles, before anything is run
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close source and network; twice is harmless. Packets and arrays that were taken stay valid."""
        self._is_open = False
        self._stack.close()

    # --- what is open -----------------------------------------------------------------------------------------------

    @property
    def source(self) -> SourceInfo:
        """What is known of the source."""
        return self._source.info

    @property
    def detector(self) -> DetectorInfo:
        """What is known of the network; `detector.names` are its classes."""
        return self._pipeline.info

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage that can be tapped or read."""
        return self._pipeline.stages

    @property
    def tapped(self) -> tuple[Stage, ...]:
        """The stages that packets have maps of, in the order of execution."""
        return self._pipeline.tapped

    # --- frames -----------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[FramePacket]:
        """Packets of the frames that follow; a break leaves the source after the last one taken."""
        self._require_open()
        for frame in self._source:
            yield self.process(frame)

    def frame(self, index: int) -> Frame:
        """Frame `index` of a file, counted from 0; iterating goes on after it.

        Raises:
            SeekError: If that is no number of a frame, there is no such frame, or the source is live.
        """
        self._require_open()
        number = _frame_number(index)
        self._source.seek(number)
        try:
            return next(self._source)
        except StopIteration:
            raise SourceError(f"{self.source.name} ends before frame {number}; ask for an earlier one") from None

    def process(self, picture: Picture) -> FramePacket:
        """Run a picture through the network.

        Args:
            picture: A frame, or pixels: (H, W, 3) uint8 RGB of any size. Pixels are a frame of their own each,
                numbered from 0 in the order in which they come. The packet made last runs from its frame as it came;
                an older one from the picture it carries, with what disturbed that.

        Raises:
            ViewerError: If the array is no such picture.
            DeviceError: If the device ran out of memory.
        """
        self._require_open()
        again = self._frame if picture is self._last else None
        frame = again or _frame_of(picture, self._pictures)
        self._pictures += not isinstance(picture, Frame | FramePacket)
        packet = self._pipeline.process(frame)
        self._last, self._frame = packet, frame
        return packet

    def tap(self, *nodes: str, reducer: str | None = None) -> None:
        """Make maps of these stages, by node or short name, from the next frame on.

        Raises:
            TapError: If a stage or reducer is unknown; the taps stay as they were.
        """
        self._require_open()
        settings = self._config.tap_settings
        self._set_taps(TapSettings(nodes, reducer or settings.reducer, settings.limits))

    def ask(self, inquiry: Inquiry) -> None:
        """Ask this of every frame from the next on; the answers are in `packet.findings`.

        Raises:
            InquiryError: If it cannot be asked of this network; what was asked before stands.
        """
        self._require_open()
        self._pipeline.set_inquiry(inquiry)
        self._inquiry = inquiry

    # --- what is in a frame -----------------------------------------------------------------------------------------

    def activation(self, stage: str, picture: Picture | None = None, *, tensor: bool = False) -> Any:
        """The raw activation of one stage for one frame, which runs through the network once more for it.

        Args:
            stage: Any of `stages`, tapped or not, by node or short name.
            picture: Of which frame; the one processed last where it is left out.
            tensor: Whether to give a torch tensor on the network's device instead of a numpy array.

        Returns:
            (C, H, W), a copy that is the caller's own, in the type the network runs in; numpy, which has no bfloat16,
            gets float32 for it. Of the model's input, so what was added to reach its size lies at the edges.

        Raises:
            InquiryError: If there is no such stage, or it gives no (N, C, H, W) activation.
            ViewerError: If no frame was processed yet.
        """
        return self.activations(stage, picture=picture, tensor=tensor)[stage]

    def activations(self, *stages: str, picture: Picture | None = None, tensor: bool = False) -> dict[str, Any]:
        """The same of several stages at once, by the names they were asked by: one more forward for all of them."""
        self._require_open()
        picture = self._last if picture is None else picture
        if picture is None:
            raise ViewerError("no frame was processed yet; process one first, or say which")
        is_perturbed = isinstance(picture, FramePacket)  # it carries the picture that the network saw
        frame = _frame_of(picture)
        read = self._pipeline.activations(frame, stages, as_tensors=tensor, is_perturbed=is_perturbed)
        return dict(zip(stages, read, strict=True))

    def save_inspection(
        self, packet: FramePacket, folder: str | PathLike[str], *, size: tuple[int, int] = (1920, 1080)
    ) -> Path:
        """Keep all that is known of a frame in a folder of its own, complete or not at all.

        Args:
            packet: What to keep.
            folder: Its place; nothing may be there. `viewer.sinks.inspection` says what it holds.
            size: Width and height of the picture of all tiles, in pixels.

        Returns:
            The folder.

        Raises:
            SinkError: If something is there, or it cannot be written; nothing is left then.
            ViewerError: If the size is none of a picture.
        """
        if not (len(size) == 2 and all(isinstance(side, Integral) and 16 <= side <= _LONGEST_PX for side in size)):
            raise ViewerError(f"size {size!r} not understood; give width and height in pixels, such as (1920, 1080)")
        state = self._state()
        pictures = {
            FRAME: lambda path: _write_png(path, packet.frame.rgb),
            TILES: lambda path: _write_png(path, _composed(state, packet, size)),
        }
        return save_inspection(Path(folder), inspection_of(state, packet, self._config, pictures))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _set_taps(self, settings: TapSettings) -> None:
        before, health = self._nodes, self._inquiry.health
        self._pipeline.set_taps(settings)
        self._config = self._config.model_copy(update={"tap": self._nodes, "reducer": settings.reducer})
        if health is not None and health.nodes == before:  # it goes with the taps, unless stages of its own are watched
            self.ask(replace(self._inquiry, health=replace(health, nodes=self._nodes)))

    @property
    def _nodes(self) -> tuple[str, ...]:
        return tuple(stage.node for stage in self.tapped)

    def _state(self) -> ViewState:
        pipeline = self._pipeline
        return headless_state(
            self._config,
            source=self.source,
            detector=pipeline.info,
            stages=pipeline.stages,
            tapped=pipeline.tapped,
            thresholds=pipeline.thresholds,
            inquiry=self._inquiry,
        )

    def _require_open(self) -> None:
        if not self._is_open:
            raise ViewerError("this run is closed; open it again")


def _frame_number(index: object) -> int:
    """A whole number of any kind, numpy's too; True and False are none."""
    if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
        return int(index)
    raise SeekError(f"{index!r} is no number of a frame; give a whole number, counted from 0")


def _frame_of(picture: Picture, index: int = 0) -> Frame:
    if isinstance(picture, FramePacket):
        return picture.frame
    if isinstance(picture, Frame):
        return picture
    try:
        pixels = np.ascontiguousarray(picture)
    except ValueError as error:  # rows that differ in length
        raise ViewerError(f"this is no picture ({error}); give (H, W, 3) uint8 RGB") from None
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ViewerError(
            f"an array of shape {pixels.shape} and type {pixels.dtype} is no picture; give (H, W, 3) uint8 RGB"
        )
    pixels = pixels.copy()
    pixels.setflags(write=False)
    return Frame(pixels, index, 0.0, perf_counter())


def _composed(state: ViewState, packet: FramePacket, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    from viewer.render.compose import compose

    return compose(resolve(state, packet), size_wh)


def _write_png(path: Path, rgb: NDArray[np.uint8]) -> bool:
    from viewer.sinks.snapshot import save_png

    save_png(path, rgb)
    return True
