"""What somebody typed as a path is refused in one line, also where no file can have that name."""

from pathlib import Path

import pytest

from viewer.core.errors import SinkError
from viewer.core.paths import check_spelled
from viewer.sinks.inspection import save_inspection
from viewer.sinks.naming import free_path
from viewer.sinks.output import OutputFile

BAD = [
    ("a\0b", r"a\\0b: no file can have a null character in its name; give another"),
    ("a\ud800b", r"a\\ud800b: no file can have half a letter in its name; give another"),
]


@pytest.mark.parametrize(("name", "said"), BAD)
@pytest.mark.parametrize(
    "write",
    [
        OutputFile,
        lambda path: free_path(path, "street", (".png",)),
        lambda path: save_inspection(path, None),
        lambda path: save_inspection(path / "within", None),
    ],
    ids=["file", "snapshots", "inspection", "in a folder"],
)
def test_nothing_is_written_where_no_file_can_have_the_name(tmp_path: Path, write, name, said):
    with pytest.raises(SinkError, match=said.replace("b:", "b(/within)?:")) as refused:
        write(tmp_path / name)
    assert str(refused.value).isprintable(), "what is said can be shown anywhere"
    assert not list(tmp_path.iterdir())


def test_names_of_every_language_are_no_matter(tmp_path: Path):
    check_spelled(tmp_path / "Straße 通り.png", SinkError, "cannot write")
