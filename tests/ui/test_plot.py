"""The plot of milliseconds: it draws what was measured, and nothing where nothing was."""

import shiboken6
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from viewer.core.packet import Timings
from viewer.ui import tokens
from viewer.ui.plot import TimingsPlot


def drawn(plot: TimingsPlot) -> set[str]:
    """The colours of its picture but its ground."""
    plot._redraw()
    QApplication.processEvents()
    plot.grab()  # the first picture lays it out
    shown = plot.grab().toImage()
    colours = {QColor(shown.pixel(x, y)).name() for x in range(shown.width()) for y in range(shown.height())}
    return colours - {QColor(shown.pixel(0, 0)).name()}


def test_a_plot_of_nothing_draws_nothing_and_then_what_was_measured(qapp: QApplication) -> None:
    del qapp
    plot = TimingsPlot()
    plot.resize(240, 80)
    plot.show()
    plot.begin()
    plot._importer.join()
    assert drawn(plot) == set()
    for _ in range(40):
        plot.add(Timings(letterbox=3.0, forward=40.0))
    assert QColor(tokens.SERIES[1]).name() in drawn(plot)
    plot.end()
    shiboken6.delete(plot)
