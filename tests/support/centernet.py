"""A real COCO detector from outside the project, opened through the few lines of glue a user would write."""

from pathlib import Path

FOLDER = Path(__file__).parents[3] / "shared" / "real"
IS_THERE = (FOLDER / "centernet_coco.npz").exists()

GLUE = f"""\
import sys

sys.path.append({str(FOLDER)!r})
import centernet_coco

names, input_size = centernet_coco.NAMES, centernet_coco.INPUT_SIZE
resize, suppress = "stretch", False


def build(device):
    return centernet_coco.build()


def preprocess(images):
    return images * 255


def decode(outputs, letterbox):
    return centernet_coco.decode(*outputs, image_hw=letterbox.input_hw, threshold=0)
"""


def write_glue(folder: Path) -> Path:
    """The glue as a file to give to `--model`."""
    path = folder / "centernet.py"
    path.write_text(GLUE)
    return path
