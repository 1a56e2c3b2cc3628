"""Starting and ending: what the process imports, what it says without a display, the pictures it takes of itself."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QCursor, QImage
from PySide6.QtWidgets import QApplication

from viewer.config import Config
from viewer.config.recents import LastSession, Recents, RecentsFile
from viewer.core.errors import DisplayError, SinkError, ViewerError
from viewer.core.messages import Failed, FailedPart
from viewer.ui import app, display, tokens
from viewer.ui.screenshot import Screenshot


def test_the_window_process_imports_none_of_what_the_engine_needs() -> None:
    code = """
        import os, sys
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from viewer.config import Config
        from viewer.session import Controller
        from viewer.ui import app
        from PySide6.QtWidgets import QApplication
        class Silent:
            is_alive = True
            def start(self, wake): wake()
            def send(self, intent): pass
            def take_events(self): return []
            def take_packet(self): return None
            def close(self): pass
        application = app.application()
        window = app.Window(Controller(Silent(), Config()))
        window.show()
        application.processEvents()
        window.close()
        print([name for name in ("torch", "torchvision", "ultralytics", "cv2", "av") if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


# --- display --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize("variables", [{}, {"DISPLAY": ":987"}, {"DISPLAY": "nonsense"}, {"WAYLAND_DISPLAY": "gone-0"}])
def test_without_a_display_it_says_what_works_without(monkeypatch, variables) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DisplayError, match=r"featscope render.*--screenshot"):
        app.run(Config())


def test_paths_of_opencv_are_forgotten_and_others_kept(monkeypatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/lib/site-packages/cv2/qt/plugins")
    monkeypatch.setenv("QT_QPA_FONTDIR", "/usr/share/fonts")
    display.leave_opencv_paths()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"] == "/usr/share/fonts"


@pytest.mark.parametrize(
    ("cores", "before", "after"), [(2, None, "1"), (4, "", ""), (16, None, None)], ids=["few", "as set", "many"]
)
def test_on_few_cores_qt_paints_in_one_thread(monkeypatch, cores, before, after) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setenv("QT_NO_GUI_THREADPOOL", before or "")
    if before is None:
        monkeypatch.delenv("QT_NO_GUI_THREADPOOL")
    display.paint_in_one_thread()
    assert os.environ.get("QT_NO_GUI_THREADPOOL") == after


# --- what is opened at first ----------------------------------------------------------------------------------------


@pytest.fixture
def engines(monkeypatch, fake_engine, qapp):
    """Every engine that `run` makes, the given kind of it."""
    made = []
    del qapp

    def make(_config, **_begin):
        made.append(fake_engine())
        return made[-1]

    monkeypatch.setattr(app, "EngineClient", make)
    return made


def seen_at_start(engines, **options) -> str:
    """Run until the window stands; what it shows then."""
    seen = []

    def look() -> None:
        window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, app.Window))
        seen.append("page" if window.pages.open.isVisible() else str(window.controller.state.phase))
        window.close()

    QTimer.singleShot(300, look)
    app.run(Config(), **options)
    assert engines[0].closed == 1
    return seen[0]


@pytest.fixture
def kept(tmp_path, monkeypatch) -> RecentsFile:
    file = RecentsFile(tmp_path / "recent.yaml")
    monkeypatch.setattr(app, "RecentsFile", lambda: file)
    monkeypatch.setattr(app.display, "require_display", lambda: None)
    return file


def test_the_demo_plays_for_whoever_opened_nothing_before(engines, kept) -> None:
    assert seen_at_start(engines, nothing_asked=True) == "ready"
    assert not kept.path.exists()


def test_whoever_opened_something_before_is_asked_unless_they_say_what(engines, kept) -> None:
    kept.save(Recents(("/a/b.mp4",), (), LastSession("/a/b.mp4", "demo", 7)))
    assert seen_at_start(engines, nothing_asked=True) == "page"
    engines.clear()
    assert seen_at_start(engines, nothing_asked=False) == "ready"


# --- screenshot -----------------------------------------------------------------------------------------------------


def test_a_screenshot_shows_the_asked_frame_in_the_asked_size(engines, tmp_path, capsys) -> None:
    path = tmp_path / "shot.png"
    assert app.run(Config(), size_wh=(1100, 640), screenshot=Screenshot(path, at_index=126)) == 0
    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (1100, 640)
    assert engines[0].transport.index == 126
    assert engines[0].closed == 1
    assert list(tmp_path.iterdir()) == [path]
    assert capsys.readouterr().out.startswith(f"{path}: frame 126 of ")


@pytest.mark.usefixtures("engines")
def test_nothing_in_a_screenshot_looks_pointed_at(tmp_path) -> None:
    QCursor.setPos(10, 10)  # where it rests where there is no screen
    app.run(Config(), screenshot=Screenshot(tmp_path / "shot.png"))
    shown = QImage(str(tmp_path / "shot.png"))
    assert QColor(shown.pixel(12, 20)).name() == tokens.PANEL


def test_a_screenshot_beyond_the_end_shows_the_last_frame_and_says_so(engines, tmp_path, capsys) -> None:
    app.run(Config(), screenshot=Screenshot(tmp_path / "shot.png", at_index=9999))
    assert capsys.readouterr().out.endswith(", the last; there is no 9999\n")
    assert engines[0].transport.index == 499


def test_a_screenshot_that_is_not_ready_in_time_leaves_nothing(engines, tmp_path, monkeypatch, fake_engine) -> None:
    monkeypatch.setattr(fake_engine, "show", lambda *_: None)
    with pytest.raises(ViewerError, match=r"no picture of frame 3 within"):
        app.run(Config(), screenshot=Screenshot(tmp_path / "shot.png", at_index=3, timeout_s=0.2))
    assert list(tmp_path.iterdir()) == []
    assert engines[0].closed == 1


def test_a_screenshot_of_what_failed_says_why(engines, tmp_path, monkeypatch, fake_engine) -> None:
    text = "no file 'gone.mp4'; give a video file"
    monkeypatch.setattr(fake_engine, "load_detector", lambda self: self.post(Failed(FailedPart.SOURCE, text)))
    with pytest.raises(ViewerError, match=r"no file 'gone.mp4'"):
        app.run(Config(), screenshot=Screenshot(tmp_path / "shot.png"))
    assert list(tmp_path.iterdir()) == []
    assert engines[0].closed == 1


@pytest.mark.parametrize("name", ["shot.doc", "shot", "nowhere/shot.png"])
def test_a_picture_that_cannot_be_written_is_refused_before_anything_starts(engines, tmp_path, name) -> None:
    with pytest.raises(SinkError, match=r"cannot write"):
        app.run(Config(), screenshot=Screenshot(tmp_path / name))
    assert not engines


# --- ending ---------------------------------------------------------------------------------------------------------


def test_ctrl_c_closes_the_window(engines, monkeypatch) -> None:
    monkeypatch.setattr(display, "require_display", lambda: None)
    QTimer.singleShot(150, lambda: os.kill(os.getpid(), signal.SIGINT))
    began_s = time.monotonic()
    assert app.run(Config()) == 0
    assert time.monotonic() - began_s < 10
    assert engines[0].closed == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]


# --- a real window --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_a_real_window_opens_on_x11_and_closes_on_ctrl_c(tmp_path) -> None:
    reading, writing = os.pipe()
    # Without -noreset it starts over, and refuses everybody meanwhile, when the look for a display hangs up again.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        script = tmp_path / "window.py"
        script.write_text(
            textwrap.dedent(f"""
            import importlib.util, os, sys
            spec = importlib.util.spec_from_file_location("made_up", {str(Path(__file__).with_name("conftest.py"))!r})
            made_up = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(made_up)
            os.environ.pop("QT_QPA_PLATFORM")
            from PySide6.QtCore import QTimer
            from PySide6.QtWidgets import QApplication
            from viewer.config import Config
            from viewer.ui import app
            engine = made_up.FakeEngine()
            tries = 50
            app.EngineClient = lambda config, **_: engine
            def look():
                window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.Window))
                engine.show(engine.transport.index + 1)
                if window.canvas.paints == 5:
                    QTimer.singleShot(300, window, lambda: photograph(window))
            def photograph(window):
                global tries
                picture = window.screen().grabWindow(window.winId()).toImage()
                tries -= 1
                if tries and len({{picture.pixel(x, 200) for x in range(350, 950, 10)}}) <= 5:
                    # A busy machine's X server may not have got there yet.
                    QTimer.singleShot(100, window, lambda: photograph(window))
                    return
                picture.save({str(tmp_path / "screen.png")!r})
                print(QApplication.platformName(), flush=True)
            def begin():
                timer.timeout.connect(look)
                timer.start(40)
            from viewer.ui.window import Window
            started = Window._start
            def start(self):
                global timer
                timer = QTimer(self)
                started(self)
                begin()
            Window._start = start
            sys.exit(app.run(Config()))
            """)
        )
        environment = {**os.environ, "DISPLAY": f":{number}"}
        window = subprocess.Popen(
            [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert window.stdout is not None
        assert window.stdout.readline().strip() == "xcb", window.communicate(timeout=15)
        window.send_signal(signal.SIGINT)
        _, complaints = window.communicate(timeout=15)
        assert window.returncode == 0
        assert complaints == ""
        screen = QImage(str(tmp_path / "screen.png"))
        assert screen.width() == 1280
        # The first tile's picture is in the middle of the screen: not the ground of an empty canvas.
        colours = {screen.pixel(x, 200) for x in range(350, 950, 10)}
        assert len(colours) > 5
    finally:
        server.terminate()
        server.wait()
