"""Engines that are started ahead: the first who needs a network gets the process, and nobody inherits it."""

import multiprocessing
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

from viewer.cli import main
from viewer.config import Config, load_config
from viewer.engine import EngineStarter
from viewer.engine.client import EngineClient


def config_of(clip: Path) -> Config:
    return load_config(None, {"source": str(clip), "model": "yolo11n.yaml", "imgsz": 96})


def waiting_pid() -> int:
    (child,) = multiprocessing.active_children()
    assert child.pid is not None
    return child.pid


@contextmanager
def started(client: EngineClient):
    client.start(lambda: None)
    try:
        yield client
    finally:
        client.close()


def test_the_first_engine_with_a_network_gets_the_waiting_process(clip):
    with EngineStarter() as engines:
        ahead = waiting_pid()
        with started(engines(config_of(clip), network=False)) as preview:
            assert preview.pid != ahead
            with started(engines(config_of(clip))) as first, started(engines(config_of(clip))) as second:
                assert first.pid == ahead
                assert second.pid != ahead
    assert not multiprocessing.active_children()


def test_an_engine_started_ahead_opens_and_shows_what_it_is_told(clip):
    with EngineStarter() as engines, started(engines(config_of(clip), index=7, playing=False)) as client:
        deadline_s = perf_counter() + 60
        while (packet := client.take_packet()) is None or not packet.taps:
            assert perf_counter() < deadline_s, client.take_events()
            sleep(0.01)
        assert packet.frame.index == 7


def test_nobody_needed_it_and_it_is_gone():
    with EngineStarter():
        assert waiting_pid()
    assert not multiprocessing.active_children()


def test_bad_input_leaves_no_process(capsys):
    assert main(["view", "nothing-here.mp4"]) == 2
    assert "nothing-here.mp4" in capsys.readouterr().err
    assert not multiprocessing.active_children()


def test_it_ends_with_a_window_that_dies_before_giving_orders():
    code = """
import os
from viewer.engine.child import EngineProcess
print(EngineProcess(network=True).process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        pid = int(window.stdout.readline())
    deadline_s = perf_counter() + 20
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
        assert perf_counter() < deadline_s
        sleep(0.02)


def test_orders_to_a_process_that_died_harm_nobody(clip):
    with EngineStarter() as engines:
        os.kill(waiting_pid(), 9)
        with started(engines(config_of(clip))) as client:
            deadline_s = perf_counter() + 10
            while client.is_alive:
                assert perf_counter() < deadline_s
                sleep(0.01)
