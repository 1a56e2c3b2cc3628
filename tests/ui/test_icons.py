"""Icons: every name has its glyph, in the ink of the theme in use, at every scale."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton

from viewer.ui import tokens
from viewer.ui.icons import GLYPHS, icon


def test_icons_follow_the_theme_and_the_scale(qapp, themed) -> None:
    del qapp
    for name in GLYPHS:
        for size in (16, 32, 48):
            image = icon(name).pixmap(size, size).toImage()
            assert any(QColor.fromRgba(image.pixel(x, size // 2)).alpha() or image.pixel(x, x) for x in range(size))
    drawn = icon("play")
    dark = drawn.pixmap(32, 32).toImage()
    themed(tokens.LIGHT.name)
    light = drawn.pixmap(32, 32).toImage()
    middle = QColor.fromRgba(light.pixel(16, 16))
    assert (dark.pixel(16, 16), middle.name()) == (QColor(tokens.DARK.ink).rgba(), tokens.LIGHT.ink)


def test_an_unknown_icon_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError, match="no-such-glyph"):
        icon("no-such-glyph")


def test_every_button_shows_an_icon_or_a_word(open_window) -> None:
    opened = open_window()
    for button in opened.window.findChildren(QToolButton):
        assert button.text() or not button.icon().isNull(), button.accessibleName()
