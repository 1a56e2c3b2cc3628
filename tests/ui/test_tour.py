"""What the tour relies on: an engine that can be hushed, and places in the picture that are worth a question."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core import Boxes
from viewer.core.messages import Loading, Pause
from viewer.ui.tour.questions import best_place, missed_place
from viewer.ui.tour.staged import StagedEngine


def test_an_engine_is_hushed_after_the_event_that_is_waited_for_and_heard_again(fake_engine):
    real = fake_engine(eager=False)
    staged = StagedEngine(real)
    staged.start(lambda: None)
    staged.hush_after(lambda event: event == Loading("two"))
    for text in ("one", "two", "three"):
        real.post(Loading(text))
    assert staged.take_events() == [Loading("one"), Loading("two")]
    real.show(3)
    staged.send(Pause())
    assert (staged.take_events(), staged.take_packet(), real.sent) == ([], None, [])

    staged.resume()
    real.post(Loading("two"))
    real.post(Loading("four"))
    assert staged.take_events() == [Loading("two"), Loading("four")]


def test_an_engine_that_is_said_to_be_gone_shows_no_frame_after_the_one_that_is_kept(fake_engine):
    real = fake_engine()
    staged = StagedEngine(real)
    staged.start(lambda: None)
    staged.die()
    real.show(3)
    assert (staged.is_alive, staged.take_packet()) == (False, None)
    staged.resume()
    assert staged.take_packet().frame.index == 3


def test_questions_are_about_the_best_object_and_the_best_that_was_missed(open_window, fake_engine):
    class Missing(fake_engine):
        def packet(self, index):
            packet = super().packet(index)
            found = packet.candidates
            missed = [found.xyxy[1], (300, 300, 340, 350)]  # the first is another try at an object that is found
            candidates = Boxes(
                np.concatenate([found.xyxy, np.array(missed, np.float32)]),
                np.append(found.scores, np.array([0.2, 0.1], np.float32)),
                np.append(found.labels, np.array([2, 2], np.int32)),
                np.append(found.strides, np.array([8, 8], np.int32)),
            )
            return replace(packet, candidates=candidates)

    opened = open_window(Missing())
    assert best_place(opened.window) == pytest.approx(opened.controller.plan.boxes[-1].xyxy)
    assert missed_place(opened.window) == (300, 300, 340, 350)


def test_where_nothing_is_found_questions_are_about_the_middle(open_window, fake_engine):
    class Empty(fake_engine):
        def packet(self, index):
            return replace(super().packet(index), candidates=Boxes.empty(), detections=Boxes.empty())

    opened = open_window(Empty())
    assert best_place(opened.window) == missed_place(opened.window) == pytest.approx((256, 144, 384, 216))
