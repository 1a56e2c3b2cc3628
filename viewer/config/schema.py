"""The options, each with its type, default, bounds and help text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from viewer.core.alteration import UNALTERED, Alteration, parse_mute, parse_scale, parse_solo
from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.cell import Cell
from viewer.core.channels import OneChannel
from viewer.core.detector import DetectorInfo
from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.followed import Followed
from viewer.core.health import HealthCheck
from viewer.core.inquiry import Inquiry
from viewer.core.perturbation import KNOBS, Perturbation
from viewer.core.reducer_names import REDUCERS, check_reducer
from viewer.core.region import Region
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.core.tapping import Limits, TapSettings
from viewer.render.colormap import COLORMAPS, lut
from viewer.render.views import Grid, MapView

DEMO = "demo"
"""Name of the clip and the detector that ship with Featscope."""

EXPLAIN_ALL, EXPLAIN_BEST, EXPLAIN_MISSED, EXPLAIN_FOLLOWED = "all", "best", "missed", "followed"
"""What `explain` takes beside classes."""

_MOST_CLASSES = 1_000_000
_FEW_NAMES = 12
"""Names that a message lists."""


def as_tuple(value: object) -> object:
    """One value where several may stand is those several."""
    return (value,) if isinstance(value, str | int) else value


def as_text(value: object) -> object:
    """`source: 0` in YAML is a number, and a camera all the same."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _class_number(word: str, names: Sequence[str], count: int | None) -> int:
    """Number of a class; `count` is how many the model can give, None where that is not known."""
    if word in names:
        return names.index(word)
    is_number = word.isascii() and word.isdigit() and len(word) < 20
    if is_number and int(word) < (_MOST_CLASSES if count is None else count):
        return int(word)
    numbers = "a number" if count is None else "0" if count == 1 else f"a number from 0 to {count - 1}"
    if not names:
        raise ConfigError(f"no class {word!r} in this model, which has no names for its classes; give {numbers}")
    near = "" if is_number else did_you_mean(word, names)  # names that are numbers are all alike
    given = f"one of {', '.join(names)}" if len(names) <= _FEW_NAMES else f"one of {len(names)} names"
    hint = near or f"; give {given}, or {numbers}"
    raise ConfigError(f"no class {word!r} in this model{hint}")


def _cell(word: str | None) -> Cell | None:
    return None if word is None else Cell.parse(word)


def _region(word: str | None) -> Region | None:
    """A place as an option says it."""
    if word is None:
        return None
    try:
        edges = [float(part) for part in word.split(",")]
    except ValueError:
        edges = []
    if len(edges) == 2:
        edges *= 2
    if len(edges) != 4 or not all(map(isfinite, edges)) or edges[0] > edges[2] or edges[1] > edges[3]:
        raise ConfigError(f"--look-at {word} is no place; give left, top, right, bottom as 300,200,420,280, or 300,200")
    return Region((edges[0], edges[1], edges[2], edges[3]))


_PATH: dict[str, JsonValue] = {"is_path": True}
"""What a file can be chosen for."""


def _words(*words: str, is_open: bool = False) -> dict[str, JsonValue]:
    """What can be chosen of; others can be typed as well where that is open."""
    return {"words": list(words), "is_open": is_open}


class Config(BaseModel):
    """Everything that describes one run: what to watch, with which network, what to tap and how to show it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, BeforeValidator(as_text)] = Field(
        DEMO,
        description="video file, camera number or /dev/video*, rtsp/http/udp/tcp address, folder "
        "or glob of images, or 'demo'",
        json_schema_extra=_PATH,
    )
    size: str | None = Field(
        None, pattern=r"^\d+x\d+$", description="picture size to ask of a camera, such as 1280x720"
    )
    fps: float | None = Field(None, gt=0, le=1000, description="frame rate to ask of a camera, or to play images at")
    model: str = Field(
        DEMO,
        description="checkpoint (.pt), architecture (.yaml), torchvision:NAME, exported program (.pt2), .onnx, .keras, "
        "your own detector (.py, which is run) or 'demo'",
        json_schema_extra=_PATH,
    )
    weights: str | None = Field(
        None,
        description="state dict to load into a model named by its architecture, or 'random'",
        json_schema_extra=_PATH,
    )
    decode: str | None = Field(
        None,
        description="how outputs become boxes: a preset such as yolo or detr, or a .py file with decode(); "
        "default: guessed where the format does not say",
        json_schema_extra=_PATH,
    )
    trust_checkpoint: bool = Field(False, description="load a checkpoint that can run code; only for files you made")
    device: str = Field(
        "auto",
        description="auto (CUDA, then MPS, then CPU), cpu, mps, cuda or cuda:N",
        json_schema_extra=_words("auto", "cpu", "mps", "cuda", is_open=True),
    )
    half: bool = Field(False, description="run in 16-bit floats (fp16); GPUs only")
    bf16: bool = Field(False, description="run in bfloat16")
    tf32: bool = Field(False, description="let a CUDA card round single-precision factors to ten bits: faster")
    graph: bool = Field(True, description="run a CUDA card from a captured graph where that is possible")
    fuse: bool = Field(True, description="fold normalisation into convolutions")
    channels_last: bool | None = Field(
        None, description="keep channels together in memory; default: chosen by device and model"
    )
    imgsz: int = Field(
        640,
        ge=32,
        le=4096,
        description="longest side of the model's input in pixels",
        json_schema_extra={"step": 32},
    )
    tap: Annotated[tuple[str, ...] | None, BeforeValidator(as_tuple)] = Field(
        None, description="stage to tap, by node (model.16) or name (P3); repeat for more; default: the model's own"
    )
    reducer: str = Field(
        "absmean",
        description="how channels become a map: absmean, mean, max, rms, pca, pca-rgb, difference, reference, "
        "strongest:K, similarity:X,Y, channel:K, or a class of your own, FILE.py:NAME, which is run",
        json_schema_extra=_words(*REDUCERS, is_open=True),
    )
    limits: str = Field(
        "running",
        description="values of first and last colour: frame, running or LOW:HIGH",
        json_schema_extra=_words("frame", "running", is_open=True),
    )
    mute: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (), description="channels to mute, as STAGE:CHANNEL[,CHANNEL]; repeat for more stages"
    )
    solo: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (), description="channels that alone are left of their stage, as STAGE:CHANNEL[,CHANNEL]"
    )
    scale: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (), description="channel to multiply, as STAGE:CHANNEL:FACTOR; repeat for more"
    )
    perturb: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (),
        description=f"what befalls the picture, as KIND:AMOUNT: {', '.join(KNOBS)}, or occlude:LEFT,TOP,RIGHT,BOTTOM",
    )
    conf: float = Field(0.25, ge=0, le=1, description="least score of a detection, 0 to 1")
    iou: float = Field(0.7, ge=0, le=1, description="overlap above which two boxes of a class are one, 0 to 1")
    max_det: int = Field(300, ge=1, le=1000, description="most detections a frame")
    classes: Annotated[tuple[Annotated[str, BeforeValidator(as_text)], ...] | None, BeforeValidator(as_tuple)] = Field(
        None, description="class to keep, by name or number; repeat for more; default: all"
    )
    health: bool = Field(
        False,
        description="watch how the tapped stages are: zeros, dead channels, overflow, drift; render writes it with "
        "--packets",
    )
    alpha: float = Field(0.55, ge=0, le=1, description="opacity of the overlays, 0 to 1")
    fade: bool = Field(
        False, description="let the opacity follow the value, so that weak cells leave the frame visible"
    )
    colormap: str = Field(
        "inferno",
        description=f"colour map of the overlays: {', '.join(COLORMAPS)}; the last two part at zero",
        json_schema_extra=_words(*COLORMAPS),
    )
    view: MapView = Field(
        MapView.OVERLAY, description="what tiles show: overlay on the frame, map alone, side by side, or swipe"
    )
    grid: Annotated[Grid, BeforeValidator(as_text)] = Field(
        Grid.AUTO, description="how tiles are arranged: auto, 1, 2x2, 3x3, 4x4, or strip (one large)"
    )
    divider: float = Field(
        0.5, ge=0, le=1, description="where tiles that are swiped part frame and map, 0 at their left edge to 1"
    )
    page: int = Field(1, ge=1, description="page of tiles, where there are more than the arrangement has places")
    order: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (),
        description="tile to put first, by node (model.16), name (P3) or 'detections'; repeat for those after it; "
        "the others follow as they do by default: the detections, then stages in order of execution",
    )
    score_map: Annotated[str | None, BeforeValidator(as_text)] = Field(
        None,
        description="class, by name or number, whose scores are shown as tiles: what the head says of it in every cell",
    )
    score_top: float = Field(1.0, ge=0.01, le=1, description="score that has the last colour of those tiles")
    look_at: str | None = Field(
        None,
        description="place to ask about, X1,Y1,X2,Y2 or X,Y in pixels of the source: --packets tells why nothing "
        "was found there",
    )
    cell: str | None = Field(
        None,
        description="cell, STAGE:ROW,COLUMN such as P3:20,31, of which --packets writes what every channel says",
    )
    explain: Annotated[str | None, BeforeValidator(as_text)] = Field(
        None,
        description="show which activations speak for a detection (LayerCAM): a class, by name or number, whose best "
        "candidate is explained in each frame; best, whatever its class; followed, the object of --follow; missed, the "
        "candidate at the place of --look-at; or all detections in one map",
    )
    explain_at: str | None = Field(
        None, description="stage at which the map of --explain is taken, by node or name; default: the head's inputs"
    )
    follow: str | None = Field(
        None,
        description="object to mark in the pictures, followed from a frame of a file in both directions: "
        "CLASS@FRAME:X1,Y1,X2,Y2, such as car@150:300,200,420,280",
    )
    channel: str | None = Field(
        None, description="channel to show in the tile of a tapped stage, STAGE:CHANNEL such as P3:17"
    )
    alone: str | None = Field(
        None, description="tile to show alone, by node, name or 'detections'; default: all of them"
    )
    speed: float = Field(1.0, ge=0.1, le=8, description="playing speed of files, 0.1 to 8")
    loop: bool = Field(True, description="start a file again when it ends")
    shed: bool = Field(
        True,
        description="leave taps out, the largest map first, while it is they that keep playing below the source's rate",
    )
    snapshots: str | None = Field(
        None,
        description="folder for snapshots and exported videos; default: Featscope in the platform's pictures folder",
    )

    @model_validator(mode="after")
    def _one_precision(self) -> Self:
        if self.half and self.bf16:
            raise ConfigError("half and bf16 exclude each other; give one of them")
        return self

    @model_validator(mode="after")
    def _words_are_known(self) -> Self:
        Limits.parse(self.limits)
        _region(self.look_at)
        if self.explain == EXPLAIN_MISSED and self.look_at is None:
            raise ConfigError("--explain missed needs a place; give it as --look-at 300,200,420,280")
        if self.follow is not None:
            Followed.parse(self.follow)
        elif self.explain == EXPLAIN_FOLLOWED:
            raise ConfigError("--explain followed needs an object; give it as --follow car@150:300,200,420,280")
        _cell(self.cell)
        _ = self.alteration
        if self.channel is not None and not self.channel.rpartition(":")[0]:
            raise ConfigError(f"--channel {self.channel} is no channel; give STAGE:CHANNEL, such as P3:17")
        check_reducer(self.reducer)
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", self.device):
            known = ("auto", "cpu", "mps", "cuda")
            word = self.device.replace("gpu", "cuda")  # what many call it
            hint = did_you_mean(word, known) or "; give auto, cpu, mps, cuda or cuda:1"
            raise ConfigError(f"unknown device {self.device!r}{hint}")
        lut(self.colormap, self.alpha)
        return self

    @property
    def tap_settings(self) -> TapSettings:
        """What is asked of the taps."""
        return TapSettings(self.tap, self.reducer, Limits.parse(self.limits))

    @property
    def alteration(self) -> Alteration:
        """What is changed in the network and in the picture."""
        altered = UNALTERED
        words = {parse_mute: self.mute, parse_solo: self.solo, parse_scale: self.scale}
        for edit in (edit for parse, texts in words.items() for text in texts for edit in parse(text)):
            before = altered.edit_of(edit.node, edit.channel)
            altered = altered.edited(edit if before is None else replace(edit, solo=before.solo))
        for text in self.perturb:
            altered = altered.perturbed(Perturbation.parse(text))
        return altered

    def thresholds(self, detector: DetectorInfo | None = None) -> Thresholds:
        """What turns candidates into detections.

        Args:
            detector: Knows its classes; as long as none is loaded, all classes are kept.

        Raises:
            ConfigError: If the detector has no such class; the message suggests the nearest.
        """
        classes = None
        if self.classes is not None and detector is not None:
            count = len(detector.names) or detector.classes
            classes = frozenset(_class_number(word, detector.names, count) for word in self.classes)
        return Thresholds(conf=self.conf, iou=self.iou, max_det=self.max_det, classes=classes)

    def inquiry(self, detector: DetectorInfo, tapped: Iterable[Stage] = ()) -> Inquiry:
        """What is asked of every frame.

        Args:
            detector: Knows its classes.
            tapped: The stages that are watched where `health` is asked for, and of one of which a channel is shown.

        Raises:
            ConfigError: If the detector has no such class, or no stage that is tapped such a channel; the message
                suggests what there is.
        """
        label = None if self.score_map is None else self._class(self.score_map, detector)
        stages = tuple(tapped)
        check = HealthCheck(tuple(stage.node for stage in stages)) if self.health else None
        return Inquiry(
            cell=_cell(self.cell),
            region=_region(self.look_at),
            score_map=label,
            health=check,
            cam=self._cam(detector),
            alteration=self.alteration,
            channel=self._channel(stages),
        )

    def _channel(self, tapped: tuple[Stage, ...]) -> OneChannel | None:
        """The channel that takes the place of its stage's map."""
        if self.channel is None:
            return None
        name, _, number = self.channel.rpartition(":")
        stage = next((stage for stage in tapped if name in (stage.node, stage.name, *stage.aliases)), None)
        if stage is None:
            there = ", ".join(stage.title for stage in tapped) or "none is"
            raise ConfigError(f"--channel {self.channel}: no stage {name!r} is tapped; tapped: {there}")
        if not number.isdigit() or int(number) >= stage.channels:
            raise ConfigError(f"--channel {self.channel}: {stage.title} has channels 0 to {stage.channels - 1}")
        return OneChannel(stage.node, int(number), Limits.parse(self.limits))

    def check_place(self, image_hw: tuple[int, int]) -> None:
        """Refuse a place to look at that is not in the picture.

        Args:
            image_hw: Height and width of the source's pictures in pixels.

        Raises:
            ConfigError: If all of it lies outside.
        """
        region, (height, width) = _region(self.look_at), image_hw
        if region is None:
            return
        left, top, right, bottom = region.xyxy
        if left >= width or top >= height or right < 0 or bottom < 0:
            raise ConfigError(
                f"--look-at {self.look_at} lies outside the picture, which is {width}x{height} pixels; "
                f"give X from 0 to {width - 1} and Y from 0 to {height - 1}"
            )

    def _cam(self, detector: DetectorInfo) -> CamQuestion | None:
        """What is to be explained; None where nothing is."""
        node = self.explain_at or ""
        if self.explain is None:
            return None
        if self.explain == EXPLAIN_ALL:
            return CamQuestion(CamTarget(), node, self.thresholds(detector))
        if self.explain == EXPLAIN_MISSED:
            return CamQuestion(CamTarget(region=_region(self.look_at)), node)
        followed = self.followed(detector)
        if self.explain == EXPLAIN_FOLLOWED and followed is not None:
            return CamQuestion(followed, node)
        label = None if self.explain == EXPLAIN_BEST else self._class(self.explain, detector)
        return CamQuestion(CamTarget(label), node)

    def followed(self, detector: DetectorInfo) -> CamTarget | None:
        """The object to follow, where it is in its frame; None where none is.

        Raises:
            ConfigError: If the detector has no such class; the message suggests the nearest.
        """
        if self.follow is None:
            return None
        meant = Followed.parse(self.follow)
        return CamTarget(self._class(meant.label, detector), meant.xyxy, sure_score=self.conf)

    def _class(self, word: str, detector: DetectorInfo) -> int:
        return _class_number(word, detector.names, len(detector.names) or detector.classes)

    @property
    def size_wh(self) -> tuple[int, int] | None:
        """Width and height asked of a camera."""
        if self.size is None:
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)
