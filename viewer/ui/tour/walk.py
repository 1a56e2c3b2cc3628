"""Going from scene to scene and taking a picture of each, in every size and theme asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from viewer.config import Config
from viewer.core.errors import SinkError, ViewerError
from viewer.engine import EngineClient
from viewer.session import Controller
from viewer.ui import display
from viewer.ui.app import application, check_theme
from viewer.ui.screenshot import save_whole
from viewer.ui.theme import undressed
from viewer.ui.tour.scene import Scene
from viewer.ui.tour.scenes import BEGIN, OPENING, SCENES, is_in_the_middle
from viewer.ui.tour.staged import StagedEngine
from viewer.ui.window import Window

_LOOK_MS = 20
_SETTLE_MS = 350
"""Time for what follows a few times a second: numbers, lists, plots."""
_ARRIVE_MS = 700
"""Time for a seek to be shown with its maps."""
_LEAVE_MS = 150
_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Look:
    """How the window looks while a picture is taken.

    Attributes:
        size_wh: Width and height in logical pixels.
        theme: Name of the theme.
    """

    size_wh: tuple[int, int]
    theme: str

    @property
    def folder(self) -> str:
        """Where its pictures go: `1280x800-dark`."""
        return f"{self.size_wh[0]}x{self.size_wh[1]}-{self.theme}"


def tour(
    config: Config,
    folder: Path,
    looks: Sequence[Look],
    *,
    scenes: Sequence[str] = (),
    told: Callable[[str], object] = lambda _line: None,
) -> list[Path]:
    """Photograph every scene in every look.

    Args:
        config: What to watch and how.
        folder: Gets a folder for each look; made if it is not there.
        looks: Sizes and themes.
        scenes: Names of those to go to; empty for all.
        told: Hears a line for each scene.

    Returns:
        The pictures, scene by scene.

    Raises:
        ConfigError: If there is no theme of one of the names.
        SinkError: If a picture cannot be written.
        ViewerError: If a scene does not come about, or none has one of the names; pictures taken before stay.
    """
    for look in looks:
        check_theme(look.theme)
    display.settle()
    display.use_offscreen()
    app = application()
    for look in looks:
        try:
            (folder / look.folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SinkError(f"cannot write to {folder}: {error.strerror}") from error
    camera = _Camera(app, folder, looks, told)
    camera.walk(_chosen(OPENING, scenes), StagedEngine(None), config)
    camera.walk(_chosen(SCENES, scenes), StagedEngine(EngineClient(config)), config, begin=BEGIN)
    if not camera.taken:
        raise ViewerError(f"no scene of these names; there are {', '.join(s.name for s in (*OPENING, *SCENES))}")
    return camera.taken


def _chosen(scenes: Sequence[Scene], names: Sequence[str]) -> list[Scene]:
    return [scene for scene in scenes if not names or scene.name in names]


class _Camera:
    """Takes the pictures; numbers scenes over several windows."""

    def __init__(self, app: QApplication, folder: Path, looks: Sequence[Look], told: Callable[[str], object]) -> None:
        self._app, self._folder, self._looks, self._told = app, folder, looks, told
        self.taken: list[Path] = []
        self._scene_number = 0

    def walk(
        self, scenes: Sequence[Scene], engine: StagedEngine, config: Config, *, begin: Scene | None = None
    ) -> None:
        """Open a window on an engine and go through its scenes.

        Args:
            scenes: Where to go.
            engine: What the window shows.
            config: How.
            begin: Where the first of them begins, unless it is one that moves; no picture is taken there.
        """
        if not scenes:
            return
        with undressed(self._app):
            window = Window(Controller(engine, config))
        try:
            window.resize(*self._looks[0].size_wh)
            window.show()
            if begin is not None:
                self._arrive(begin, window, engine)
                if not scenes[0].moves:
                    begin.leave(window, engine)
                    self._wait(lambda: is_in_the_middle(window), begin)
            for scene in scenes:
                self._visit(scene, window, engine)
        finally:
            window.close()
            window.deleteLater()
            self._app.processEvents()

    def _visit(self, scene: Scene, window: Window, engine: StagedEngine) -> None:
        self._scene_number += 1
        self._arrive(scene, window, engine)
        if not scene.moves:
            _pass_ms(_ARRIVE_MS)
        for look in self._looks:
            window.desk.wear(look.theme)
            window.resize(*look.size_wh)
            _pass_ms(_SETTLE_MS)
            path = self._folder / look.folder / f"{self._scene_number:02}-{scene.name}.png"
            save_whole(window.grab(), path)
            self.taken.append(path)
        window.resize(*self._looks[0].size_wh)
        scene.leave(window, engine)
        window.refresh()
        _pass_ms(_LEAVE_MS)
        self._told(f"{scene.name}: {scene.text}")

    def _arrive(self, scene: Scene, window: Window, engine: StagedEngine) -> None:
        if scene.through is not None:
            self._arrive(scene.through, window, engine)
        scene.go(window, engine)
        window.refresh()
        self._wait(lambda: scene.is_there(window), scene)

    def _wait(self, is_there: Callable[[], bool], scene: Scene) -> None:
        deadline_s = monotonic() + _TIMEOUT_S
        while not is_there():
            if monotonic() > deadline_s:
                raise ViewerError(
                    f"scene {scene.name} did not come about within {_TIMEOUT_S:.0f} s; try another source"
                )
            _pass_ms(_LOOK_MS)


def _pass_ms(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
