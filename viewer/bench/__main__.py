"""`python -m viewer.bench`: what the benchmark runs in a process with a window.

It reads and writes JSON objects, one a line, as `viewer.bench.screen` says. The engine is started before the window is
imported, as the command does it; and it starts by importing this module, which is therefore a small one.
"""

import json
import sys
from contextlib import nullcontext
from typing import Any

from viewer.core import garbage
from viewer.engine import EngineStarter


def _main() -> None:
    order = json.loads(sys.stdin.readline())
    starter = EngineStarter()
    with garbage.put_off(), starter if order["what"] in ("play", "live") else nullcontext(starter) as engines:
        from viewer.bench.screen import run

        run(order, engines, _say)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main()
