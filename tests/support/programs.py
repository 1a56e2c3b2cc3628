"""Exported programs to open, and ways to tamper with them."""

import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

SIZE = 64


class Spotter(nn.Module):
    """Two strides, a shared convolution that runs twice, an in-place activation and a functional sum.

    Its first channels carry the picture's brightness unchanged, so that a bright patch can be followed through.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 8, 4, 4), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.AvgPool2d(2))
        self.shared = nn.Conv2d(8, 8, 1)
        self.down = nn.AvgPool2d(2)
        self.head = nn.Conv2d(8, 7, 1)
        for convolution in (self.backbone[0], self.shared):
            nn.init.constant_(convolution.weight, 1 / convolution.weight[0].numel())
            nn.init.zeros_(convolution.bias)
        nn.init.normal_(self.head.weight, std=3.0)  # spreads the boxes over the picture
        nn.init.constant_(self.head.bias[2:4], -2.0)  # and keeps them small
        self.backbone[1].running_mean.fill_(0.5)  # so that the activation has something to take away

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        fine = self.backbone(images)
        coarse = self.down(self.shared(self.shared(fine)))
        levels = [fine + torch.nn.functional.interpolate(coarse, scale_factor=2.0), coarse]
        return torch.cat([self.head(level).sigmoid().flatten(2) for level in levels], 2)


def spotter() -> Spotter:
    torch.manual_seed(3)
    return Spotter().eval()


def save_program(path: Path, network: nn.Module | None = None, *, size: int = SIZE, **options: Any) -> Path:
    """Export a network for one square picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(network or spotter(), (torch.rand(1, 3, size, size),), **options)
        torch.export.save(program, str(path))
    return path


def tampered(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a copy of an archive whose members somebody has changed."""
    reader = torch._C.PyTorchFileReader(io.BytesIO(source.read_bytes()))
    kept = (name for name in reader.get_all_records() if not name.startswith(".data/"))
    members = {name: bytes(reader.get_record(name)) for name in kept}
    change(members)
    writer = torch._C.PyTorchFileWriter(str(target))
    for name, content in members.items():
        if name not in ("version", "byteorder"):
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    return target


def edited(member: str, change: Callable[[Any], None]) -> Callable[[dict[str, bytes]], None]:
    """A change to one JSON member, for `tampered`."""

    def edit(members: dict[str, bytes]) -> None:
        value = json.loads(members[member])
        change(value)
        members[member] = json.dumps(value).encode()

    return edit
