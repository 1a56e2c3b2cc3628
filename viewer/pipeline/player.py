"""Playing a source through the network: two threads, one lock, and everything a transport bar can ask for."""

import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Condition, Thread, current_thread
from time import perf_counter

from viewer.core.errors import SeekError, SourceInterruptedError, ViewerError
from viewer.core.frame import Frame, SourceStatus
from viewer.core.looprange import LoopRange
from viewer.core.messages import Transport
from viewer.core.packet import Counters, FramePacket
from viewer.core.protocols import Source
from viewer.pipeline.backwards import frame_before, frames_ahead, frames_late, is_given_up
from viewer.pipeline.rate import RateMeter

READ_AHEAD = 2
"""Frames of a file decoded before they are due: one being processed, one ready, none waiting long."""

_BEGINNING = -1
"""Told in place of a frame's number where no frame lies before."""

THROTTLED_S = 0.2
"""Between two frames that are processed while somebody else needs the machine."""

STOP_S = 1.0
"""How long `stop` waits for its threads."""


class Player:
    """Reads a source, processes frames in step with its clock and publishes packets.

    A file shows every frame, later than its own rate if the network is slower; frames finished after the next one
    was due are counted as late. A live source shows the newest frame and counts what it passed over as dropped; while
    it is paused it runs on unseen.

    A loop goes back to its first frame when playing comes past its last. Played from before it, a file runs into it;
    sought behind it, a file plays on, as in mpv, and comes back from the end of the file. Starting to play on the
    loop's last frame, or at the end, begins at its first. Backwards the same holds the other way round, and a file
    keeps its pace where the network is slower: frames are left out (see `viewer.pipeline.backwards`).

    The reader thread calls the source, the worker thread calls `process`, `publish` and the callbacks. Public methods
    may be called from any thread and return at once, `stop` excepted.

    Args:
        source: Open source; the player does not close it.
        process: Turns a frame into a packet; runs on the worker thread.
        publish: Takes each packet; must not block.
        on_transport: Told whenever playing, position or end changes.
        on_error: Told what broke, with a traceback if it was a bug, else an empty string; playing has stopped then.
        speed: Multiple of the source's own rate.
        loop: Start a file again at its end.
    """

    def __init__(
        self,
        source: Source,
        *,
        process: Callable[[Frame], FramePacket],
        publish: Callable[[FramePacket], None],
        on_transport: Callable[[Transport], None],
        on_error: Callable[[BaseException, str], None],
        speed: float = 1.0,
        loop: bool = True,
    ) -> None:
        self._source = source
        self._live = source.info.is_live
        self._process = process
        self._publish = publish
        self._on_transport = on_transport
        self._on_error = on_error
        self._state = Condition()
        self._transport = Transport(speed=speed, loop=loop)
        self._counters = Counters()
        # None marks the end of the pictures; an error waits its turn behind the frames that were read before it.
        self._queue: deque[Frame | ViewerError | None] = deque()
        self._jobs: deque[Callable[[], None]] = deque()
        self._generation = 0
        self._seek_to: int | None = None
        self._quick = False  # that seek may go to a frame nearby
        self._is_reading = False
        self._cut = False  # a read was interrupted for a newer request
        self._cursor = -1  # the frame that will be shown when every request so far is served
        self._owed = 0  # frames to show although paused
        self._back_from: int | None = None  # the frame read last on the way back; None on the way on
        self._ahead = READ_AHEAD
        self._throttled = False
        self._left_out = False  # frames after the last one that was processed were read and will not come
        self._refresh = False
        self._exhausted = False
        self._stopping = False
        self._last: Frame | None = None
        self._last_generation = 0
        self._due_s: float | None = None
        self._busy_since_s: float | None = None
        self._rate = RateMeter()
        self._threads = [
            Thread(target=self._guard, args=(self._read,), name="featscope-reader", daemon=True),
            Thread(target=self._guard, args=(self._work,), name="featscope-worker", daemon=True),
        ]

    # --- asked for from any thread -----------------------------------------------------------------------------------

    @property
    def transport(self) -> Transport:
        """Where playing stands."""
        return self._transport

    @property
    def counters(self) -> Counters:
        """What was done with the frames so far."""
        dropped = self._source.status.dropped
        return replace(self._counters, dropped=self._counters.dropped + dropped)

    @property
    def frame(self) -> Frame | None:
        """The frame that was processed last, as it came from the source; None before the first."""
        return self._last

    @property
    def source_status(self) -> SourceStatus:
        """The source's own account of itself."""
        return self._source.status

    @property
    def inference_fps(self) -> float:
        """Frames processed per second, lately."""
        with self._state:
            return self._rate.per_second

    @property
    def busy_s(self) -> float:
        """Seconds the present frame has been processed so far; 0 while none is."""
        since_s = self._busy_since_s
        return 0.0 if since_s is None else perf_counter() - since_s

    def start(self, *, index: int = 0) -> None:
        """Start the threads and show frame `index`, paused; a live source shows what comes first."""
        with self._state:
            self._owed, self._cursor = 1, 0
            if index > 0 and not self._live:
                self._request_seek(index)
        for thread in self._threads:
            thread.start()

    def stop(self) -> bool:
        """End both threads within `STOP_S`; twice is harmless.

        Returns:
            Whether both ended. A thread stuck in foreign code is left behind; it is a daemon and publishes nothing
            more.
        """
        with self._state:
            self._stopping = True
            self._state.notify_all()
        self._source.interrupt()
        deadline = perf_counter() + STOP_S
        for thread in self._threads:
            if thread.is_alive() and thread is not current_thread():
                thread.join(max(0.0, deadline - perf_counter()))
        return not any(thread.is_alive() for thread in self._threads)

    def play(self, *, backwards: bool = False) -> None:
        """Run; from the first frame, or that of the loop, if a file stands at its end.

        Args:
            backwards: Run towards the beginning; live sources run on.
        """
        with self._state:
            if backwards and not self._live:
                self._play_back()
                return
            if self._back_from is not None:
                self._set(backwards=False)
                self._request_seek(self._cursor + 1 - min(self._owed, 1))
            elif not self._live and not self._transport.playing and self._is_at_an_end():
                self._request_seek(self._first())
            elif None not in self._queue:
                self._exhausted = False  # after damage that stopped playing: try to read on
            self._due_s = None
            self._owed = 0
            self._set(playing=True, at_end=False)

    def pause(self) -> None:
        """Stand still; the frame being processed is still shown."""
        with self._state:
            self._set(playing=False, backwards=False)

    def step(self, frames: int) -> None:
        """Pause and move by some frames. Live sources show the newest frame on a step forward."""
        with self._state:
            was_playing = self._transport.playing
            self._set(playing=False, backwards=False)
            if self._live:
                self._owed = 1
            elif frames == 1 and not was_playing and self._follows_on():
                self._cursor += 1
                self._owed += 1
            else:
                self._request_seek(self._cursor + frames)
            self._state.notify_all()

    def seek(self, index: int, *, quick: bool = False) -> None:
        """Go to a frame of a file and show it; of several requests only the last is served. Live sources ignore it.

        Args:
            index: Which frame.
            quick: Show one near it that is there at once, for a hand that is still moving; it tells its own number.
        """
        if self._live:
            return
        with self._state:
            self._request_seek(index)
            self._quick = quick

    def seek_time(self, pts_s: float) -> None:
        """Go to the frame that a file shows at a media time in seconds."""
        if not self._live:
            self.seek(self._source.index_at(pts_s))

    def set_speed(self, speed: float) -> None:
        """Play files at this multiple of their own rate."""
        with self._state:
            self._due_s = None
            self._set(speed=speed)

    def set_loop(self, *, loop: bool, span: LoopRange | None = None) -> None:
        """Start a file again at its end, or stop there.

        Args:
            loop: Whether to start again.
            span: Which frames to play over and over; None means all.
        """
        count = self._source.info.frame_count
        with self._state:
            self._set(loop=loop, span=span if span is None or count is None else span.within(count))

    def set_throttle(self, *, on: bool) -> None:
        """Process few frames while playing, at the same pace, because somebody else needs the machine; or all again."""
        with self._state:
            self._throttled = on

    def call(self, job: Callable[[], None], *, refresh: bool = True) -> None:
        """Run something on the worker thread between two frames; that is how taps change without racing the network.

        Args:
            job: What to run.
            refresh: Process the current frame again afterwards if paused.
        """
        with self._state:
            self._jobs.append(job)
            self._refresh |= refresh
            self._state.notify_all()

    def replace_process(self, process: Callable[[Frame], FramePacket]) -> None:
        """Process frames another way from now on; belongs into a `call`."""
        self._process = process

    # --- under the lock ----------------------------------------------------------------------------------------------

    def _set(self, **changes: bool | float | LoopRange | None) -> None:
        """Change the transport and say so; the lock is held."""
        changed = replace(self._transport, **changes)
        if changed != self._transport:
            self._transport = changed
            self._on_transport(changed)
        self._state.notify_all()

    def _request_seek(self, index: int) -> None:
        count = self._source.info.frame_count
        self._seek_to = self._cursor = max(0, index if count is None else min(index, count - 1))
        self._back_from = None
        self._drop_what_was_read()
        self._owed = 1
        self._due_s = None
        if self._transport.backwards:
            self._seek_to, self._back_from = None, self._cursor + 1
        self._set(at_end=False)

    def _play_back(self) -> None:
        if self._back_from is None:
            self._back_from = self._cursor + min(self._owed, 1)  # a frame that is still to come is shown first
            self._seek_to = None
            self._ahead = frames_ahead(self._source.info)
            self._drop_what_was_read()
        self._due_s = None
        self._owed = 0
        self._set(playing=True, backwards=True, at_end=False)

    def _drop_what_was_read(self) -> None:
        """Let nothing come that was read or is being read; the lock is held."""
        self._quick = self._left_out = False
        self._generation += 1
        if self._is_reading and not self._cut:
            # What it decodes its way to, which can take a second, nobody wants any more.
            self._cut = True
            self._source.interrupt()
        self._queue.clear()
        self._exhausted = False

    # --- reader thread -----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._stopping or self._seek_to is not None or self._has_room())
                if self._stopping:
                    return
                target, self._seek_to = self._seek_to, None
                back = self._next_back() if target is None else None
                if back is _BEGINNING:
                    self._enqueue(None)
                    continue
                quick, generation = self._quick, self._generation
                self._is_reading = target is None
            try:
                if target is not None:
                    self._source.seek(self._source.quick_index(target) if quick else target)
                    continue
                frame: Frame | ViewerError | None = self._next_of_source(back)
            except SourceInterruptedError:
                self._interrupted(generation)
                continue
            except SeekError as error:
                self._fail(error, "", generation)
                continue
            except ViewerError as error:
                frame = error
            finally:
                self._is_reading = False
            with self._state:
                if generation == self._generation:
                    self._back_from = back
                    if not self._is_stray(frame, back):
                        self._enqueue(frame)

    def _next_of_source(self, back: int | None) -> Frame | None:
        """The frame that follows, or the one that is wanted on the way back."""
        if back is not None:
            self._source.seek(back)
        return next(self._source, None)

    def _next_back(self) -> int | None:
        """The frame to read next on the way back, `_BEGINNING` where there is none, or None on the way on."""
        at, count = self._back_from, self._source.info.frame_count
        if at is None or count is None:
            return None
        transport = self._transport
        since_s = None if self._due_s is None or not transport.playing else perf_counter() - self._due_s
        fps = float(self._source.info.fps or 0)
        left_out = frames_late(since_s, fps, transport.speed, ready=len(self._queue))
        before = frame_before(at, count=count, left_out=left_out, loop=transport.loop, span=transport.span)
        return _BEGINNING if before is None else before

    def _is_stray(self, frame: Frame | ViewerError | None, back: int | None) -> bool:
        """Whether another frame came on the way back than the one that was read: that one is damaged."""
        return back is not None and (frame is None or (isinstance(frame, Frame) and frame.index != back))

    def _interrupted(self, generation: int) -> None:
        """Read on where a newer request cut a read short, even if it was the newer one's own; else somebody stops."""
        with self._state:
            cut, self._cut = self._cut, False
        if not cut:
            self._give_up_reading(generation)

    def _give_up_reading(self, generation: int) -> None:
        """Read no further until somebody plays or seeks; reading on would meet the same at once."""
        with self._state:
            self._exhausted |= generation == self._generation

    def _has_room(self) -> bool:
        return not self._exhausted and (
            self._live or len(self._queue) < (READ_AHEAD if self._back_from is None else self._ahead)
        )

    def _enqueue(self, frame: Frame | ViewerError | None) -> None:
        if self._live and self._queue:
            self._queue.clear()
            if self._transport.playing:
                self._counters = replace(self._counters, dropped=self._counters.dropped + 1)
        self._queue.append(frame)
        self._exhausted = not isinstance(frame, Frame)
        self._state.notify_all()

    # --- worker thread -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(self._has_work)
                if self._stopping:
                    return
                job = self._jobs.popleft() if self._jobs else None
                frame = None if job else self._next_frame()
                generation = self._generation
            if job:
                job()
            elif frame is not None and self._wait_until_due(frame, generation):
                self._show(frame, generation)

    def _has_work(self) -> bool:
        wants_frame = self._transport.playing or self._owed > 0
        return bool(self._stopping or self._jobs or self._refresh or (wants_frame and self._queue))

    def _next_frame(self) -> Frame | None:
        """The frame to show next; the lock is held."""
        if self._queue and (self._transport.playing or self._owed):
            refresh, self._refresh = self._refresh, False
            frame = self._queue.popleft()
            self._state.notify_all()
            if isinstance(frame, Frame):
                return frame
            if frame is None:
                self._end()
                self._refresh = refresh  # no later frame comes, so the last one is to be as asked; loops skip it
            else:
                self._fail(frame, "")
            return None
        if self._refresh:
            # A request that is still being read will show its own frame.
            self._refresh = False
            if self._last is not None and not self._transport.playing and not self._owed:
                self._counters = replace(self._counters, repeated=self._counters.repeated + 1)
                return self._last
        return None

    def _end(self) -> None:
        self._owed = 0
        if self._transport.backwards:
            self._cursor = self._transport.index
            self._set(playing=False, backwards=False)
        elif self._transport.playing and self._transport.loop and not self._live and self._last is not None:
            self._start_over()
        else:
            self._cursor = self._transport.index
            self._set(playing=False, at_end=True)

    def _start_over(self) -> None:
        """Play on from the beginning, in step with the clock; the lock is held."""
        due_s = self._due_s
        self._request_seek(self._first())
        self._owed, self._due_s = 0, due_s

    def _first(self) -> int:
        """Where playing begins."""
        transport = self._transport
        return transport.span.begin if transport.loop and transport.span is not None else 0

    def _is_at_an_end(self) -> bool:
        """Whether it stands, all requests served, at the end of the file or on the last frame of the loop."""
        transport = self._transport
        looped = transport.loop and transport.span is not None and self._cursor == transport.span.end
        return transport.at_end or looped

    def _ends_loop(self, frame: Frame, generation: int) -> bool:
        """Whether playing came to the last frame of the loop, or past it where that one is damaged."""
        transport, before = self._transport, self._last
        span = transport.span
        if (
            self._live
            or transport.backwards
            or span is None
            or generation != self._generation
            or not (transport.playing and transport.loop)
        ):
            return False
        runs_on = before is not None and before.index < span.end and self._last_generation == generation
        return frame.index == span.end or (runs_on and frame.index > span.end)

    def _wait_until_due(self, frame: Frame, generation: int) -> bool:
        """Wait until a playing file's clock reaches the frame; False if it is not wanted any more."""
        if frame is self._last:
            return True
        with self._state:
            if self._is_left_out(frame):
                self._left_out = True
                return False
            if self._live:
                return True
            now = perf_counter()
            if self._transport.playing and self._due_s is not None and self._last is not None:
                gap_s = self._gap_s(self._last, frame) / self._transport.speed
                due_s = self._due_s + gap_s
                late_s = now - due_s
                if self._transport.backwards and late_s > gap_s and not is_given_up(late_s) and self._has_another():
                    return False
                # A request or a job must not wait for the clock; the frame goes back for it.
                woken = self._state.wait_for(lambda: self._must_yield(generation), timeout=max(0.0, due_s - now))
                if woken:
                    if generation == self._generation and not self._stopping:
                        self._queue.appendleft(frame)
                    return False
                if perf_counter() > due_s + gap_s and (not self._transport.backwards or is_given_up(late_s)):
                    due_s = now  # every frame is shown, so there is nothing to catch up
                self._due_s = due_s
            else:
                self._due_s = now
            return generation == self._generation

    def _is_left_out(self, frame: Frame) -> bool:
        """Whether a frame is too near to the last one to be processed while somebody else needs the machine."""
        last, transport = self._last, self._transport
        if not self._throttled or last is None or not transport.playing:
            return False
        if self._live:
            return perf_counter() - last.arrived_s < THROTTLED_S
        if transport.span is not None and frame.index in (transport.span.begin, transport.span.end):
            return False  # a loop turns round there
        return frame.index != last.index and self._gap_s(last, frame) / transport.speed < THROTTLED_S

    def _follows_on(self) -> bool:
        """Whether what is read next is the frame after the one that is shown."""
        return not self._transport.at_end and self._back_from is None and not self._left_out

    def _has_another(self) -> bool:
        """Whether a frame is there to be shown instead of one that is late."""
        return bool(self._queue) and isinstance(self._queue[0], Frame)

    def _gap_s(self, last: Frame, frame: Frame) -> float:
        """How long the last frame stays in media time; before a loop starts over, one nominal period."""
        fps = self._source.info.fps
        sign = -1 if self._transport.backwards else 1
        if sign * (frame.index - last.index) <= 0 and fps:
            return float(1 / fps)
        return max(0.0, sign * (frame.pts_s - last.pts_s))

    def _must_yield(self, generation: int) -> bool:
        paused = not self._transport.playing and not self._owed
        return self._stopping or bool(self._jobs) or paused or generation != self._generation

    def _show(self, frame: Frame, generation: int) -> None:
        with self._state:
            if frame is not self._last:
                self._begin(frame, generation)
        if not self._live:
            # A frame read ahead of its time arrives when its time has come; what it waited is no delay of ours.
            frame = replace(frame, arrived_s=perf_counter())
        self._busy_since_s = perf_counter()
        try:
            packet = self._process(frame)
            with self._state:
                if self._stopping:
                    return
                self._account(frame, generation)
            self._publish(packet)
        except ViewerError as error:
            self._fail(error, "")
        finally:
            self._busy_since_s = None

    def _begin(self, frame: Frame, generation: int) -> None:
        """Note which request a frame serves; the lock is held.

        Requests that come while it is processed, which can take seconds, are not served by it and go on from it.
        """
        if generation == self._generation:  # a frame from before a seek does not serve that seek
            self._owed = max(0, self._owed - 1)
            if self._owed == 0:
                self._cursor = frame.index

    def _account(self, frame: Frame, generation: int) -> None:
        """Note that a frame was processed; the lock is held."""
        starts_over = self._ends_loop(frame, generation)
        self._last, self._last_generation = frame, generation
        self._left_out = False
        self._counters = replace(self._counters, processed=self._counters.processed + 1)
        self._rate.tick()
        fps = self._source.info.fps
        if self._transport.playing and self._due_s is not None and fps and not self._live:
            next_due_s = self._due_s + 1 / (float(fps) * self._transport.speed)
            if perf_counter() > next_due_s:
                self._counters = replace(self._counters, late=self._counters.late + 1)
        self._set(index=frame.index)
        if starts_over:
            self._start_over()

    def _fail(self, error: BaseException, detail: str, generation: int | None = None) -> None:
        """Stop playing and tell why, unless a newer request has made it void."""
        with self._state:
            if generation is not None and generation != self._generation:
                return
            self._owed = 0
            self._cursor = max(self._transport.index, 0)
            self._set(playing=False, backwards=False)
        self._on_error(error, detail)

    def _guard(self, loop: Callable[[], None]) -> None:
        """The runner's loop: whatever a thread meets is told, and none dies unseen."""
        while not self._stopping:
            try:
                loop()
            except Exception as error:  # noqa: BLE001 - a bug in foreign code must not end playing silently
                if loop == self._read:
                    self._give_up_reading(self._generation)
                self._fail(error, traceback.format_exc())
