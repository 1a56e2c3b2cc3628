"""Wishes to let time run, at which speed, or to stand still; and how well it runs on the screen."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from viewer.core.messages import Pause, Play, SetSpeed
from viewer.session.lookback import Lookback
from viewer.session.pace import PaintPace
from viewer.session.session import Session
from viewer.session.state import EnginePhase

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Speeds that `nudge_speed` steps through."""
BACKWARDS = (1.0, 2.0, 4.0)
"""Speeds of playing backwards; each wish for it goes to the next."""


class Playing:
    """Plays, pauses and measures.

    Args:
        session: What plays.
        lookback: Has its search ended by each of these wishes.
        clock: Monotonic seconds, the clock of `Frame.arrived_s`.
    """

    def __init__(self, session: Session, lookback: Lookback, clock: Callable[[], float]) -> None:
        self._session, self._lookback = session, lookback
        self._pace = PaintPace(clock)
        self._speed_on: float | None = None  # while it plays backwards, the speed to play on with

    def toggle_play(self) -> None:
        """Play if paused and the other way round."""
        if self._session.state.transport.playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Run on; an engine that is gone does not."""
        session = self._session
        if session.state.phase is not EnginePhase.LOST:
            self._lookback.stop()
            session.resume_playing = True
            session.send(Play())
            session.move(playing=True, backwards=False)
            session.update(behind_s=None)
            self._turn_round()

    def shuttle(self, direction: int) -> None:
        """Play that way, on (+1) or backwards (-1); faster if it plays that way already. Live sources only play on."""
        session = self._session
        transport = session.state.transport
        if transport.playing and transport.backwards == (direction < 0):
            if direction > 0:
                self.nudge_speed(1)
            else:
                self.set_speed(next((speed for speed in BACKWARDS if speed > transport.speed), BACKWARDS[-1]))
        elif direction > 0:
            self.play()
        elif session.is_file and session.state.phase is not EnginePhase.LOST:
            self._lookback.stop()
            if self._speed_on is None:
                self._speed_on = transport.speed
            self.set_speed(BACKWARDS[0])
            session.resume_playing = True
            session.send(Play(backwards=True))
            session.move(playing=True, backwards=True)

    def pause(self) -> None:
        """Stand still on the frame that is shown."""
        self._lookback.stop()
        self._session.send(Pause())
        self.stand()

    def set_speed(self, speed: float) -> None:
        """Play files at a multiple of their own rate, 0.1 to 8."""
        speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
        self._session.send(SetSpeed(speed))
        self._session.move(speed=speed)

    def nudge_speed(self, direction: int) -> None:
        """To the next faster (+1) or slower (-1) of `SPEEDS`."""
        now = self._session.state.transport.speed
        place = bisect_right(SPEEDS, now) if direction > 0 else bisect_left(SPEEDS, now) - 1
        self.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def painted(self) -> None:
        """The newest packet reached the screen; counted once a frame however often it is painted."""
        packet, playing = self._session.packet, self._session.state.transport.playing
        if packet is not None and self._pace.painted(packet.frame, playing=playing):
            self._show_pace()

    # --- for other rooms ------------------------------------------------------------------------------------------

    def stand(self) -> None:
        """Show that time stands still; the engine knows."""
        if self._session.state.phase is not EnginePhase.LOST:
            self._session.resume_playing = False
        self.rest()
        self._session.move(playing=False, backwards=False)

    def rest(self) -> None:
        """Measure anew: frames ceased to come, which is not slowness."""
        self._turn_round()
        self._pace.rest()
        self._show_pace()

    def rest_if_stale(self) -> None:
        """The same where a rate is told of frames that are long past."""
        if self._pace.is_stale:
            self.rest()

    def _turn_round(self) -> None:
        """Play on as fast as before it played backwards."""
        if self._speed_on is not None:
            speed, self._speed_on = self._speed_on, None
            self.set_speed(speed)

    def _show_pace(self) -> None:
        self._session.update(display_fps=self._pace.fps, latency_ms=self._pace.latency_ms)
