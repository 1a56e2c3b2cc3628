"""TorchScript archives, which run but cannot be tapped: one line says so, and what to export instead."""

from typing import NoReturn

from viewer.core.errors import DetectorError
from viewer.detectors.request import LoadRequest


def refuse_torchscript(request: LoadRequest) -> NoReturn:
    """Opener of files whose name says that they are TorchScript.

    Raises:
        DetectorError: Always.
    """
    raise torchscript_error(request.model)


def torchscript_error(file: object) -> DetectorError:
    """Why a TorchScript archive is of no use here, and what is."""
    return DetectorError(
        f"{file} is a TorchScript export, whose inside cannot be tapped; give the checkpoint it came from, or export "
        "the network with torch.export.save(torch.export.export(network, (images,)), 'network.pt2')"
    )
