"""The options, each with its type, default, bounds and help text."""

import re
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.suppression import Thresholds
from viewer.core.tapping import Limits, TapSettings, check_reducer
from viewer.render.colormap import lut

DEMO = "demo"
"""Name of the clip and the detector that ship with Featscope."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_text(value: object) -> object:
    """`source: 0` in YAML is a number, and a camera all the same."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Config(BaseModel):
    """Everything that describes one run: what to watch, with which network, what to tap and how to show it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, BeforeValidator(_as_text)] = Field(
        DEMO,
        description="video file, camera number or /dev/video*, rtsp/http/udp/tcp address, folder "
        "or glob of images, or 'demo'",
    )
    size: str | None = Field(
        None, pattern=r"^\d+x\d+$", description="picture size to ask of a camera, such as 1280x720"
    )
    fps: float | None = Field(None, gt=0, le=1000, description="frame rate to ask of a camera, or to play images at")
    model: str = Field(DEMO, description="checkpoint (.pt), architecture (.yaml) or 'demo'")
    trust_checkpoint: bool = Field(False, description="load a checkpoint that can run code; only for files you made")
    device: str = Field(
        "auto",
        description="auto (CUDA, then MPS, then CPU), cpu, mps, cuda or cuda:N",
    )
    imgsz: int = Field(640, ge=32, le=4096, description="longest side of the model's input in pixels")
    tap: Annotated[tuple[str, ...] | None, BeforeValidator(_as_tuple)] = Field(
        None, description="stage to tap, by node (model.16) or name (P3); repeat for more; default: the model's own"
    )
    reducer: str = Field("absmean", description="how channels collapse: absmean, mean, max, rms or channel:K")
    limits: str = Field("running", description="values of first and last colour: frame, running or LOW:HIGH")
    conf: float = Field(0.25, ge=0, le=1, description="least score of a detection, 0 to 1")
    iou: float = Field(0.7, ge=0, le=1, description="overlap above which two boxes of a class are one, 0 to 1")
    max_det: int = Field(300, ge=1, le=1000, description="most detections a frame")
    alpha: float = Field(0.55, ge=0, le=1, description="opacity of the overlays, 0 to 1")
    colormap: str = Field(
        "inferno", description="colour map of the overlays: inferno, viridis, magma, cividis, turbo, gray"
    )
    speed: float = Field(1.0, ge=0.1, le=8, description="playing speed of files, 0.1 to 8")
    loop: bool = Field(True, description="start a file again when it ends")

    @model_validator(mode="after")
    def _words_are_known(self) -> Self:
        Limits.parse(self.limits)
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
    def thresholds(self) -> Thresholds:
        """What turns candidates into detections."""
        return Thresholds(conf=self.conf, iou=self.iou, max_det=self.max_det)

    @property
    def size_wh(self) -> tuple[int, int] | None:
        """Width and height asked of a camera."""
        if self.size is None:
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)
