"""TorchScript archives, which run but cannot be tapped: one line says so, and what to export instead."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NoReturn

from viewer.core.errors import DetectorError
from viewer.detectors.request import LoadRequest


def refuse_torchscript(request: LoadRequest) -> NoReturn:
    """Opener of files whose name says that they are TorchScript.

    Raises:
        DetectorError: Always.
    """
    raise torchscript_error(request.model)


def is_torchscript(file: Path | IO[bytes]) -> bool:
    """Whether a file, or what was read of one, is a TorchScript archive; nothing in it is loaded."""
    try:
        with zipfile.ZipFile(file) as archive:
            return holds_torchscript(archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def holds_torchscript(names: Iterable[str]) -> bool:
    """Whether an archive of these members is TorchScript; checkpoints and exported programs have no constants."""
    return any(name.endswith("/constants.pkl") for name in names)


def torchscript_error(file: object) -> DetectorError:
    """Why a TorchScript archive is of no use here, and what is."""
    return DetectorError(
        f"{file} is a TorchScript export, whose inside cannot be tapped; give the checkpoint it came from, or export "
        "the network with torch.export.save(torch.export.export(network, (images,)), 'network.pt2')"
    )
