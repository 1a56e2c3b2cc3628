"""From a `Config` to a window on the screen, and back to an exit code."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from viewer.config import Config
from viewer.config.recents import RecentsFile
from viewer.config.settings import settings_path
from viewer.core import garbage
from viewer.core.errors import ConfigError, did_you_mean
from viewer.engine import EngineClient
from viewer.session import Controller
from viewer.session.preferences import THEMES, Preferences
from viewer.session.trial import Connect
from viewer.ui import display
from viewer.ui.icons import app_icon
from viewer.ui.interrupt import closing_on_interrupt
from viewer.ui.keys import NATIVE, spelled
from viewer.ui.screenshot import Photographer, Screenshot, require_writable
from viewer.ui.theme import dress, undressed
from viewer.ui.tooltips import TooltipWrap
from viewer.ui.window import Window

__all__ = ["Screenshot", "load_preferences", "run"]


def load_preferences(theme: str | None = None) -> Preferences:
    """What the user set for good; a file that cannot be read is set aside, and the window says so.

    Args:
        theme: What to wear this time instead of the theme that is kept.

    Raises:
        ConfigError: If there is no such theme.
    """
    if theme is not None:
        check_theme(theme)
    return Preferences(NATIVE, settings_path(), theme=theme, spell=spelled)


def check_theme(name: str) -> None:
    """Refuse a word that is no theme.

    Raises:
        ConfigError: If there is none of that name; the message suggests the nearest.
    """
    if name not in THEMES:
        hint = did_you_mean(name, THEMES) or f"; give one of {', '.join(THEMES)}"
        raise ConfigError(f"no theme {name!r}{hint}")


def run(
    config: Config,
    engines: Connect | None = None,
    *,
    size_wh: tuple[int, int] = (1280, 800),
    screenshot: Screenshot | None = None,
    preferences: Preferences | None = None,
    nothing_asked: bool = False,
) -> int:
    """Open the window and stay until it is closed.

    Args:
        config: What to watch and how.
        engines: Makes the engine, and those for what is opened later; None starts each when it is needed.
        size_wh: Width and height of the window in logical pixels.
        screenshot: Instead of opening a window on the screen, draw it in memory, write what it shows and return.
        preferences: What the user set for good; None stands for what comes with it, kept nowhere.
        nothing_asked: Nothing was asked for on the command line: whoever opened something before is asked what to open
            now, its continuation offered first, and everybody else sees what the config says, which is the demo.

    Returns:
        Exit code of the process.

    Raises:
        DisplayError: If there is no display to open a window on.
        ViewerError: If the screenshot cannot be made; no file is left.
    """
    display.settle()
    if screenshot is None:
        display.require_display()
    else:
        require_writable(screenshot.path)
        display.use_offscreen()
    app = application()
    memory = None if screenshot else RecentsFile()
    welcome = nothing_asked and memory is not None and memory.load().last is not None
    connect: Connect = engines or EngineClient
    controller = Controller(
        connect(config, index=0, playing=True), config, connect=connect, memory=memory, welcome=welcome
    )
    with undressed(app):
        window = Window(controller, preferences=preferences)
    window.resize(*size_wh)
    QTimer.singleShot(0, app, garbage.resume)  # once the window stands
    try:
        with closing_on_interrupt(window.close):
            if screenshot is None:
                window.show()
                return app.exec()
            return _photograph(app, window, screenshot)
    finally:
        dispose(app, window)


def application() -> QApplication:
    """The one application of this process, dressed."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("featscope")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("featscope")
    app.setWindowIcon(app_icon())
    if app.platformName() == "offscreen":
        # Its pointer rests over the first button of a window, which would look as if somebody were about to press it.
        QCursor.setPos(-1, -1)
    if app.findChild(TooltipWrap) is None:
        wrap = TooltipWrap(app)
        # Not before the window stands: building it sends twenty thousand events, and nobody reads tooltips meanwhile.
        QTimer.singleShot(0, app, lambda: app.installEventFilter(wrap))
    dress(app)
    return app


def dispose(app: QApplication, window: Window) -> None:
    """Close a window and let Qt take it apart while the application still stands."""
    window.close()
    window.deleteLater()
    app.processEvents()


def _photograph(app: QApplication, window: Window, order: Screenshot) -> int:
    window.show()
    photographer = Photographer(window, order, done=window.close)
    code = app.exec()
    if photographer.error is not None:
        raise photographer.error
    sys.stdout.write(f"{photographer.said}\n")
    return code
