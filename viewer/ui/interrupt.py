"""Ctrl+C in the terminal closes the window as a click on its cross does, instead of being noticed some time later."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSocketNotifier

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def closing_on_interrupt(close: Callable[[], object]) -> Iterator[None]:
    """Call `close` in the window's thread when the process is interrupted or asked to end.

    Python runs its handlers between two of its own instructions, and Qt's loop executes none while it waits. So the
    signal also writes into a socket that the loop listens to.
    """
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    # Taking the byte out is all; having run Python code, the interpreter calls the handler below.
    notifier.activated.connect(lambda: reader.recv(16))
    before_fd = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, lambda *_: close()) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_fd)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
