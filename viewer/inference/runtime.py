"""What a lane needs of a GPU: streams, events, pinned memory and capture, behind names a test can stand in for."""

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

Work = Callable[[], object]


class Runtime(Protocol):
    """Queues of work that run beside the caller, in order each, and events that tie them together."""

    def pinned(self, like: Tensor) -> Tensor:
        """Host memory of the shape and type of `like` that a device can reach by itself."""
        ...

    def stream(self) -> Any:
        """A new queue of work."""
        ...

    def event(self) -> Any:
        """A mark that can be put into a queue; one never put counts as passed."""
        ...

    def enqueue(self, stream: Any, work: Work) -> None:
        """Put work at the end of a queue; what `work` calls is queued, not done, when this returns."""
        ...

    def record(self, event: Any, stream: Any) -> None:
        """Put a mark at the end of a queue."""
        ...

    def wait(self, stream: Any, event: Any) -> None:
        """Let what is queued from now on wait until a mark is passed."""
        ...

    def synchronize(self, event: Any) -> None:
        """Block the caller until a mark is passed."""
        ...

    def elapsed_ms(self, start: Any, end: Any) -> float:
        """Milliseconds on the device between two marks that are passed."""
        ...

    def capture(self, stream: Any, work: Work) -> Work:
        """Record what `work` queues, without running it.

        Returns:
            Queues all of it again at once, over the same memory.

        Raises:
            RuntimeError: If something in it cannot be recorded.
        """
        ...


class CudaRuntime:
    """An NVIDIA card.

    Args:
        device: Which.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def pinned(self, like: Tensor) -> Tensor:
        """Page-locked host memory."""
        return torch.empty(like.shape, dtype=like.dtype, pin_memory=True)

    def stream(self) -> torch.cuda.Stream:
        """A stream of its own, beside the default one."""
        return torch.cuda.Stream(self._device)

    def event(self) -> torch.cuda.Event:
        """An event that knows its time."""
        return torch.cuda.Event(enable_timing=True)

    def enqueue(self, stream: torch.cuda.Stream, work: Work) -> None:
        """Run `work` with the stream current."""
        with torch.cuda.stream(stream):
            work()

    def record(self, event: torch.cuda.Event, stream: torch.cuda.Stream) -> None:
        """Record the event."""
        event.record(stream)

    def wait(self, stream: torch.cuda.Stream, event: torch.cuda.Event) -> None:
        """Make the stream wait; the host does not."""
        stream.wait_event(event)

    def synchronize(self, event: torch.cuda.Event) -> None:
        """Wait for this event, never for the whole device."""
        event.synchronize()

    def elapsed_ms(self, start: torch.cuda.Event, end: torch.cuda.Event) -> float:
        """Time between two events."""
        return start.elapsed_time(end)

    def capture(self, stream: torch.cuda.Stream, work: Work) -> Work:
        """Capture a CUDA graph; other threads may use the card meanwhile."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device), torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
            work()
        return graph.replay
