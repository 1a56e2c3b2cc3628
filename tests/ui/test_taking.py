"""Taking things away as a person does: a key, a button, the right button of the mouse; and what then lies where."""

import json
import sys

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Slot
from PySide6.QtGui import QColor, QDesktopServices, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press, wait
from tests.ui.conftest import FakeEngine, settle
from viewer.core.looprange import LoopRange
from viewer.session import Viewport
from viewer.session.export_choice import ExportChoice, Show
from viewer.session.taking import Outcome, Running, Taking, saved
from viewer.ui import export as export_module
from viewer.ui import tokens
from viewer.ui.caption import CAPTION

KEYS = Qt.Key
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def opened(open_window):
    return open_window()


def outcome(opened):
    return opened.window.taking.taking.outcome


def test_s_saves_what_is_shown_at_the_footages_resolution_with_its_numbers(open_window) -> None:
    opened = open_window(FakeEngine(image_hw=(720, 1280)))
    opened.show(137)
    shown = [tile.title for tile, _, _ in opened.window.canvas.places()]
    press(opened, KEYS.Key_S)
    wait(lambda: outcome(opened))
    path = opened.places.taken / "street_frame000137.png"
    assert outcome(opened).path == path
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["index"] == 137
    assert [tap["name"] for tap in record["taps"]] == shown[1:]
    assert record["detections"][0]["name"] == "person"
    assert record["source"]["name"] == "street.mp4"

    picture = QImage(str(path))
    canvas = opened.window.canvas
    places = [place for _, _, place in canvas.places()]
    ratio = 1280 / max(place.picture.width() for place in places)
    assert ratio > 1.5
    left = min(place.area.left() for place in places)
    top = min(header.top() for _, header, _ in canvas.places())
    assert picture.width() == pytest.approx((max(p.area.right() for p in places) - left) * ratio, abs=1)
    line = picture.copy(0, picture.height() - round(CAPTION * ratio), picture.width(), round(CAPTION * ratio))
    assert len({line.pixel(x, line.height() // 2) for x in range(line.width() // 2)}) > 5  # something is written there
    # A corner of the frame without boxes, in the largest tile: the footage's own pixels.
    area = max(places, key=lambda place: place.picture.width()).picture
    corner = ((area.topLeft() - QPointF(left, top)) * ratio).toPoint()
    frame = canvas.plan.frame.rgb
    for x, y in ((40, 40), (3, 60), (200, 20)):
        seen = picture.pixelColor(corner + QPoint(x, y))
        assert (seen.red(), seen.green(), seen.blue()) == pytest.approx(tuple(int(v) for v in frame[y, x]), abs=3)


def test_ctrl_s_saves_all_that_is_known_of_the_frame_in_a_folder(opened) -> None:
    press(opened, KEYS.Key_S, CTRL)
    shown = opened.controller.packet
    wait(lambda: outcome(opened))
    folder = opened.places.taken / "street_frame000040_inspection"
    assert outcome(opened).path == folder
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["files"]) == {"frame.png", "tiles.png", "maps.npz", "inspection.json"}
    maps = np.load(folder / "maps.npz")
    for tap in shown.taps:
        np.testing.assert_array_equal(maps[f"{tap.stage.node}.codes"], tap.codes)
    frame = QImage(str(folder / "frame.png"))
    seen = frame.pixelColor(40, 40)
    assert (seen.red(), seen.green(), seen.blue()) == tuple(shown.frame.rgb[40, 40])
    assert not QImage(str(folder / "tiles.png")).isNull()
    record = json.loads((folder / "inspection.json").read_text())
    assert (record["index"], len(record["candidates"])) == (40, 6)
    press(opened, KEYS.Key_S, CTRL)
    wait(lambda: outcome(opened).path != folder)
    assert outcome(opened).path.name == "street_frame000040_inspection_2"
    assert len(list(opened.places.taken.iterdir())) == 2


def test_a_second_snapshot_of_a_frame_replaces_nothing(opened) -> None:
    for _ in range(3):
        QTest.mouseClick(opened.window.tools.still, LEFT)
    stems = ("street_frame000040", "street_frame000040_2", "street_frame000040_3")
    names = sorted(f"{stem}{suffix}" for stem in stems for suffix in (".json", ".png"))
    wait(lambda: opened.places.taken.exists() and sorted(p.name for p in opened.places.taken.iterdir()) == names)


def test_a_zoomed_tile_alone_is_saved_as_it_is_shown(opened) -> None:
    opened.controller.maximise("model.16")
    opened.controller.set_viewport(Viewport(4.0, (0.5, 0.5)))
    opened.window.refresh()
    press(opened, KEYS.Key_S)
    wait(lambda: outcome(opened))
    picture = QImage(str(outcome(opened).path))
    _, header, place = opened.window.canvas.places()[0]
    assert picture.width() == round(place.area.width())  # enlarged already: no smaller than on the screen
    assert picture.height() == round(place.area.height() + header.height()) + CAPTION


def test_a_snapshot_is_as_wide_as_the_footage_whatever_the_window(open_window) -> None:
    opened = open_window(FakeEngine(image_hw=(540, 960)))
    opened.show(40)
    opened.controller.maximise("detections")
    ground = QColor(tokens.CANVAS).rgb()
    for width in range(1000, 1200, 13):
        opened.window.resize(width, 700)
        QApplication.processEvents()
        opened.window.refresh()
        picture = opened.window.taking._portrait(opened.window.taking._areas())
        assert picture.width() == 960
        # No line of the ground at an edge of the picture.
        row = picture.height() // 2
        assert ground not in {picture.pixel(0, row), picture.pixel(picture.width() - 1, row)}
        (_, _, place), *_ = opened.window.canvas.places()
        assert place.picture == place.area


def test_a_folder_that_cannot_be_is_said_and_the_message_stays(opened) -> None:
    opened.places.taken.write_text("in the way")
    press(opened, KEYS.Key_S)
    wait(lambda: outcome(opened))
    assert outcome(opened).failed
    assert "cannot save into" in opened.window.taking.strip.said.text
    assert not opened.window.taking.strip._leave.isActive()
    press(opened, KEYS.Key_Escape)
    assert not opened.window.taking.strip.isVisible()


def test_without_a_picture_there_is_nothing_to_save(starting) -> None:
    assert not starting.window.tools.still.isEnabled()
    press(starting, KEYS.Key_S)
    assert outcome(starting).failed
    assert not starting.places.taken.exists()


class Opener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.opened = []

    @Slot("QUrl")
    def open(self, url) -> None:
        self.opened.append(url.toLocalFile())


def test_the_folder_is_opened_and_the_path_copied_from_the_message(opened) -> None:
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "open")
    try:
        press(opened, KEYS.Key_S)
        wait(lambda: outcome(opened))
        strip = opened.window.taking.strip
        QTest.mouseClick(strip.copy, LEFT)
        assert QApplication.clipboard().text() == str(opened.places.taken / "street_frame000040.png")
        QTest.mouseClick(strip.open, LEFT)
        assert opener.opened == [str(opened.places.taken)]
        QTest.mouseClick(strip.dismiss, LEFT)
        assert not strip.isVisible()
    finally:
        QDesktopServices.unsetUrlHandler("file")


@pytest.mark.parametrize("width", [880, 1280])
@pytest.mark.parametrize("running", [None, Running("Exporting " + 90 * "x", 0.5)])
@pytest.mark.parametrize("failed", [True, False])
def test_long_words_wrap_and_none_is_cut(opened, tmp_path, width, running, failed) -> None:
    opened.window.resize(width, 640)
    settle()
    path = tmp_path / (60 * "y" + ".mp4")
    outcome = Outcome("Not exported: " + 40 * "words ", failed=True) if failed else saved(path)
    taking, strip = opened.window.taking, opened.window.taking.strip
    taking._show(Taking(outcome, running))
    settle()
    for line in (strip.running, strip.said) if running else (strip.said,):
        assert line.height() >= line.heightForWidth(line.width())
        assert strip.rect().contains(line.geometry().translated(line.parentWidget().pos()))
    assert opened.window.canvas.rect().contains(strip.geometry())


def test_good_news_leaves_by_itself_but_not_from_under_the_pointer(opened) -> None:
    strip = opened.window.taking.strip
    press(opened, KEYS.Key_S)
    wait(lambda: outcome(opened))
    assert strip._leave.isActive()
    QTest.mouseMove(strip, QPoint(5, 5))
    settle()
    strip._leave.timeout.emit()
    assert not strip.isVisible()


def test_a_tile_is_copied_by_the_menu_of_the_right_button(opened) -> None:
    canvas = opened.window.canvas
    _, header, place = canvas.places()[4]
    point = place.area.center().toPoint()
    menu = opened.window.tile_menu
    canvas.customContextMenuRequested.emit(QPoint(1, 1))  # beside all tiles
    assert not menu.copy.isEnabled()
    menu.close()
    canvas.customContextMenuRequested.emit(point)
    assert menu.isVisible()
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(menu.copy).center())
    picture = QApplication.clipboard().image()
    ratio = 640 / place.picture.width()
    assert picture.width() == pytest.approx(place.area.width() * ratio, abs=1)
    assert picture.height() == pytest.approx((place.area.height() + header.height()) * ratio, abs=2)
    assert "Copied" in outcome(opened).text


def test_the_maximised_tile_is_copied_wherever_the_pointer_is(opened, monkeypatch) -> None:
    monkeypatch.setattr("viewer.ui.taking.QCursor.pos", lambda: QPoint(-50, -50))
    press(opened, KEYS.Key_C, CTRL | SHIFT)
    assert "No tile under the pointer" in outcome(opened).text
    opened.controller.maximise("detections")
    opened.window.refresh()
    press(opened, KEYS.Key_C, CTRL | SHIFT)
    assert "Copied" in outcome(opened).text
    assert QApplication.clipboard().image().width() >= 640


PROGRAM = """\
import json, os, sys, time
words = sys.argv[1:]
out = words[words.index("--out") + 1]
part = os.path.join(os.path.dirname(out), "." + os.path.basename(out).replace(".mp4", ".part.mp4"))
settings = json.load(open(words[words.index("--config") + 1]))
open(part, "w").close()
print(json.dumps({"frames": 125, "of": 500}), flush=True)
HOW
"""
FINISHES = "os.rename(part, out)"
FAILS = "sys.stderr.write('featscope: the disk is full\\n'); sys.exit(2)"
DIES = "os.abort()"
WAITS = "sys.stdin.read(); os.remove(part); sys.exit(130)"


def begin_export(opened) -> None:
    """Ask for an export and take what is proposed."""
    press(opened, KEYS.Key_E, CTRL)
    press(opened, KEYS.Key_Return)


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Another program in place of `featscope`, which ends as told."""

    def end(how: str) -> None:
        script = tmp_path / "program.py"
        script.write_text(PROGRAM.replace("HOW", how))
        monkeypatch.setattr(export_module, "PROGRAM", (sys.executable, str(script)))

    return end


def test_ctrl_e_exports_all_frames_beside_playing(opened, stand_in) -> None:
    stand_in(FINISHES)
    begin_export(opened)
    strip = opened.window.taking.strip
    assert strip.isVisible()
    assert "loading the network" in strip.running.text
    opened.show(77)
    assert opened.window.canvas.plan.frame.index == 77
    wait(lambda: outcome(opened))
    assert outcome(opened).path == opened.places.taken / "street_frames000000-000499.mp4"
    assert [path.name for path in opened.places.taken.iterdir()] == ["street_frames000000-000499.mp4"]
    assert not strip.cancel.isVisible()
    assert not strip._leave.isActive()  # whoever waited for minutes may be looking elsewhere


@pytest.mark.parametrize(("how", "says"), [(FAILS, "Not exported: the disk is full"), (DIES, "ended unexpectedly")])
def test_a_failed_export_says_why_and_leaves_nothing(opened, stand_in, how, says) -> None:
    stand_in(how)
    QTest.mouseClick(opened.window.tools.export, LEFT)
    QTest.mouseClick(opened.window.pages.export.begin, LEFT)
    wait(lambda: outcome(opened))
    assert outcome(opened).failed
    assert says in opened.window.taking.strip.said.text
    assert list(opened.places.taken.iterdir()) == []


def test_an_export_is_cancelled_by_button_or_key_and_leaves_nothing(opened, stand_in) -> None:
    stand_in(WAITS)
    strip = opened.window.taking.strip
    for cancel in (
        lambda: QTest.mouseClick(strip.cancel, LEFT),
        lambda: press(opened, KEYS.Key_E, CTRL | SHIFT),
    ):
        begin_export(opened)
        wait(lambda: "125 of 500" in strip.running.text)
        press(opened, KEYS.Key_E, CTRL)  # one at a time
        cancel()
        wait(lambda: opened.window.taking.taking.running is None)
        assert outcome(opened).text == "Export cancelled; nothing was left behind"
        assert list(opened.places.taken.iterdir()) == []


def test_closing_the_window_ends_an_export_without_a_trace(opened, stand_in) -> None:
    stand_in(WAITS)
    begin_export(opened)
    wait(lambda: "125 of 500" in opened.window.taking.strip.running.text)
    opened.window.close()
    assert list(opened.places.taken.iterdir()) == []


def test_the_folder_of_an_export_is_chosen_in_a_dialog_by_keyboard(opened, tmp_path) -> None:
    press(opened, KEYS.Key_E, CTRL)
    page = opened.window.pages.export
    page.folder.setFocus()
    press(opened, KEYS.Key_Tab)
    assert QApplication.focusWidget() is page.choose
    press(opened, KEYS.Key_Return)
    assert page.choose.dialog.isVisible()
    assert page.isVisible(), "Enter opens the dialog and exports nothing"
    page.choose.dialog.fileSelected.emit(str(tmp_path))
    page.choose.dialog.hide()  # as it does when a folder is taken
    assert page.choice.folder == str(tmp_path)
    assert opened.window.focusWidget() is page.begin
    page.put_away()
    assert not page.choose.dialog.isVisible()


def test_an_export_is_asked_about_beside_playing_and_the_answer_is_remembered(opened, stand_in, tmp_path) -> None:
    stand_in(WAITS)
    opened.controller.set_span(LoopRange(100, 149))
    opened.window.refresh()
    press(opened, KEYS.Key_E, CTRL)
    page = opened.window.pages.export
    assert page.isVisible()
    assert opened.window.taking.taking.running is None
    assert [page.range.itemText(row) for row in range(page.range.count())] == [
        "Loop, frames 100 to 149",
        "Whole file, frames 0 to 499",
    ]
    width, height = opened.window.taking.canvas_wh(page.choice)
    assert (width < 1920, height) == (True, 1080)  # cut to the tiles, which are taller here than a film usually is
    words = f"50 frames · 2.0 s · 25 fps · {width}×{height} px · about "  # noqa: RUF001 - the sign of times
    assert page.comes_to.text().startswith(words)
    opened.show(77)
    assert opened.window.canvas.plan.frame.index == 77
    page.range.setFocus()
    press(opened, KEYS.Key_Down)
    page.show_what.setFocus()
    press(opened, KEYS.Key_Down)
    assert page.comes_to.text().startswith("500 frames · 20.0 s")
    page.folder.setFocus()
    QTest.keyClicks(page.folder, str(tmp_path / "films"))
    press(opened, KEYS.Key_Return)
    assert not page.isVisible()
    wait(lambda: "125 of 500" in opened.window.taking.strip.running.text)
    assert (tmp_path / "films").is_dir()
    press(opened, KEYS.Key_E, CTRL | SHIFT)
    wait(lambda: opened.window.taking.taking.running is None)
    press(opened, KEYS.Key_E, CTRL)
    assert page.choice == ExportChoice(whole=True, show=Show.FRAME, folder=str(tmp_path / "films"))


@pytest.mark.parametrize("leave", ["escape", "cancel"])
def test_who_leaves_the_question_exports_nothing(opened, leave) -> None:
    press(opened, KEYS.Key_E, CTRL)
    page = opened.window.pages.export
    if leave == "escape":
        press(opened, KEYS.Key_Escape)
    else:
        page.cancel.setFocus()
        press(opened, KEYS.Key_Return)
    assert not page.isVisible()
    assert opened.window.taking.taking.running is None
    assert QApplication.focusWidget() is opened.window.canvas


def test_a_folder_that_will_not_do_is_said_on_the_page(opened) -> None:
    press(opened, KEYS.Key_E, CTRL)
    page = opened.window.pages.export
    page.folder.setFocus()
    QTest.keyClicks(page.folder, "/nowhere/at/all")
    press(opened, KEYS.Key_Return)
    assert page.isVisible()
    assert "no folder /nowhere/at" in page.says.text()


def test_a_program_that_is_not_there_is_said(opened, monkeypatch) -> None:
    monkeypatch.setattr(export_module, "PROGRAM", ("/no/such/program",))
    begin_export(opened)
    wait(lambda: outcome(opened))
    assert outcome(opened).failed
    assert opened.window.taking.taking.running is None


def test_a_live_source_cannot_be_exported_and_that_is_said(live) -> None:
    assert not live.window.tools.export.isEnabled()
    press(live, KEYS.Key_E, CTRL)
    assert "camera 0" in outcome(live).text
    assert not live.places.taken.exists()


def test_a_snapshot_names_the_followed_object_and_the_candidates_of_its_picture(opened) -> None:
    opened.controller.pause()
    opened.controller.set_conf(0.6)
    opened.window.refresh()
    opened.show(40)
    press(opened, KEYS.Key_D)
    press(opened, KEYS.Key_C)
    press(opened, KEYS.Key_C, CTRL)
    press(opened, KEYS.Key_S)
    wait(lambda: outcome(opened))
    record = json.loads(outcome(opened).path.with_suffix(".json").read_text())
    assert record["followed"] == json.loads(QApplication.clipboard().text())
    assert [box["score"] for box in record["candidates"]] == [0.56, 0.43, 0.3]
    assert record["thresholds"]["conf"] == 0.6
    opened.window.taking.dismiss()
    for key in (KEYS.Key_Escape, KEYS.Key_C, KEYS.Key_S):
        press(opened, key)
    wait(lambda: outcome(opened))
    record = json.loads(outcome(opened).path.with_suffix(".json").read_text())
    assert "followed" not in record
    assert "candidates" not in record
