"""The README's script, as printed."""

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_the_script_of_the_readme_runs_as_printed(tmp_path, monkeypatch, capsys) -> None:
    (code,) = re.findall(r"```python\n(# look\.py\n.*?)```", README.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "look.py", "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d+ objects, the best a [a-z ]+ of 0\.\d\d", first)
    assert re.fullmatch(r"P3 has 48 channels, \d+\.\d % of its values are near zero", second)
    assert sorted(path.name for path in (tmp_path / "inspection-120").iterdir()) == [
        "frame.png",
        "inspection.json",
        "manifest.json",
        "maps.npz",
        "tiles.png",
    ]
