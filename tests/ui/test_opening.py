"""Opening things as a person does: the page, drops, commands by name, and giving up; what plays goes on meanwhile."""

import json
import sys
from dataclasses import replace
from threading import Event

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.support.hands import wait
from tests.ui.conftest import settle
from viewer.config import Config
from viewer.config.recents import LastSession, Recents
from viewer.core.messages import Failed, FailedPart, Loading
from viewer.core.messages import Step as StepBy
from viewer.session import EnginePhase
from viewer.ui.cameras import CameraSearch, cameras_from

KEYS = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def press(opened, key, modifiers=NONE) -> None:
    QTest.keyClick(QApplication.focusWidget() or opened.window, key, modifiers)
    settle()


def type_words(words: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), words)
    settle()


@pytest.fixture
def opened(open_window, fake_engine):
    """A window whose further engines are kept, silent until the test lets them speak."""
    one = open_window()
    one.tried = []

    def connect(config: Config, *, index: int, playing: bool):
        del index, playing
        engine = fake_engine(eager=False)
        engine.config = config
        one.tried.append(engine)
        return engine

    one.controller._engines._connect = connect
    one.window.pages.open.search._command = (sys.executable, "-c", "print('[]')")
    one.watched = []

    def watch(config: Config):
        engine = fake_engine(eager=False)
        engine.config = config
        one.watched.append(engine)
        return engine

    one.window.pages.open.camera.preview.preview._watch = watch
    return one


def drag(opened, *paths: str):
    """Hover with these files; returns what a drop of them needs."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    copy = Qt.DropAction.CopyAction
    event = QDragEnterEvent(QPoint(500, 300), copy, data, LEFT, NONE)
    QApplication.sendEvent(opened.window, event)
    return data, event


def let_go(opened, data) -> None:
    event = QDropEvent(QPointF(500, 300), Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(opened.window, event)
    settle()


# --- the page -------------------------------------------------------------------------------------------------------


def test_an_address_is_typed_tried_and_refused_on_the_page_while_the_video_plays(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    assert page.isVisible()
    QTest.mouseClick(page.tabs["Network"], LEFT)
    QTest.mouseClick(page.network.field, LEFT)
    page.network.field.setFocus()
    type_words("rtsp://gone/1")
    press(opened, KEYS.Key_Return)
    assert opened.tried[0].config.source == "rtsp://gone/1"
    assert "rtsp://gone/1" in page.outcome.text.text()
    assert page.outcome.no.isVisible()
    opened.show(77)
    assert opened.window.canvas.plan.frame.index == 77
    opened.tried[0].is_alive = True
    opened.tried[0].post(Failed(FailedPart.SOURCE, "rtsp://gone/1 does not answer; check the address"))
    settle()
    assert page.isVisible()
    assert page.outcome.text.text() == "rtsp://gone/1 does not answer; check the address"
    assert not opened.window.notice.isVisible()
    press(opened, KEYS.Key_Escape)
    assert not page.isVisible()
    assert QApplication.focusWidget() is opened.window.canvas
    assert opened.state.transport.playing


@pytest.mark.parametrize("is_dropped", [False, True])
def test_what_has_no_memory_beside_what_is_open_can_have_it_alone(opened, is_dropped) -> None:
    window, page = opened.window, opened.window.pages.open
    room = window.notice.room if is_dropped else page.outcome.room
    if is_dropped:
        let_go(opened, drag(opened, "large.pt")[0])
    else:
        press(opened, KEYS.Key_O, CTRL)
        page.show_way("Model")
        page.model.field.setFocus()
        type_words("large.pt")
        press(opened, KEYS.Key_Return)
    (first,) = opened.tried
    first.is_alive = True
    first.post(Failed(FailedPart.MODEL, "no memory is left on cuda:0", memory_of="cuda:0"))
    settle()
    assert opened.engine.closed == 0, "what is open stays until the user lets it go"
    assert room.isVisible()
    room.setFocus()
    press(opened, KEYS.Key_Space)
    wait(lambda: opened.engine.closed == 1)
    second = opened.tried[1]
    assert second.config.model == first.config.model == "large.pt"
    assert not room.isVisible()
    second.is_alive = True
    second.post(Failed(FailedPart.MODEL, "no memory is left on cuda:0", memory_of="cuda:0"))
    settle()
    again = opened.tried[2]
    assert again.config.model != "large.pt", "what was open starts anew"
    assert opened.state.refusal
    assert not room.isVisible(), "there is no more room to be had"


def test_what_is_refused_for_itself_gains_nothing_by_room(opened) -> None:
    let_go(opened, drag(opened, "large.pt")[0])
    opened.tried[0].is_alive = True
    opened.tried[0].post(Failed(FailedPart.MODEL, "large.pt holds no detector"))
    settle()
    assert opened.window.notice.isVisible()
    assert not opened.window.notice.room.isVisible()


def test_what_is_opened_takes_the_place_of_what_played_and_the_page_goes(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    page.file.field.setFocus()
    type_words("/clips/other.mp4")
    press(opened, KEYS.Key_Return)
    new = opened.tried[0]
    new.is_alive = True
    new.open_source()
    new.load_detector()
    settle()
    assert not page.isVisible()
    assert opened.engine.closed == 1
    new.show(3)
    settle()
    assert opened.window.canvas.plan.frame.index == 3
    press(opened, KEYS.Key_Period)
    assert new.sent[-1] == StepBy(1)


@pytest.mark.parametrize(("key", "name"), [(KEYS.Key_O, "open"), (KEYS.Key_I, "cards")])
def test_a_page_that_has_nothing_to_cancel_goes_by_the_cross_in_its_corner(opened, key, name) -> None:
    press(opened, key, CTRL)
    page = opened.window.pages.current
    assert page is getattr(opened.window.pages, name)
    corner = page.cross.geometry()
    assert page.card.rect().contains(corner)
    words = [w for w in page.card.findChildren(QLabel) if w.isVisible() and w.text()]
    for other in (*words, *(button for button in page.findChildren(QPushButton) if button.isVisible())):
        place = other.rect().translated(other.mapTo(page.card, QPoint(0, 0)))
        reaches = other.sizeHint().width() if isinstance(other, QLabel) else place.width()
        assert not corner.intersects(QRect(place.topLeft(), QSize(reaches, place.height()))), other
    QTest.mouseClick(page.cross, LEFT)
    assert not page.isVisible()
    assert QApplication.focusWidget() is opened.window.canvas


def test_tab_walks_the_page_line_by_line_and_never_leaves_it(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    seen = []
    for _ in range(7):
        seen.append(QApplication.focusWidget())
        press(opened, KEYS.Key_Tab)
    # The tabs are one stop, the one that is turned to; arrows go to the others.
    way = page.file
    assert seen == [way.field, way.choose, way.take, page.tabs["File"], page.cross, page.recent, way.field]


def test_arrows_turn_to_another_way_in(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    page.tabs["File"].setFocus()
    press(opened, KEYS.Key_Right)
    assert page.stack.currentWidget() is page.folder


def test_a_click_beside_the_card_puts_the_page_away(opened) -> None:
    QTest.mouseClick(opened.window.tools.open, LEFT)
    settle()
    page = opened.window.pages.open
    assert page.isVisible()
    QTest.mouseClick(page, LEFT, NONE, QPoint(2, 2))
    assert not page.isVisible()


def test_code_is_run_only_after_the_question(opened) -> None:
    data, _ = drag(opened, "/m/mine.py")
    let_go(opened, data)
    page = opened.window.pages.open
    assert page.isVisible()
    assert "open only files you would run yourself" in page.outcome.text.text()
    assert opened.tried == []
    QTest.mouseClick(page.outcome.no, LEFT)
    settle()
    assert not page.outcome.isVisible()
    data, _ = drag(opened, "/m/mine.py")
    let_go(opened, data)
    QTest.mouseClick(page.outcome.yes[0], LEFT)
    settle()
    assert opened.tried[0].config.model == "/m/mine.py"


def test_the_question_stands_alone_and_its_buttons_say_what_runs(opened) -> None:
    data, _ = drag(opened, "/m/mine.py")
    let_go(opened, data)
    page = opened.window.pages.open
    assert page.outcome.title.text() == "Run mine.py?"
    assert [button.text() for button in page.outcome.yes] == ["Run mine.py"]
    assert page.outcome.text.text().startswith("/m/mine.py\n")
    assert not page.stack.isVisible()
    assert not page.choice.isVisible()
    assert QApplication.focusWidget() is page.outcome.no
    press(opened, KEYS.Key_Escape)
    assert (opened.tried, opened.state.asking, page.isVisible()) == ([], None, False)
    press(opened, KEYS.Key_O, CTRL)
    assert page.stack.isVisible()
    assert page.choice.isVisible()


def test_a_dropped_file_of_reducers_makes_maps(opened, tmp_path) -> None:
    own = tmp_path / "mine.py"
    own.write_text("def build(device): ...\nclass Edges:\n    def reduce(self, activation): ...\n", encoding="utf-8")
    data, _ = drag(opened, str(own))
    let_go(opened, data)
    page = opened.window.pages.open
    assert [button.text() for button in page.outcome.yes] == ["Run as the model", "Run reducer Edges"]
    page.outcome.yes[1].setFocus()
    press(opened, KEYS.Key_Return)
    assert opened.tried == []
    assert opened.state.taps.reducer == f"{own}:Edges"
    assert not page.isVisible()


def test_cameras_are_listed_with_the_sizes_they_offer(opened) -> None:
    modes = [{"width": 1280, "height": 720, "fps": 30.0}, {"width": 640, "height": 480, "fps": 60.0}]
    cameras = cameras_from(json.dumps([{"index": 2, "name": "Webcam", "path": "/dev/video2", "modes": modes}]))
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    page.show_way("Camera")
    page.search.end()
    page.search.found.emit(cameras)
    assert [row.text for row in page.camera.cameras.rows] == ["Webcam"]
    assert page.camera.sizes.rows[2].text == "640\N{MULTIPLICATION SIGN}480"
    assert page.camera.preview.isVisible()
    assert page.camera.preview.words == "Looking through the camera …"
    page.camera.sizes.setFocus()
    press(opened, KEYS.Key_Down)
    press(opened, KEYS.Key_Down)
    press(opened, KEYS.Key_Return)
    config = opened.tried[0].config
    assert (config.source, config.size, config.fps) == ("2", "640x480", 60.0)


def test_the_marked_camera_is_looked_through_and_let_go_before_it_is_opened(opened) -> None:
    cameras = cameras_from(json.dumps([{"index": n, "name": f"Webcam {n}", "path": "", "modes": []} for n in range(2)]))
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    page.show_way("Camera")
    page.search.end()
    page.search.found.emit(cameras)
    preview = page.camera.preview
    page.camera.cameras.setFocus()
    press(opened, KEYS.Key_Down)
    wait(lambda: opened.watched)
    assert [engine.config.source for engine in opened.watched] == ["1"]  # the one on the way was not opened
    opened.watched[0].show(3)
    wait(lambda: not preview._image.isNull())
    shown = preview.grab().toImage()
    assert len({shown.pixel(x, shown.height() // 2) for x in range(shown.width())}) > 1
    press(opened, KEYS.Key_Return)
    wait(lambda: opened.tried)
    assert opened.watched[0].closed
    assert opened.tried[0].config.source == "1"


@pytest.mark.parametrize("leaves", [False, True])
def test_a_camera_is_opened_once_the_preview_has_let_it_go(opened, monkeypatch, leaves) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    page.show_way("Camera")
    page.search.end()
    page.search.found.emit(cameras_from('[{"index": 0, "name": "Webcam", "path": "", "modes": []}]'))
    page.camera.cameras.setFocus()
    wait(lambda: opened.watched)
    gone = Event()
    close = opened.watched[0].close
    monkeypatch.setattr(opened.watched[0], "close", lambda: (gone.wait(10), close()))
    press(opened, KEYS.Key_Return)
    for _ in range(5):
        settle()
    assert opened.tried == []  # the device is still held
    if leaves:
        press(opened, KEYS.Key_Escape)
    gone.set()
    wait(lambda: page.camera.preview.preview.holds_nothing)
    if leaves:
        QTest.qWait(60)
        assert opened.tried == []
    else:
        wait(lambda: opened.tried)
        assert opened.watched[0].closed


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ((sys.executable, "-c", 'print(\'[{"index": 0, "name": "", "path": "", "modes": []}]\')'), 1),
        ((sys.executable, "-c", "print('no')"), 0),
        (("/no/such/program",), 0),
    ],
)
def test_a_search_that_fails_finds_nothing(qapp, command, count) -> None:
    found = []
    search = CameraSearch(command)
    search.found.connect(found.append)
    search.look()
    while not found:
        qapp.processEvents()
    assert [len(cameras) for cameras in found] == [count]


def test_the_last_session_is_offered_first(opened) -> None:
    opened.controller._session.update(recents=Recents(last=LastSession("/a/street.mp4", "/m/best.pt", 312)))
    opened.window.refresh()
    press(opened, KEYS.Key_O, CTRL)
    assert opened.window.pages.open.recent.rows[0].text == "Continue with street.mp4"
    press(opened, KEYS.Key_Return)
    config = opened.tried[0].config
    assert (config.source, config.model) == ("/a/street.mp4", "/m/best.pt")


def test_what_is_typed_goes_to_the_line_of_the_tab_also_while_no_window_is_active(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page, window = opened.window.pages.open, opened.window
    assert window.focusWidget() is page.file.field
    page.file.field.setText("before")
    press(opened, KEYS.Key_O, CTRL)
    QTest.mouseClick(window.tools.open, LEFT)
    assert page.file.field.selectedText() == "before"
    QTest.mouseClick(page.tabs["Network"], LEFT)
    assert window.focusWidget() is page.network.field
    before = opened.state
    window.clearFocus()
    QTest.keyClicks(window.focusWidget() or window, "qcvs/")
    settle()
    assert window.isVisible()
    assert (opened.state.view, opened.state.boxes) == (before.view, before.boxes)


def test_a_page_over_the_pictures_keeps_every_key_from_them_but_those_that_leave_or_turn(opened) -> None:
    window = opened.window
    press(opened, KEYS.Key_O, CTRL)
    before = opened.state
    for focused in (window.canvas, window.pages.open.recent):
        focused.setFocus()
        for key in (KEYS.Key_C, KEYS.Key_V, KEYS.Key_S, KEYS.Key_Slash, KEYS.Key_Space, KEYS.Key_Tab, KEYS.Key_Q):
            QTest.keyClick(focused, key)
        settle()
        assert window.isVisible()
        assert opened.engine.sent == []
        assert window.focusWidget() is not window.stages.search.line
        assert (opened.state.view, opened.state.current) == (before.view, before.current)
    window.canvas.setFocus()
    press(opened, KEYS.Key_K, CTRL)
    assert window.pages.current is window.pages.palette
    press(opened, KEYS.Key_O, CTRL)  # typed in the palette's field
    assert window.pages.current is window.pages.open
    press(opened, KEYS.Key_K, CTRL)
    assert window.pages.current is window.pages.palette
    press(opened, KEYS.Key_Escape)
    assert window.pages.current is None


def test_the_search_beside_the_page_leaves_it_like_any_other_place(opened) -> None:
    window = opened.window
    for key, modifiers in ((KEYS.Key_Escape, NONE), (KEYS.Key_O, CTRL)):
        press(opened, KEYS.Key_O, CTRL)
        QTest.mouseClick(window.stages.search.line, LEFT)
        window.stages.search.line.setFocus()
        press(opened, key, modifiers)
        assert window.pages.current is None
        window.canvas.setFocus()


def test_a_page_that_goes_by_itself_leaves_the_keys_to_who_types_somewhere_else(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page, search = opened.window.pages.open, opened.window.stages.search
    page.file.field.setFocus()
    type_words("/clips/other.mp4")
    press(opened, KEYS.Key_Return)
    QTest.mouseClick(search.line, LEFT)
    type_words("c")
    (tried,) = opened.tried
    tried.is_alive = True
    tried.open_source()
    tried.load_detector()
    settle()
    assert not page.isVisible()
    assert QApplication.focusWidget() is search.line
    type_words("3")
    assert search.line.text() == "c3"


def test_the_page_stays_for_who_has_gone_on_to_something_else(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    type_words("/clips/other.mp4")
    press(opened, KEYS.Key_Return)
    QTest.mouseClick(page.tabs["Network"], LEFT)
    type_words("rtsp://n")
    new = opened.tried[0]
    new.is_alive = True
    new.open_source()
    new.load_detector()
    settle()
    assert page.isVisible()
    assert page.network.field.text() == "rtsp://n"


def test_a_click_on_a_model_says_which_and_only_a_second_wish_opens_it(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    QTest.mouseClick(page.tabs["Model"], LEFT)
    assert [row.text for row in page.recent.rows] == ["demo"]
    assert not page.recent.selectedIndexes() + page.published.selectedIndexes()
    name = page.published.rows[1].text
    place = page.published.visualRect(page.published.model().index(1, 0)).center()
    QTest.mouseClick(page.published.viewport(), LEFT, NONE, place)
    assert opened.tried == []
    assert page.model.field.text() == name
    assert [index.row() for index in page.published.selectedIndexes()] == [1]
    assert not page.recent.selectedIndexes()
    press(opened, KEYS.Key_Return)
    assert opened.tried[0].config.model == name
    QTest.mouseDClick(page.published.viewport(), LEFT, NONE, place)
    assert len(opened.tried) == 2


def test_a_click_on_the_last_session_and_open_bring_all_of_it_back(opened) -> None:
    opened.controller._session.update(recents=Recents(last=LastSession("/a/street.mp4", "/m/best.pt", 312)))
    opened.window.refresh()
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    place = page.recent.visualRect(page.recent.model().index(0, 0)).center()
    QTest.mouseClick(page.recent.viewport(), LEFT, NONE, place)
    assert opened.tried == []
    QTest.mouseClick(page.file.take, LEFT)
    config = opened.tried[0].config
    assert (config.source, config.model) == ("/a/street.mp4", "/m/best.pt")


def test_enter_presses_the_button_that_has_the_keys_and_they_go_back_to_the_line_after_an_error(opened) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    QTest.mouseClick(page.tabs["Model"], LEFT)
    type_words("/m/mine.py")
    press(opened, KEYS.Key_Return)
    assert QApplication.focusWidget() is page.outcome.no
    page.outcome.yes[0].setFocus()
    press(opened, KEYS.Key_Return)
    assert opened.tried[0].config.model == "/m/mine.py"
    page.outcome.no.setFocus()
    opened.tried[0].is_alive = True
    opened.tried[0].post(Failed(FailedPart.MODEL, "mine.py builds nothing; return a module"))
    settle()
    assert page.outcome.text.text().startswith("mine.py builds nothing")
    assert QApplication.focusWidget() is page.model.field


@pytest.mark.parametrize("types", [True, False])
def test_what_was_refused_goes_when_the_user_goes_on(opened, types) -> None:
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    type_words("/clips/other.mp4")
    press(opened, KEYS.Key_Return)
    opened.tried[0].is_alive = True
    opened.tried[0].post(Failed(FailedPart.SOURCE, "other.mp4 is no video; give one"))
    settle()
    assert page.outcome.isVisible()
    if types:
        type_words("x")
    else:
        QTest.mouseClick(page.tabs["Folder"], LEFT)
    assert not page.outcome.isVisible()
    assert opened.state.refusal == ""


# --- drops ----------------------------------------------------------------------------------------------------------


def test_a_drop_says_what_it_would_do_and_does_it(opened) -> None:
    data, event = drag(opened, "/clips/other.mp4")
    assert event.isAccepted()
    veil = opened.window.drop
    assert veil.isVisible()
    assert veil.offer.text == "Open other.mp4"
    opened.window.grab()
    let_go(opened, data)
    assert not veil.isVisible()
    assert opened.tried[0].config.source == "/clips/other.mp4"


def test_what_cannot_be_opened_is_said_and_dropped_in_vain(opened) -> None:
    data, _ = drag(opened, "/notes.txt")
    assert opened.window.drop.offer.text == "No way to open notes.txt"
    QApplication.sendEvent(opened.window, QDragLeaveEvent())
    assert not opened.window.drop.isVisible()
    let_go(opened, data)
    assert opened.tried == []


def test_a_dropped_model_that_is_refused_is_a_notice_that_leads_to_the_page(opened) -> None:
    data, _ = drag(opened, "/m/bad.pt")
    let_go(opened, data)
    opened.tried[0].is_alive = True
    opened.tried[0].post(Failed(FailedPart.MODEL, "bad.pt is damaged; copy it again"))
    settle()
    notice = opened.window.notice
    assert notice.text.text() == "bad.pt is damaged; copy it again"
    QTest.mouseClick(notice.open, LEFT)
    settle()
    assert opened.window.pages.open.isVisible()
    assert not notice.isVisible()


# --- loading --------------------------------------------------------------------------------------------------------


def test_loading_says_what_and_how_far_and_cancel_leaves_all_as_it_was(opened) -> None:
    data, _ = drag(opened, "/m/huge.pt")
    let_go(opened, data)
    opened.tried[0].is_alive = True
    opened.tried[0].post(Loading("Downloading huge.pt", 0.4))
    settle()
    strip = opened.window.loading
    assert strip.text == "Opening huge.pt: Downloading huge.pt · 40 %"
    QTest.mouseClick(strip.cancel, LEFT)
    settle()
    assert not strip.isVisible()
    assert opened.state.opening is None
    assert opened.state.phase is EnginePhase.READY


def test_what_is_loaded_is_said_as_a_sentence(starting) -> None:
    starting.engine.post(Loading("finding stages", None))
    settle()
    assert starting.window.loading.text == "Finding stages"


def test_loading_at_the_start_can_be_given_up_for_an_empty_window(starting) -> None:
    press(starting, KEYS.Key_Period, CTRL)
    assert starting.state.phase is EnginePhase.EMPTY
    assert starting.window.transport.standing.text == "Empty"
    assert starting.window.placeholder._title == "Nothing is open"
    starting.engine.closed = 0  # it was ended when it was given up


# --- commands and cards ---------------------------------------------------------------------------------------------


def test_a_few_letters_find_a_command_and_enter_does_it(opened) -> None:
    press(opened, KEYS.Key_K, CTRL)
    palette = opened.window.pages.palette
    type_words("one fr on")
    first = palette.rows.rows[0]
    assert (first.text, first.key) == ("Go one frame on", ".  →")
    press(opened, KEYS.Key_Return)
    assert opened.engine.sent[-1] == StepBy(1)
    assert not palette.isVisible()


def test_stages_and_colours_are_commands_too(opened) -> None:
    press(opened, KEYS.Key_K, CTRL)
    type_words("tap 13")
    press(opened, KEYS.Key_Return)
    assert "model.13" in opened.state.tapped
    press(opened, KEYS.Key_K, CTRL)
    type_words("turbo")
    press(opened, KEYS.Key_Return)
    assert opened.state.colormap == "turbo"


def test_letters_that_mean_nothing_do_nothing(opened) -> None:
    press(opened, KEYS.Key_K, CTRL)
    type_words("zzzq")
    before = len(opened.engine.sent)
    press(opened, KEYS.Key_Return)
    assert opened.window.pages.palette.isVisible()
    assert len(opened.engine.sent) == before


def test_the_cards_tell_what_is_known_and_can_be_copied(opened) -> None:
    QTest.mouseClick(opened.window.status.source, LEFT)
    settle()
    page = opened.window.pages.cards
    assert page.isVisible()
    assert "Codec: h264 in mp4" in page.text
    assert "Parameters: 2.62 M" in page.text or "Parameters: 2.6 M" in page.text
    assert page.card.height() > 200
    QTest.mouseClick(page.copy, LEFT)
    assert QApplication.clipboard().text() == page.text
    press(opened, KEYS.Key_I, CTRL)
    assert not page.isVisible()


@pytest.mark.parametrize("size", [(1280, 800), (1024, 640)])
def test_cards_with_more_words_than_room_cut_none_and_scroll(opened, size) -> None:
    notes = tuple(f"note {number} with words that take a second line in a narrow window" for number in range(9))
    opened.controller._session.update(detector=replace(opened.state.detector, notes=notes))
    opened.window.resize(*size)
    press(opened, KEYS.Key_I, CTRL)
    settle()
    page = opened.window.pages.cards
    words = [label for label in page.cards["Model"].findChildren(QLabel) if label.wordWrap()]
    assert len(words) > 12
    assert all(label.height() >= label.heightForWidth(label.width()) for label in words)
    bar = page.scroller.verticalScrollBar()
    assert bar.isVisible() is (size == (1024, 640))
    for _ in range(9):
        press(opened, KEYS.Key_PageDown)
    assert not words[-1].visibleRegion().isEmpty()
    assert page.isVisible()


def test_arrows_in_the_empty_line_choose_among_what_was_open(opened) -> None:
    sources = ("/a/one.mp4", "/a/two.mp4", "/a/three.mp4")
    opened.controller._session.update(recents=Recents(sources=sources))
    press(opened, KEYS.Key_O, CTRL)
    page = opened.window.pages.open
    assert QApplication.focusWidget() is page.file.field
    for _ in range(3):
        press(opened, KEYS.Key_Down)
    press(opened, KEYS.Key_Up)
    assert page.recent.rows[page.recent.marked].text == page.recent.rows[2].text
    asked = page.recent.rows[2].text
    press(opened, KEYS.Key_Return)
    assert opened.tried[-1].config.source.endswith(asked)
