"""Names of reducers, read and refused."""

import pytest

from viewer.core.errors import ConfigError, ReducerError
from viewer.core.reducer_names import REDUCERS, ReducerName, check_place, read_reducer


@pytest.mark.parametrize("name", [*REDUCERS, "channel:3", "strongest:9", "similarity:640,400.5", "my.py:Mine"])
def test_a_name_is_read_and_comes_out_as_it_was(name):
    assert str(read_reducer(name)) == {"strongest": "strongest:16"}.get(name, name)


def test_what_stands_behind_the_colon_is_taken_apart():
    assert read_reducer("strongest") == ReducerName("strongest", 16)
    assert read_reducer("similarity:640,400.5").at_xy == (640.0, 400.5)
    windows = read_reducer(r"C:\mine\my.py:Mine")
    assert (windows.kind, windows.path, windows.symbol) == ("file", r"C:\mine\my.py", "Mine")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("pca-rbg", "did you mean 'pca-rgb'"),
        ("similarty:3,4", "did you mean 'similarity:X,Y'"),
        ("similarity", "give a pixel of the source as X,Y, such as similarity:640,360"),
        ("similarity:3", "as X,Y"),
        ("similarity:3,x", "as X,Y"),
        ("similarity:nan,2", "as X,Y"),
        ("similarity:-3,4", "no pixel lies left of or above 0,0"),
        ("strongest:0", "1 to 64"),
        ("strongest:65", "1 to 64"),
        ("channel:", "such as channel:3"),
        ("my.py", "names a file alone; give my.py:NAME"),
        ("my.py:", "names no class; give my.py:NAME"),
        ("my.py:not a name", "names no class"),
        ("note.txt:X", "a class in a Python file; give FILE.py:NAME"),
        ("note.txt", "a class in a Python file; give FILE.py:NAME"),
        ("mine/edges:Edges", "a class in a Python file; give FILE.py:NAME"),
        ("pca.rgb", "did you mean 'pca-rgb'"),
        ("", "there are absmean"),
    ],
)
def test_a_name_that_is_none_says_what_to_give(name, says):
    with pytest.raises(ConfigError) as caught:
        read_reducer(name)
    assert says in str(caught.value)


def test_a_place_outside_the_picture_is_refused_with_the_pictures_size():
    check_place("similarity:639,359", (360, 640))
    check_place("pca", (1, 1))
    with pytest.raises(ReducerError, match="640x360 pixels; give X below 640 and Y below 360"):
        check_place("similarity:640,10", (360, 640), ReducerError)
