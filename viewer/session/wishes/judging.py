"""Wishes for what counts as a detection: the network is not asked again, so they move over the frame that is shown."""

from dataclasses import replace
from typing import Any

from viewer.core.messages import SetThresholds
from viewer.session.classes import only, switched
from viewer.session.session import Session
from viewer.session.wishes.objects import Objects


class Judging:
    """Sets thresholds and classes.

    Args:
        session: Whose detections they choose.
        objects: Looks for the chosen one among them.
    """

    def __init__(self, session: Session, objects: Objects) -> None:
        self._session, self._objects = session, objects

    def set_conf(self, conf: float) -> None:
        """Least score of a detection, 0..1; also moves over the frame that is shown."""
        self._judge(conf=min(max(conf, 0.0), 1.0))

    def set_iou(self, iou: float) -> None:
        """Overlap above which two boxes of a class are one, 0..1; also moves over the frame that is shown."""
        self._judge(iou=min(max(iou, 0.0), 1.0))

    def set_max_det(self, count: int) -> None:
        """Most detections a frame."""
        self._judge(max_det=max(1, count))

    def keep_class(self, label: int, on: bool) -> None:
        """Keep objects of a class or leave them out; also moves over the frame that is shown."""
        self._judge(classes=switched(self._session.state, label, on))

    def keep_only(self, label: int) -> None:
        """Keep objects of this class alone; of all again if it is alone already."""
        self._judge(classes=only(self._session.state, label))

    def keep_all_classes(self, on: bool) -> None:
        """Keep objects of all classes, or of none."""
        self._judge(classes=None if on else frozenset())

    def _judge(self, **changes: Any) -> None:
        thresholds = replace(self._session.state.thresholds, **changes)
        if thresholds != self._session.state.thresholds:
            self._session.update(thresholds=thresholds)
            self._session.send(SetThresholds(thresholds))
            self._objects.attend()
