"""A camera looked through before it is opened."""

from tests.session.conftest import FakeEngine, make_packet
from viewer.config import Config
from viewer.core.messages import Failed, FailedPart
from viewer.session.preview import Preview
from viewer.session.wanted import Wanted


class Watches:
    """Makes engines and keeps them."""

    def __init__(self) -> None:
        self.made: list[tuple[Config, FakeEngine]] = []

    def __call__(self, config: Config) -> FakeEngine:
        self.made.append((config, FakeEngine()))
        return self.made[-1][1]


def test_the_newest_frame_of_the_camera_that_was_asked_for_is_there():
    watches = Watches()
    preview = Preview(watches)
    preview.look(Wanted("2", size="640x480", fps=60.0), lambda: None)
    config, engine = watches.made[0]
    assert (config.source, config.size, config.fps) == ("2", "640x480", 60.0)
    engine.packet = make_packet(3)
    preview.pump()
    assert preview.frame is not None
    assert preview.frame.index == 3
    preview.close()


def test_another_camera_lets_the_first_go_and_the_same_does_not():
    watches = Watches()
    preview = Preview(watches)
    for number in ("0", "0", "1"):
        preview.look(Wanted(number), lambda: None)
    assert [config.source for config, _ in watches.made] == ["0", "1"]
    preview.close()
    assert [engine.closed for _, engine in watches.made] == [1, 1]
    assert preview.frame is None


def test_a_camera_that_gives_none_says_why():
    watches = Watches()
    preview = Preview(watches)
    preview.look(Wanted("0"), lambda: None)
    engine = watches.made[0][1]
    engine.events = [Failed(FailedPart.SOURCE, "camera 0 is in use; close what uses it")]
    preview.pump()
    assert preview.trouble == "camera 0 is in use; close what uses it"
    preview.look(Wanted("1"), lambda: None)
    assert preview.trouble == ""
    watches.made[1][1].is_alive = False
    preview.pump()
    assert "ended" in preview.trouble
    preview.close()
