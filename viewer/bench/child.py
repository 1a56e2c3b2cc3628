"""Processes of the benchmark: told what to do a line at a time, each line answered by one.

Two that stay open can be held against each other turn by turn, every few seconds, so that a machine which slows down
slows down both.
"""

import json
import os
import subprocess
import sys
from tempfile import TemporaryFile
from typing import Any, Self

from viewer.core.errors import ViewerError

_END_S = 20


class Child:
    """A process that runs one module of the benchmark; a context manager that ends it.

    Args:
        module: Run with `python -m`. It reads JSON objects from its standard input, one a line, and writes one for each
            to its standard output; the end of its input is its end.
        order: The first object.
    """

    def __init__(self, module: str, order: dict[str, Any]) -> None:
        self._module = module
        self._complaints = TemporaryFile(mode="w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        )
        self._send(order)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Send an object and wait for what comes back.

        Raises:
            ViewerError: If the process failed.
        """
        self._send(order)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """What the process says next.

        Raises:
            ViewerError: If it ended instead, or says that it failed; the message has its last line.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ViewerError(f"the benchmark's process {self._module} failed: {self._last_words()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise ViewerError(f"the benchmark's window shows no frame: {answer['failed']}")
        return answer

    def close(self) -> None:
        """End the process, by force if it does not listen."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ViewerError(f"the benchmark's process {self._module} failed: {self._last_words()}") from None

    def _last_words(self) -> str:
        ended = self._process.wait(_END_S)
        self._complaints.seek(0)
        lines = self._complaints.read().strip().splitlines()
        return lines[-1] if lines else f"it ended with {ended} and without a word"
