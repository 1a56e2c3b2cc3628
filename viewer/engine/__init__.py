"""The engine process and the window's handle on it.

The window must stay alive and quick whatever a decoder, a driver or somebody's model does, and must not share
Python's lock with them. So the source, the detector and its taps run in a child process (`host`), and the window
holds a `client`. Between them go the small values of `viewer.core.messages` over a pipe, and packets through a ring
in shared memory (`ring`). The client imports none of what the host needs. Where one engine takes the place of another
at a camera, it waits for its turn (`turns`).
"""

from viewer.engine.client import EngineClient
from viewer.engine.port import EnginePort
from viewer.engine.starter import EngineStarter

__all__ = ["EngineClient", "EnginePort", "EngineStarter"]
