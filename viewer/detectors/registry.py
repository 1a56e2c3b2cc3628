"""Which adapter opens a model: decided here, by what the user named, and nowhere else."""

from collections.abc import Callable
from pathlib import PurePath

from viewer.core.errors import DetectorError
from viewer.core.protocols import Detector

Progress = Callable[[str, float | None], None]
"""Told what is being done and how far it is, 0..1, or None where that is not known."""


def open_detector(
    model: str,
    *,
    device: str = "auto",
    imgsz: int = 640,
    trust_checkpoint: bool = False,
    half: bool = False,
    rectangular: bool = True,
    end_to_end: bool = False,
    progress: Progress | None = None,
) -> Detector:
    """Load a detection network, ready to be driven.

    Args:
        model: Checkpoint (`best.pt`), model description (`yolo11n.yaml`: random weights), or the bare name of a
            published checkpoint (`yolo11n.pt`), which is downloaded if it is not on disk.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        imgsz: Longest side of the model's input in pixels, rounded up to a multiple of its largest stride.
        trust_checkpoint: Load a checkpoint that holds more than weights and known classes. It can run any code.
        half: Run in 16-bit floats; GPUs only.
        rectangular: Pad a picture no further than the stride asks; otherwise to a square.
        end_to_end: Use the one-to-one branch of a head that has both (YOLOv10, YOLO26) and no suppression. The
            default is the other branch with suppression, as `YOLO.predict` does.
        progress: Told what is being done.

    Raises:
        DetectorError: If the model cannot be found, read or driven.
        UntrustedCheckpointError: If the checkpoint needs `trust_checkpoint`.
        DeviceError: If the device is not there, or has too little memory.
    """
    suffix = PurePath(model).suffix.lower()
    if suffix in (".pt", ".yaml", ".yml"):
        from viewer.detectors.ultralytics.adapter import open_ultralytics

        return open_ultralytics(
            model,
            device=device,
            imgsz=imgsz,
            trust_checkpoint=trust_checkpoint,
            half=half,
            rectangular=rectangular,
            end_to_end=end_to_end,
            progress=progress or _silent,
        )
    raise DetectorError(
        f"cannot open model {model!r}: give an ultralytics checkpoint (.pt) or model description (.yaml); "
        "exported models have no modules to tap"
    )


def _silent(_what: str, _share: float | None) -> None:
    pass
