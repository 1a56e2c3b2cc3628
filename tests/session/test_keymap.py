"""Keys: one key does one thing, what the user takes is taken, and everything can be given back."""

from viewer.session.keymap import KeyMap

NATIVE = {"play": ("Space",), "next": (".", "Right"), "back": (",", "Left"), "shot": ("S",)}


def keys(keymap: KeyMap) -> dict[str, tuple[str, ...]]:
    return {action: keymap.keys(action) for action in NATIVE}


def owners(keymap: KeyMap) -> list[str]:
    return [key for action in NATIVE for key in keymap.keys(action)]


def test_a_new_key_takes_the_place_of_the_old_ones():
    keymap = KeyMap(NATIVE).bound("next", "N")
    assert keys(keymap) == NATIVE | {"next": ("N",)}
    assert keymap.action_of("N") == "next"
    assert keymap.action_of("Right") is None
    assert keymap.is_changed("next")
    assert not keymap.is_changed("play")


def test_a_key_can_be_added_and_comes_once():
    keymap = KeyMap(NATIVE).bound("next", "N", add=True).bound("next", "N", add=True)
    assert keymap.keys("next") == (".", "Right", "N")


def test_a_key_is_taken_from_whoever_has_it():
    keymap = KeyMap(NATIVE).bound("play", "Right")
    assert keys(keymap) == NATIVE | {"play": ("Right",), "next": (".",)}
    assert len(owners(keymap)) == len(set(owners(keymap)))


def test_giving_back_takes_the_keys_from_whoever_has_them_now():
    keymap = KeyMap(NATIVE).bound("play", "Right").reset("next")
    assert keys(keymap) == NATIVE | {"play": ()}
    assert keys(keymap.reset("play")) == NATIVE
    assert keymap.reset("play").changed == {}


def test_all_can_be_given_back_and_an_action_left_without():
    keymap = KeyMap(NATIVE).unbound("shot").bound("play", "P")
    assert keymap.keys("shot") == ()
    assert keymap.changed == {"shot": (), "play": ("P",)}
    assert keys(keymap.without(NATIVE)) == NATIVE


def test_binding_what_is_bound_changes_nothing():
    assert KeyMap(NATIVE).bound("play", "Space").changed == {}


def test_a_file_that_gives_one_key_twice_is_told_and_the_users_choice_wins_over_what_comes():
    keymap = KeyMap(NATIVE, {"back": ("X", "S"), "play": ("X",)})
    assert keymap.action_of("X") == "play"
    assert keymap.action_of("S") == "back"
    assert keymap.conflicts("back") == {"X": "play"}
    assert keymap.conflicts("shot") == {"S": "back"}
    assert keys(keymap) == {"play": ("X",), "next": (".", "Right"), "back": ("S",), "shot": ()}
