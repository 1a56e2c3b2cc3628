"""Themes: every text can be read on every ground, and a change of theme reaches all that is on the screen."""

from contextlib import nullcontext
from itertools import combinations, groupby

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from tests.ui.conftest import settle
from viewer.render.plan import TilePlan
from viewer.session.why import Bar
from viewer.ui import tokens
from viewer.ui.bars import Bars
from viewer.ui.channel_bars import ROW, ChannelBars
from viewer.ui.controls import Choice
from viewer.ui.painter import paint_header
from viewer.ui.scale_form import ScaleForm
from viewer.ui.theme import undressed

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
    pairs += [("ink", "hover"), ("ink", "accent_deep"), ("primary_ink", "primary")]
    unreadable = {
        (ink, ground): round(contrast(getattr(theme, ink), getattr(theme, ground)), 2)
        for ink, ground in pairs
        if contrast(getattr(theme, ink), getattr(theme, ground)) < least
    }
    assert not unreadable


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_what_is_no_text_can_be_told_from_its_ground(theme: tokens.Theme) -> None:
    for colour in (theme.accent, theme.measure, *theme.series):
        assert contrast(colour, theme.panel) >= 3.0
    if theme is tokens.CONTRAST:
        assert contrast(theme.edge, theme.canvas) >= 3.0


SEEN_BY = {
    "everybody": np.eye(3),
    "protanopes": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopes": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopes": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Linear RGB as others see it: Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15(6), 2009, severity 1."""

XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(1)


def lab(colour: str, seen_by: str) -> np.ndarray:
    """CIELAB of a colour, as these people see it."""
    rgb = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ np.clip(SEEN_BY[seen_by] @ linear, 0, 1) / WHITE
    f = [np.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("seen_by", SEEN_BY)
@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_ten_stages_can_be_told_apart_by_everybody(theme: tokens.Theme, seen_by: str) -> None:
    assert len(theme.series) >= 10
    apart = {
        (one, other): float(np.linalg.norm(lab(one, seen_by) - lab(other, seen_by)))
        for one, other in combinations(theme.series, 2)
    }
    assert min(apart.values()) >= 19.0, min(apart, key=apart.__getitem__)


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_the_button_that_does_it_stands_out_from_its_card_in_every_theme(themed, theme: tokens.Theme) -> None:
    themed(theme.name)
    button = QPushButton("Open")
    button.setObjectName("primary")
    button.resize(80, 28)
    assert contrast(QColor(button.grab().toImage().pixel(8, 14)).name(), theme.panel) >= 2.5


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_the_track_of_a_stage_s_time_can_be_seen_beside_its_bar(open_window, themed, theme: tokens.Theme) -> None:
    opened = open_window()
    themed(theme.name)
    stages = opened.window.stages.list
    longest = next(i for i, stage in enumerate(opened.state.stages) if stage.share == stages.rows.widest_share)
    other = opened.state.stages[longest - 1]
    index = stages.rows.index(stages.rows.row_of(other.node))
    stages.scrollTo(index)
    row = stages.visualRect(index)
    shown = stages.viewport().grab().toImage()
    end_of_track = QColor(shown.pixel(row.right() - 18, row.top() + 28)).name()
    assert end_of_track == theme.hover
    assert contrast(end_of_track, theme.panel) >= 1.25


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_the_bar_between_limits_is_seen_also_while_no_map_is_shown(themed, theme: tokens.Theme) -> None:
    themed(theme.name)
    image = QImage(300, tokens.TILE_HEADER, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    tile = TilePlan("model.16", "P3", "", ("0.15", "1.12"), "", None, show_boxes=False)
    paint_header(painter, tile, QRectF(image.rect()), current=False, form=ScaleForm.COLOURS)
    painter.end()
    row = [QColor(image.pixel(x, 12)).name() for x in range(image.width())]
    longest = max((len(list(same)), colour) for colour, same in groupby(row) if colour != theme.panel)
    assert longest[0] >= 40
    assert contrast(longest[1], theme.panel) >= 1.25


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
def test_the_swatch_of_what_is_under_the_threshold_can_be_seen(open_window, themed, theme: tokens.Theme) -> None:
    opened = open_window()
    themed(theme.name)
    table = opened.window.inspector.table.list
    opened.controller.set_conf(0.5)
    opened.controller.set_under(True)
    opened.window.refresh()
    opened.show(41)
    QApplication.processEvents()
    index = table.rows.index(table.rows.rowCount() - 1)
    assert table.rows.box_at(index.row()).under
    table.scrollTo(index)
    row = table.visualRect(index)
    corner = table.viewport().mapTo(opened.window, row.topLeft())
    shown = opened.window.grab().toImage()
    places = [(corner.x() + x, corner.y() + y) for x in range(14, 28) for y in range(4, row.height() - 4)]
    swatch = [QColor(shown.pixel(x, y)).name() for x, y in places]
    assert max(contrast(colour, theme.panel) for colour in swatch) >= 3.0


@pytest.mark.parametrize("theme", tokens.THEMES.values(), ids=tokens.THEMES)
@pytest.mark.usefixtures("qapp")
def test_bars_of_channels_have_one_colour_on_every_page_and_the_one_in_hand_its_own(
    themed, theme: tokens.Theme
) -> None:
    themed(theme.name)
    why, cell = Bars("Channels", ""), ChannelBars()
    why.show_bars([Bar("channel 5", "1.00", 1.0, channel=("model.4", 5))])
    cell.show_vector(np.array([5, 7]), np.array([0, 0, 0, 0, 0, 2, 0, 2], np.float32), 7)
    colours = []
    for bars in (why, cell):
        bars.resize(260, 120)
        image = bars.grab().toImage()
        row = [[QColor(image.pixel(x, y)).name() for x in range(260)] for y in (10, 9 + ROW)]
        colours.append([max((len(list(same)), name) for name, same in groupby(line[60:200]))[1] for line in row])
    assert colours[0][0] == colours[1][0] == theme.measure
    assert colours[1][1] == theme.accent != theme.measure


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


def test_a_window_that_is_dressed_at_the_end_looks_like_one_dressed_from_the_start(open_window, qapp) -> None:
    def look(context) -> tuple[QImage, list[tuple[object, ...]]]:
        with context:
            opened = open_window()
        opened.window.resize(1280, 800)
        settle()
        parts = [p for p in opened.window.findChildren(QWidget) if type(p).__module__.startswith("viewer.")]
        parts += opened.window.findChildren(QLabel)
        above_rates = opened.window.rect().adjusted(0, 0, 0, -opened.window.status.height())
        return opened.window.grab(above_rates).toImage(), [
            (type(p), p.minimumSize(), p.maximumSize(), p.font()) for p in parts
        ]

    (one, its_parts), (other, their_parts) = look(undressed(qapp)), look(nullcontext())
    assert its_parts == their_parts
    assert one == other
    assert qapp.styleSheet()


def test_fields_are_as_high_as_the_words_beside_them(qapp) -> None:
    del qapp
    assert Choice("Name", "", ("one",)).sizeHint().height() == tokens.FIELD_HEIGHT
    assert QLineEdit().sizeHint().height() == tokens.FIELD_HEIGHT
