"""What a camera sees, before it is opened: an engine without a network, beside the one that is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from viewer.config import Config, load_config
from viewer.core.messages import Failed
from viewer.session.trial import Retired
from viewer.session.wanted import Wanted

if TYPE_CHECKING:
    from viewer.core.frame import Frame
    from viewer.engine.port import EnginePort


class Watch(Protocol):
    """Makes engines that load no network."""

    def __call__(self, config: Config) -> "EnginePort":
        """An engine that is not started yet, for the source of this configuration."""
        ...


class Preview:
    """Watches one source at a time. All methods belong to the window's thread.

    Args:
        watch: Makes the engines.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._engine: EnginePort | None = None
        self._wanted: Wanted | None = None
        self._retired = Retired()
        self.frame: Frame | None = None
        """The newest frame; its pixels are the engine's until the next `pump`."""
        self.trouble = ""
        """Why there is none; empty where nothing is wrong."""

    def look(self, wanted: Wanted, wake: Callable[[], None]) -> None:
        """Watch this, and nothing else any more.

        Args:
            wanted: A source, with the size and rate to ask of it.
            wake: Called from another thread whenever `pump` has something to do.
        """
        if wanted == self._wanted:
            return
        self.end()
        self._wanted = wanted
        asked = {"source": wanted.source, "size": wanted.size, "fps": wanted.fps}
        self._engine = self._watch(load_config(None, asked))
        self._engine.start(wake)

    def pump(self) -> None:
        """Take what the engine has to say."""
        engine = self._engine
        if engine is None:
            return
        alive = engine.is_alive  # asked first, so that its last words are heard
        for event in engine.take_events():
            if isinstance(event, Failed):
                self.trouble = event.text
        packet = engine.take_packet()
        if packet is not None:
            self.frame, self.trouble = packet.frame, ""
        elif not alive and not self.trouble:
            self.trouble = "no picture: what watches the camera ended"

    @property
    def holds_nothing(self) -> bool:
        """Whether no camera is held, also not by an engine that is on its way out."""
        return self._engine is None and self._retired.are_gone

    def end(self) -> None:
        """Watch nothing; the camera is free in a moment."""
        engine, self._engine, self._wanted = self._engine, None, None
        self.frame, self.trouble = None, ""
        if engine is not None:
            self._retired.retire(engine)

    def close(self) -> None:
        """Watch nothing, and wait until the camera is free; twice is harmless."""
        self.end()
        self._retired.join()
