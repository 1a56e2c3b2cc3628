"""What is altered is what the network computes with, and what it found before stands beside it."""

import numpy as np
import pytest
import torch

from tests.inference.late_runtime import LateRuntime
from tests.support.conv import ConvDetector
from tests.support.tiny import TinyDetector
from viewer.core import Frame, Limits, LimitsMode, TapSettings, Thresholds
from viewer.core.alteration import Alteration, ChannelEdit
from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.errors import InquiryError
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.perturbation import Kind, Perturbation
from viewer.inference import TappedNetwork
from viewer.pipeline import Pipeline

TAPS = TapSettings(limits=Limits(LimitsMode.FRAME))


def frame(seed=0, hw=(64, 64)):
    return Frame(np.random.default_rng(seed).integers(0, 256, (*hw, 3), np.uint8), 3, 0.12, 0.0)


def pipeline_of(detector, settings=TAPS):
    return Pipeline(TappedNetwork(detector, settings), Thresholds(conf=0.3))


def alter(*edits, perturbations=()):
    return Inquiry(alteration=Alteration(edits, perturbations))


def hooks(module):
    return sum(len(part._forward_hooks) for part in module.modules())


def test_muting_a_channel_equals_zeroing_the_weights_that_make_it():
    cut = ConvDetector()
    with torch.no_grad():
        cut.module.stem[0].weight[2] = 0
        cut.module.stem[0].bias[2] = 0
    with pipeline_of(cut) as want, pipeline_of(ConvDetector()) as pipeline:
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2)))
        wanted, got = want.process(frame()), pipeline.process(frame())
    np.testing.assert_allclose(got.candidates.scores, wanted.candidates.scores, atol=1e-6)
    np.testing.assert_array_equal(got.candidates.xyxy, wanted.candidates.xyxy)
    for one, other in zip(got.taps, wanted.taps, strict=True):  # taps see what the network goes on with
        assert one.limits == pytest.approx(other.limits, rel=1e-5)
        np.testing.assert_allclose(one.codes.astype(int), other.codes.astype(int), atol=1)


@pytest.mark.parametrize("broken", [np.inf, np.nan])
def test_muting_a_broken_channel_mends_the_network(broken):
    detector = ConvDetector()
    with torch.no_grad():
        detector.module.stem[0].bias[2] = broken
    with pipeline_of(detector) as pipeline:
        assert all(tap.nonfinite for tap in pipeline.process(frame()).taps)
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2)))
        got = pipeline.process(frame())
    assert not any(tap.nonfinite for tap in got.taps)
    assert np.isfinite(got.candidates.scores).all()


def test_solo_keeps_one_channel_and_a_factor_scales():
    kept = ConvDetector()
    with torch.no_grad():
        for channel in range(8):
            if channel != 5:
                kept.module.head.weight[:, channel] = 0
        kept.module.head.weight[:, 5] *= 2.5
    with pipeline_of(kept) as want, pipeline_of(ConvDetector()) as pipeline:
        pipeline.set_inquiry(alter(ChannelEdit("P3", 5, 2.5, solo=True)))
        wanted, got = want.process(frame()), pipeline.process(frame())
    np.testing.assert_allclose(got.candidates.scores, wanted.candidates.scores, atol=1e-6)


def test_what_was_found_before_is_the_network_as_it_is():
    with pipeline_of(ConvDetector()) as pipeline:
        plain = pipeline.process(frame())
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2), ChannelEdit("block", 1, 3.0)))
        altered = pipeline.process(frame())
        again = pipeline.process(frame())
    before = altered.findings.alteration.candidates
    np.testing.assert_array_equal(before.xyxy, plain.candidates.xyxy)
    np.testing.assert_allclose(before.scores, plain.candidates.scores, atol=1e-6)
    assert not np.allclose(altered.candidates.scores, plain.candidates.scores, atol=1e-3)
    np.testing.assert_array_equal(again.findings.alteration.candidates.scores, before.scores)
    assert altered.frame.rgb is not None
    assert plain.findings.alteration is None


def test_another_factor_needs_no_other_hook_and_nothing_altered_has_none():
    detector = ConvDetector()
    with pipeline_of(detector) as pipeline:
        bare = hooks(detector.module)
        pipeline.process(frame())
        assert detector.forwards == 1
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2)))
        assert hooks(detector.module) == bare + 1
        first = list(detector.module.stem._forward_hooks)
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2, 0.5), ChannelEdit("stem", 4)))
        assert list(detector.module.stem._forward_hooks) == first
        pipeline.process(frame())
        assert detector.forwards == 3
        pipeline.set_inquiry(NOTHING)
        assert hooks(detector.module) == bare
        assert pipeline.process(frame()).findings.alteration is None
        assert detector.forwards == 4
    assert hooks(detector.module) == 0


def test_a_channel_can_be_altered_where_no_tap_stands_and_when_taps_change():
    with pipeline_of(ConvDetector(), TapSettings(nodes=("P3",), limits=TAPS.limits)) as pipeline:
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2)))
        before = pipeline.process(frame())
        pipeline.set_taps(TAPS)
        after = pipeline.process(frame())
    assert [tap.stage.node for tap in after.taps] == ["stem", "block"]
    np.testing.assert_allclose(after.candidates.scores, before.candidates.scores, atol=1e-6)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (ChannelEdit("stem", 6), "it has 6"),
        (ChannelEdit("stem", -1), "no channel -1"),
        (ChannelEdit("stam", 0), "did you mean 'stem'"),
        (ChannelEdit("stem", 1, float("nan")), "by nan; give 0 to 10"),
        (ChannelEdit("stem", 1, -1.0), "by -1; give 0 to 10"),
    ],
)
def test_what_is_not_there_is_refused_and_what_was_altered_stays_so(edit, words):
    with pipeline_of(ConvDetector()) as pipeline:
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2)))
        want = pipeline.process(frame())
        with pytest.raises(InquiryError, match=words):
            pipeline.set_inquiry(alter(ChannelEdit("stem", 2), edit))
        got = pipeline.process(frame())
    np.testing.assert_array_equal(got.candidates.scores, want.candidates.scores)


@pytest.mark.parametrize(
    ("perturbation", "words"),
    [
        (Perturbation(Kind.BRIGHTNESS, float("nan")), "brightness:0.1 to brightness:3"),
        (Perturbation(Kind.GAMMA, -1.0), "gamma:0.2 to gamma:4"),
        (Perturbation(Kind.OCCLUDE), "covers nothing"),
    ],
)
def test_an_amount_that_there_cannot_be_is_refused(perturbation, words):
    with pipeline_of(ConvDetector()) as pipeline, pytest.raises(InquiryError, match=words):
        pipeline.set_inquiry(alter(perturbations=(perturbation,)))


def test_the_altered_picture_is_what_the_network_sees_and_what_the_packet_carries():
    picture = frame()
    darker = Frame((picture.rgb * 0.5).round().astype(np.uint8), 3, 0.12, 0.0)
    with pipeline_of(ConvDetector()) as pipeline:
        want = pipeline.process(darker)
        pipeline.set_inquiry(alter(perturbations=(Perturbation(Kind.BRIGHTNESS, 0.5),)))
        got = pipeline.process(picture)
    np.testing.assert_allclose(got.frame.rgb.astype(int), darker.rgb.astype(int), atol=1)
    np.testing.assert_allclose(got.candidates.scores, want.candidates.scores, atol=5e-3)
    assert not got.frame.rgb.flags.writeable
    assert got.frame.index == 3


def test_taps_that_compare_frames_do_not_see_the_frame_before_it_is_altered():
    with pipeline_of(ConvDetector(), TapSettings(reducer="difference", limits=TAPS.limits)) as pipeline:
        pipeline.set_inquiry(alter(ChannelEdit("stem", 2)))
        for _ in range(3):
            packet = pipeline.process(frame())
    assert all(tap.max == 0.0 for tap in packet.taps)


def test_what_is_found_in_an_altered_network_is_explained_by_it():
    with pipeline_of(ConvDetector()) as pipeline:
        alteration = Alteration((ChannelEdit("stem", 2), ChannelEdit("P3", 1, 0.5)))
        pipeline.set_inquiry(Inquiry(alteration=alteration))
        want = pipeline.process(frame())
        pipeline.set_inquiry(Inquiry(alteration=alteration, cam=CamQuestion(CamTarget(), "stem")))
        packet = pipeline.process(frame())
    assert packet.findings.refusals == ()
    np.testing.assert_allclose(packet.candidates.scores, want.candidates.scores, atol=1e-6)
    np.testing.assert_array_equal(
        packet.findings.alteration.candidates.scores, want.findings.alteration.candidates.scores
    )
    evidence = dict(packet.findings.cam.channels)
    assert evidence.get(2, 0.0) == 0.0  # a channel that is muted speaks for nothing
    assert max(evidence.values()) > 0


def test_a_device_runs_it_twice_as_well():
    detector = TinyDetector()
    network = TappedNetwork(detector, TAPS, runtime=LateRuntime(detector.module))
    bright = Frame(np.full((60, 90, 3), 125, np.uint8), 0, 0.0, 0.0)
    with Pipeline(network, Thresholds(conf=0.1)) as pipeline:
        pipeline.process(bright)
        pipeline.set_inquiry(alter(ChannelEdit("stem", 0, 2.0)))
        packet = pipeline.process(bright)
        assert pipeline.info.execution.startswith("eager")
        pipeline.set_inquiry(NOTHING)
        plain = pipeline.process(bright)
    assert packet.findings.alteration.candidates.scores[0] == pytest.approx(125 / 255, abs=0.01)
    assert packet.candidates.scores[0] == pytest.approx(250 / 255, abs=0.02)
    assert plain.candidates.scores[0] == pytest.approx(125 / 255, abs=0.01)
