"""A user's file is run as it lies there now, with the files beside it as they lie there now."""

import pytest

from viewer.core.errors import ReducerError
from viewer.userfile.running import run_file


def test_a_file_beside_one_that_failed_is_run_anew_with_it(tmp_path):
    file, beside = tmp_path / "mine.py", tmp_path / "mine_beside.py"
    beside.write_text("level = 1")
    file.write_text("from mine_beside import level\nfrom mine_beside import scale")
    with pytest.raises(ReducerError, match=r"mine\.py:2: running it failed: ImportError"):
        run_file(file, ReducerError, role="reducer")
    beside.write_text("level, scale = 2, 3")
    assert run_file(file, ReducerError, role="reducer").scale == 3


def test_two_files_with_a_neighbour_of_the_same_name_get_their_own(tmp_path):
    for number, folder in enumerate(("network", "reducer")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "beside_both.py").write_text(f"level = {number}")
        (tmp_path / folder / "mine.py").write_text("import beside_both\nfrom beside_both import level")
    network = run_file(tmp_path / "network" / "mine.py", ReducerError, role="network")
    reducer = run_file(tmp_path / "reducer" / "mine.py", ReducerError, role="reducer")
    assert (network.level, reducer.level) == (0, 1)
    assert (network.beside_both.level, reducer.beside_both.level) == (0, 1)
    (tmp_path / "network" / "beside_both.py").write_text("level = 22")
    assert run_file(tmp_path / "network" / "mine.py", ReducerError, role="network").level == 22
    assert reducer.beside_both.level == 1


def test_files_of_one_folder_share_what_lies_beside_them(tmp_path):
    (tmp_path / "beside_one.py").write_text("level = 5")
    for name in ("network", "reducer"):
        (tmp_path / f"{name}.py").write_text("import beside_one")
        assert run_file(tmp_path / f"{name}.py", ReducerError, role=name).beside_one.level == 5


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x00\x01\x02\xff", "SyntaxError: source code string cannot contain null bytes"),
        (b"scale = 1\n\xff\xfe", r"SyntaxError: .*utf-8"),
        (b"exec('x = (')", r"SyntaxError: '\(' was never closed"),
    ],
    ids=["null bytes", "no text", "text of its own"],
)
def test_the_users_file_is_named_whatever_is_in_it(tmp_path, monkeypatch, data, said):
    monkeypatch.chdir(tmp_path)  # where the interpreter's own `<frozen ...>` seems to lie beside it
    (tmp_path / "mine.py").write_bytes(data)
    with pytest.raises(ReducerError, match=rf"^mine\.py(:\d+)?: running it failed: {said}"):
        run_file(tmp_path / "mine.py", ReducerError, role="reducer")
