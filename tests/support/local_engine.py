"""An engine inside the test's own process, for detectors that a config cannot name."""

from collections.abc import Callable

from viewer.core.messages import (
    DetectorReady,
    Event,
    Intent,
    Pause,
    Play,
    Seek,
    SetTaps,
    SetThresholds,
    SourceOpened,
    Step,
    TapsChanged,
)
from viewer.core.packet import FramePacket
from viewer.core.protocols import Source
from viewer.core.tapping import TapSettings
from viewer.pipeline import Pipeline, Player


class LocalEngine:
    """`EnginePort` over a pipeline and a player, without process or shared memory."""

    def __init__(self, source: Source, pipeline: Pipeline) -> None:
        self._source, self._pipeline = source, pipeline
        self._events: list[Event] = []
        self._newest: FramePacket | None = None
        self._wake: Callable[[], None] = lambda: None
        self.is_alive = True
        self._player = Player(
            source,
            process=pipeline.process,
            publish=self._publish,
            on_transport=self._say,
            on_error=lambda error, _: self._say(error),
        )

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._say(SourceOpened(self._source.info))
        self._say(DetectorReady(self._pipeline.info, self._pipeline.stages))
        self._say(TapsChanged(self._pipeline.tapped, TapSettings()))
        self._player.start()

    def send(self, intent: Intent) -> None:
        player = self._player
        match intent:
            case Play():
                player.play()
            case Pause():
                player.pause()
            case Step(frames):
                player.step(frames)
            case Seek(index):
                player.seek(index)
            case SetTaps(settings):
                player.call(lambda: self._tap(settings))
            case SetThresholds(thresholds):
                self._pipeline.thresholds = thresholds
            case _:
                pass

    def take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def take_packet(self) -> FramePacket | None:
        packet, self._newest = self._newest, None
        return packet

    def restart(self, *, index: int, playing: bool) -> None:
        raise NotImplementedError((index, playing))

    def close(self) -> None:
        assert self._player.stop()
        self._pipeline.close()
        self._source.close()

    def _tap(self, settings: TapSettings) -> None:
        self._pipeline.set_taps(settings)
        self._say(TapsChanged(self._pipeline.tapped, settings))

    def _publish(self, packet: FramePacket) -> None:
        self._newest = packet
        self._wake()

    def _say(self, event: Event) -> None:
        self._events.append(event)
        self._wake()
