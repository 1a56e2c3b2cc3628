"""All studies of one network: which of them have a question, and what they found together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

from viewer.core.cam import CamWork
from viewer.core.errors import InquiryError, NoGradientError
from viewer.core.inquiry import NOTHING, Findings, Inquiry
from viewer.core.protocols import Detector
from viewer.detectors.recording import first_sentence, recording, renew_kept
from viewer.inference.studies.altering import AlteringStudy
from viewer.inference.studies.cell import CellStudy
from viewer.inference.studies.channel import ChannelStudy
from viewer.inference.studies.explain import CamStudy
from viewer.inference.studies.gallery import GalleryStudy
from viewer.inference.studies.health import HealthStudy
from viewer.inference.studies.region import RegionStudy
from viewer.inference.studies.score_map import ScoreMapStudy
from viewer.inference.study import Seen, Study

STUDIES: tuple[type[Study], ...] = (
    AlteringStudy,
    CellStudy,
    ChannelStudy,
    GalleryStudy,
    CamStudy,
    RegionStudy,
    ScoreMapStudy,
    HealthStudy,
)
"""One a question, in the order in which their hooks fire."""


class Inquirer:
    """Puts questions to a network. All methods belong to the thread that runs it, but for those that say otherwise.

    Args:
        detector: The network.
        studies: What can be asked.
    """

    def __init__(self, detector: Detector, studies: Sequence[type[Study]] = STUDIES) -> None:
        self._detector = detector
        self._kinds = studies
        self._studies: dict[str, Study] = {}
        self._asked = NOTHING
        self.unrecorded = ""
        """Why gradients are not recorded any more though a study asks for them; empty where they are."""

    @property
    def asked(self) -> Inquiry:
        """What is asked."""
        return self._asked

    @property
    def needs_gradients(self) -> bool:
        """Whether a study that has a question needs them."""
        return not self.unrecorded and any(study.needs_gradients for study in self._studies.values())

    def renew_kept(self) -> bool:
        """Let the network forget what it worked out without gradients, as for a new size; whether there was any."""
        with torch.inference_mode(mode=False):
            return renew_kept(self._detector.module)

    def give_up_gradients(self, error: Exception) -> None:
        """Record none until something else is asked: this network does not run while they are recorded."""
        self.unrecorded = first_sentence(error)

    @property
    def altering(self) -> AlteringStudy | None:
        """Who changes the network or the picture; None while nobody does."""
        study = self._studies.get(AlteringStudy.field)
        return study if isinstance(study, AlteringStudy) else None

    @property
    def explaining(self) -> CamWork | None:
        """How far a merged map is; None while none is in the making. Any thread may ask."""
        study = self._studies.get(CamStudy.field)
        return study.work if isinstance(study, CamStudy) else None

    def expect(self, inquiry: Inquiry) -> None:
        """Give up what is worked out slowly for another question than this one; any thread may say so."""
        study = self._studies.get(CamStudy.field)
        if isinstance(study, CamStudy):
            study.expected = inquiry.cam

    def begin(self) -> None:
        """A forward begins."""
        for study in self._studies.values():
            study.begin()

    def ask(self, inquiry: Inquiry) -> None:
        """Take these questions; hooks that no question needs go.

        Raises:
            InquiryError: If one cannot be asked of this network; all that was asked before stands.
        """
        before = self._asked
        self.unrecorded = ""
        try:
            self._hand_out(inquiry)
        except InquiryError:
            self._hand_out(before)
            raise
        self._asked = inquiry

    @contextmanager
    def watching(self) -> Iterator[None]:
        """A context for a forward, which records gradients where a study asks for them."""
        self.begin()
        with recording() if self.needs_gradients else nullcontext():
            yield

    def findings(self, seen: Seen) -> Findings:
        """What the studies found in a frame."""
        found: dict[str, Any] = {}
        refusals: dict[str, str] = {}
        no_gradient_at: str | None = None
        for field, study in self._studies.items():
            try:
                found[field] = study.find(seen)
            except InquiryError as error:
                refusals[field] = str(error)
                if isinstance(error, NoGradientError):
                    no_gradient_at = error.node
        texts, refused = tuple(refusals.values()), tuple(refusals)
        return Findings(refusals=texts, refused=refused, no_gradient_at=no_gradient_at, **found)

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        for study in self._studies.values():
            study.close()
        self._studies.clear()

    def _hand_out(self, inquiry: Inquiry) -> None:
        for kind in self._kinds:
            if getattr(inquiry, kind.field) != getattr(NOTHING, kind.field):
                study = self._studies.get(kind.field) or kind(self._detector)
                self._studies[kind.field] = study
                study.ask(inquiry)
            elif kind.field in self._studies:
                self._studies.pop(kind.field).close()
