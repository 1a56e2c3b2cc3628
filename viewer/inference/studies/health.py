"""How the stages are, in every frame: channels are summed up in hooks, and what comes of them down together."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.alteration import ChannelEdit, factors_of
from viewer.core.errors import InquiryError
from viewer.core.health import HealthCheck, StageHealth
from viewer.core.inquiry import Inquiry
from viewer.core.protocols import Detector
from viewer.core.stage import find_stages
from viewer.inference.studies.channel_sums import channel_sums
from viewer.inference.studies.health_tracker import HealthTracker, Watched
from viewer.inference.studies.listening import Listener
from viewer.inference.study import Seen


class HealthStudy:
    """Listens to several stages and follows them from frame to frame."""

    field: ClassVar[str] = "health"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._check = HealthCheck(())
        self._listeners: tuple[Listener, ...] = ()
        self._edits: dict[str, list[ChannelEdit]] = {}
        self._heard: dict[int, tuple[Watched, Tensor]] = {}
        self._tracker: HealthTracker | None = None

    def ask(self, inquiry: Inquiry) -> None:
        """Look at these stages from the next frame on; another question begins anew.

        Raises:
            InquiryError: If there is no such stage.
        """
        check = inquiry.health
        self._edits = self._edits_by_node(inquiry.alteration.edits)
        if check is None or check == self._check:
            return
        if check.nodes != self._check.nodes:
            fresh = self._listen(check.nodes)
            self.close()
            self._listeners = fresh
        self._check, self._tracker = check, None

    def begin(self) -> None:
        """Forget the last frame, and nothing else."""
        self._heard.clear()
        for listener in self._listeners:
            listener.begin()

    def find(self, seen: Seen) -> tuple[StageHealth, ...]:
        """How each stage is that gave an activation, in the order in which they were asked for.

        Raises:
            InquiryError: If none did.
        """
        if not self._heard:
            raise InquiryError("none of the tapped stages gave an activation in this frame; tap another one")
        watched, sums = zip(*(self._heard[place] for place in sorted(self._heard)), strict=True)
        if self._tracker is None or self._tracker.watched != watched:
            self._tracker = HealthTracker(self._check, watched)
        silenced = np.concatenate([self._silenced(each) for each in watched])
        numbers = torch.cat(sums, 1).cpu().numpy()
        return self._tracker.see(seen.frame.index, numbers, silenced=silenced, live=seen.frame.live)

    def close(self) -> None:
        """Remove the hooks."""
        for listener in self._listeners:
            listener.close()
        self._listeners = ()

    def _silenced(self, watched: Watched) -> NDArray[np.bool_]:
        """(channels,) which of a stage somebody muted, or silenced by making others solo."""
        return factors_of(self._edits.get(watched.stage.node, []), watched.channels) == 0

    def _edits_by_node(self, edits: Sequence[ChannelEdit]) -> dict[str, list[ChannelEdit]]:
        """The changes of channels, which the network took already, by the stages they mean."""
        found: dict[str, list[ChannelEdit]] = {}
        for edit in edits:
            (stage,) = find_stages((edit.node,), self._detector.stages, model=self._detector.info.name)
            found.setdefault(stage.node, []).append(edit)
        return found

    def _listen(self, nodes: Sequence[str]) -> tuple[Listener, ...]:
        """A hook on each; none is left if one of them is refused."""
        listeners: list[Listener] = []
        try:
            for place, node in enumerate(nodes):
                listeners.append(Listener(self._detector, node, partial(self._take, place)))
        except InquiryError:
            for listener in listeners:
                listener.close()
            raise
        return tuple(listeners)

    def _take(self, place: int, activation: Tensor) -> None:
        channels, rows, columns = activation.shape
        dtype = str(activation.dtype).removeprefix("torch.")
        watched = Watched(self._listeners[place].stage, channels, rows * columns, dtype)
        self._heard[place] = watched, channel_sums(activation, self._check.epsilon)
