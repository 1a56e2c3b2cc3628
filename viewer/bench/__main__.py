"""`python -m viewer.bench`: what the benchmark runs in a process with a window.

It reads one JSON object from its standard input, as `viewer.bench.screen` says, and writes one to its standard output.
The engine is started before the window is imported, as the command does it; and it starts by importing this module,
which is therefore a small one.
"""

import json
import sys
from contextlib import nullcontext

from viewer.core import garbage
from viewer.engine import EngineStarter


def _main() -> None:
    order = json.load(sys.stdin)
    starter = EngineStarter()
    with garbage.put_off(), starter if order["what"] in ("play", "live") else nullcontext(starter) as engines:
        from viewer.bench.screen import run

        json.dump(run(order, engines), sys.stdout)


if __name__ == "__main__":
    _main()
