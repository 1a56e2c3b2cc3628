"""Themes: every text can be read on every ground, and a change of theme reaches all that is on the screen."""

import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QImage
from PySide6.QtWidgets import QApplication

from viewer.ui import tokens

GROUNDS = ("canvas", "ground", "panel", "raised", "field")
INKS = ("ink", "ink_soft", "ink_faint", "accent", "good", "warn", "bad")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = QColor(colour).getRgbF()[:3]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_every_text_can_be_read(theme: tokens.Theme) -> None:
    least = 7.0 if theme is tokens.CONTRAST else 4.5
    pairs = [(ink, ground) for ink in INKS for ground in GROUNDS]
    pairs += [("ink", "hover"), ("ink", "accent_deep")]
    unreadable = {
        (ink, ground): round(contrast(getattr(theme, ink), getattr(theme, ground)), 2)
        for ink, ground in pairs
        if contrast(getattr(theme, ink), getattr(theme, ground)) < least
    }
    assert not unreadable


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_what_is_no_text_can_be_told_from_its_ground(theme: tokens.Theme) -> None:
    for colour in (theme.accent, *theme.series):
        assert contrast(colour, theme.panel) >= 3.0
    if theme is tokens.CONTRAST:
        assert contrast(theme.edge, theme.canvas) >= 3.0


def picture(opened) -> QImage:
    QApplication.processEvents()
    return opened.window.grab().toImage()


def test_a_change_reaches_all_that_is_drawn_and_the_change_back_leaves_nothing(open_window, themed) -> None:
    opened = open_window()
    opened.window.inspector.plot._importer.join()
    opened.window.inspector.plot._redraw()
    # The first picture after a plot is built lays it out.
    picture(opened)
    dark = picture(opened)
    for name in (tokens.LIGHT.name, tokens.CONTRAST.name):
        themed(name)
        changed = picture(opened)
        stale = [
            colour
            for colour in (tokens.DARK.panel, tokens.DARK.ground, tokens.DARK.line, tokens.DARK.canvas)
            if any(
                QColor(changed.pixel(x, y)) == QColor(colour)
                for x in range(0, changed.width(), 3)
                for y in range(0, changed.height(), 3)
            )
        ]
        assert not stale, name
    themed(tokens.DARK.name)
    assert picture(opened) == dark


def test_digits_are_of_one_width_in_every_size_and_weight(qapp) -> None:
    del qapp
    for size in (tokens.TEXT_SMALL, tokens.TEXT_BODY, tokens.TEXT_TITLE):
        for strong in (False, True):
            metrics = QFontMetricsF(tokens.font(size, strong=strong))
            assert len({metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}) == 1
