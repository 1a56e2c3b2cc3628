"""What is asked about cells and channels, and what is told of them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.session.conftest import STAGES, make_packet
from viewer.core import Limits, LimitsMode, TapMap
from viewer.core.cell import Cell, CellGrid, CellVector
from viewer.core.channels import Gallery, OneChannel, RankBy, Thumbnails
from viewer.core.errors import ConfigError
from viewer.core.field import ReceptiveField, Span
from viewer.core.geometry import Letterbox
from viewer.core.inquiry import NOTHING, Findings
from viewer.core.messages import SetInquiry, SetTaps
from viewer.session.cells import BINS, cell_at, centre_of, facts_of, in_order, map_values, mark_of
from viewer.session.keep import kept
from viewer.session.probe import spots_at, words_at
from viewer.session.side import Side

P3 = "model.16"
LETTERBOX = Letterbox.fit((360, 640), (640, 640))


def vector(cell=None, values=(0.5, -1.0, 2.0)):
    return CellVector(cell or Cell(P3, 20, 30), STAGES[2], (48, 80), np.array(values, np.float32))


def answered(packet, **findings):
    return replace(packet, findings=Findings(**findings))


def asked(engine):
    return [intent.inquiry for intent in engine.sent if isinstance(intent, SetInquiry)]


def come(controller, engine, **findings):
    """Let a frame come with these answers."""
    engine.packet = answered(make_packet(), **findings)
    controller.pump()


@pytest.fixture
def on(controller, engine):
    """A controller that shows a frame."""
    come(controller, engine)
    engine.sent.clear()
    return controller


def test_a_cell_is_written_and_read():
    assert Cell.parse("P3:20,31") == Cell("P3", 20, 31)
    assert Cell.parse("body.layer2@2: 0, 5") == Cell("body.layer2@2", 0, 5)
    for wrong in ("P3", "P3:20", "P3:a,1", ":1,2", "P3:-1,2"):
        with pytest.raises(ConfigError, match="STAGE:ROW,COLUMN"):
            Cell.parse(wrong)


def test_the_grid_behind_a_map_that_was_averaged_down_is_that_of_the_activation():
    fine = replace(STAGES[2], stride=2)
    assert CellGrid.of_map(fine, (96, 160), LETTERBOX).map_hw == (192, 320)
    assert CellGrid.of_map(STAGES[2], (48, 80), LETTERBOX).map_hw == (48, 80)
    assert CellGrid.of_map(replace(STAGES[2], stride=512), (1, 1), LETTERBOX).map_hw == (1, 1)


def test_patch_and_field_lie_where_the_letterbox_says():
    # 640x360 in 640x384: 12 rows of padding above, scale 1.
    field = ReceptiveField(P3, Span(8, -10, 17), Span(8, -10, 17))
    grid = CellGrid(STAGES[2], (48, 80), LETTERBOX, field)
    cell = grid.cell_at(245.0, 160.0)
    assert cell == Cell(P3, 21, 30)
    patch, whole = grid.patch(cell), grid.field_rect(cell)
    assert (patch.x, patch.y, patch.width, patch.height) == (240, 156, 8, 8)
    assert (whole.x, whole.y, whole.width, whole.height) == (230, 146, 28, 28)
    assert grid.share((240, 156, 248, 164)) == pytest.approx((30 / 80, 21 / 48, 31 / 80, 22 / 48))
    assert grid.cell_at(-1, 0) is None


def test_the_crosshair_tells_stride_and_field(on):
    on._session.update(
        detector=replace(on.state.detector, fields=(ReceptiveField(P3, Span(8, -3, 3), Span(8, -3, 3)),))
    )
    tile = on.plan.tiles[1]
    words = words_at(tile.overlay, 245, 160, here=True)
    assert "stride 8" in words
    assert "sees 7\N{MULTIPLICATION SIGN}7 px" in words
    patch, field = spots_at(tile, 245, 160)
    assert (patch.width, field.width) == (8, 7)
    on._session.update(detector=replace(on.state.detector, fields=(ReceptiveField(P3, None, None),)))
    assert len(spots_at(on.plan.tiles[1], 245, 160)) == 1, "the whole input is not framed"


def test_a_pinned_cell_is_asked_for_while_its_page_is_open(on, engine):
    on.pick_cell(P3, 245.0, 160.0)
    assert on.state.side is Side.CELL
    assert [inquiry.cell for inquiry in asked(engine)] == [Cell(P3, 21, 30)]
    on.show_side(Side.OBJECTS)
    assert asked(engine)[-1] == NOTHING
    on.show_side(Side.CELL)
    assert asked(engine)[-1].cell == Cell(P3, 21, 30)
    on.unpin_cell()
    assert asked(engine)[-1] == NOTHING
    assert on.state.pinned is None


def test_a_place_beside_the_map_or_without_one_pins_nothing(on, engine):
    on.pick_cell(P3, -50.0, 160.0)
    on.pick_cell("detections", 100.0, 100.0)
    assert (on.state.pinned, on.state.side, engine.sent) == (None, Side.OBJECTS, [])
    assert cell_at(on.plan, P3, 0.0, 0.0) == Cell(P3, 1, 0)


def test_what_is_told_of_a_cell(on, engine):
    on.pick_cell(P3, 245.0, 160.0)
    come(on, engine, cell=vector(Cell(P3, 21, 30)))
    facts = {fact.name: fact.value for fact in facts_of(on.state, on.packet)}
    assert facts["Cell"] == "row 21, column 30"
    assert facts["Pixel"].startswith("240, 156")
    assert facts["Stride"] == "8 px"
    assert centre_of(on.state, on.packet) == (244.0, 160.0)
    assert mark_of(on.state, on.packet).patch.x == 240
    on.pick_cell(P3, 100.0, 100.0)
    assert mark_of(on.state, on.packet) is None, "the answer is of another cell"
    assert facts_of(on.state, on.packet) == ()


def test_channels_are_in_order_and_what_is_not_finite_is_last():
    found = vector(values=(1.0, np.nan, 3.0, -2.0, 3.0))
    assert in_order(found).tolist() == [2, 4, 0, 3, 1]


def test_the_histogram_counts_finite_cells_and_marks_the_pinned_one():
    codes = np.full((48, 80), 1, np.uint8)
    codes[0, :5], codes[20, 30], codes[1, 1] = 0, 255, 128
    tap = TapMap(STAGES[2], "absmean", codes, (0.0, 2.54), 0.0, 2.54, 5)
    values = map_values(vector(), [tap])
    assert len(values.counts) == BINS
    assert values.counts.sum() == 48 * 80 - 5
    assert (values.counts[-1], values.counts[BINS // 2]) == (1, 1)
    assert values.value == pytest.approx(2.54)
    assert map_values(vector(), []) is None


def test_similarity_is_a_reducer_that_goes_back_to_the_one_before(on, engine):
    on.set_reducer("max")
    on.pick_cell(P3, 245.0, 160.0)
    on.toggle_similarity()
    assert on.state.taps.reducer == "max", "nothing is known of the cell yet"
    come(on, engine, cell=vector(Cell(P3, 21, 30)))
    on.toggle_similarity()
    assert on.state.taps.reducer == "similarity:244,160"
    on.pick_cell(P3, 100.0, 100.0)
    come(on, engine, cell=vector(on.state.pinned))
    x, y = centre_of(on.state, on.packet)
    assert on.state.taps.reducer == f"similarity:{x:g},{y:g}", "it goes along with the cell"
    on.toggle_similarity()
    assert on.state.taps.reducer == "max"
    assert [i.settings.reducer for i in engine.sent if isinstance(i, SetTaps)][-1] == "max"


def test_the_strongest_channel_is_shown_as_soon_as_it_is_known(on, engine):
    on.pick_strongest(P3, 245.0, 160.0)
    assert asked(engine)[-1].cell == Cell(P3, 21, 30)
    assert on.state.side is Side.OBJECTS
    come(on, engine, cell=vector(Cell(P3, 21, 30)))
    assert asked(engine)[-1].channel == OneChannel(P3, 2)
    assert asked(engine)[-1].cell is None, "its page is not open"


def channel(number):
    return TapMap(STAGES[2], f"channel:{number}", np.full((48, 80), 9, np.uint8), (0.0, 1.0), 0.1, 1.0, 0)


def test_one_channel_takes_the_place_of_its_stages_map_only(on, engine):
    engine.packet = answered(make_packet(nodes=("model.4", P3)), channel=channel(17))
    on.tap_only(("model.4", P3))
    on.show_channel(P3, 17)
    on.pump()
    assert [tile.title for tile in on.plan.tiles] == ["Detections", "model.4", "P3 ch 17"]
    assert "channel:17" in on.plan.tiles[2].subtitle
    assert on.state.taps.reducer == "absmean"
    on.browse_channels(-18)
    assert on.state.inquiry.channel.number == 63, "round the end of 64 channels"
    assert on.plan.tiles[2].title == "P3", "that of before is none of it"
    on.leave_channel()
    assert asked(engine)[-1] == NOTHING


def test_a_channel_has_the_limits_of_the_maps_and_goes_with_its_tile(on, engine):
    on.show_channel(P3, 3)
    on.set_limits(Limits(LimitsMode.FRAME))
    assert asked(engine)[-1].channel == OneChannel(P3, 3, Limits(LimitsMode.FRAME))
    on.toggle_tap(P3, False)
    assert asked(engine)[-1] == NOTHING
    on.show_channel("model.4", 5)
    assert on.state.tapped == ("model.4",), "a channel of a stage that is not tapped taps it"


def test_browsing_without_a_channel_does_nothing(on, engine):
    on.browse_channels(1)
    assert engine.sent == []


def gallery_page(page=0, by=RankBy.MEAN):
    numbers = np.arange(24, dtype=np.int32)
    codes = np.ones((24, 4, 5), np.uint8)
    return Thumbnails(STAGES[2], by, page, numbers, numbers.astype(np.float32), codes, np.zeros((24, 2), np.float32))


def test_a_gallery_is_asked_for_page_by_page(on, engine):
    on.open_gallery()
    assert asked(engine)[-1].gallery == Gallery(P3)
    come(on, engine, gallery=gallery_page())
    for _ in range(9):
        on.turn_gallery(1)
    assert on.state.inquiry.gallery.page == 2, "64 channels fill three pages"
    on.rank_channels(RankBy.VARIANCE)
    assert on.state.inquiry.gallery == Gallery(P3, RankBy.VARIANCE)
    on.take_channel(7)
    assert (asked(engine)[-1].gallery, asked(engine)[-1].channel) == (None, OneChannel(P3, 7))


def test_a_gallery_follows_the_box_of_the_chosen_object(on, engine):
    on.open_gallery()
    on.rank_channels(RankBy.BOX)
    assert on.state.inquiry.gallery.by is RankBy.MEAN
    assert "click an object" in on.state.notice.text
    on.choose(on.plan.boxes[-1])
    on.rank_channels(RankBy.BOX)
    assert on.state.inquiry.gallery.box == pytest.approx((10 / 640, 22 / 384, 60 / 640, 72 / 384))
    moved = make_packet(8)
    boxes = moved.candidates
    engine.packet = replace(moved, candidates=replace(boxes, xyxy=boxes.xyxy + np.float32(4)))
    on.pump()
    assert on.state.inquiry.gallery.box == pytest.approx((14 / 640, 26 / 384, 64 / 640, 76 / 384))


def test_another_network_forgets_cells(on):
    from viewer.session.events import after_opening

    on.pick_cell(P3, 245.0, 160.0)
    after = after_opening(on.state, new_source=False)
    assert (after.pinned, after.inquiry, after.reducer_before) == (None, NOTHING, "")


def test_answers_outlive_the_memory_they_came_in():
    before = answered(make_packet(), cell=vector(), gallery=gallery_page(), channel=channel(1))
    after = kept(before)
    for one, other in (
        (before.findings.cell.values, after.findings.cell.values),
        (before.findings.gallery.codes, after.findings.gallery.codes),
        (before.findings.channel.codes, after.findings.channel.codes),
        (before.taps[0].codes, after.taps[0].codes),
        (before.candidates.xyxy, after.candidates.xyxy),
        (before.frame.rgb, after.frame.rgb),
    ):
        assert not np.shares_memory(one, other)
        np.testing.assert_array_equal(one, other)
        assert not other.flags.writeable
    assert after.letterbox is before.letterbox
