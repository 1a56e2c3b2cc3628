"""One look for the whole window: palette, style sheet and fonts, put on the application, and changed while it runs.

Qt's own dark themes differ from desktop to desktop; perception people judge colours in this window, so it brings its
own on all of them, on top of the Fusion style. A new style sheet makes Qt send every widget a `StyleChange` and paint
it again; what keeps drawn pictures of words or colours drops them then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from viewer.ui import tokens

_SHEET = Template("""
QWidget { color: $INK; }
QMainWindow, #ground { background: $GROUND; }
#panel { background: $PANEL; border: none; }
#tools { background: $PANEL; border-bottom: 1px solid $LINE; }
#bar { background: $PANEL; border-top: 1px solid $LINE; }
#status { background: $GROUND; border-top: 1px solid $LINE; }
#soft { color: $INK_SOFT; }
#bad { color: $BAD; }
#faint { color: $INK_FAINT; }
#rule { background: $LINE; }
#trouble { color: $WARN; }
#card { background: $PANEL; border: 1px solid $EDGE; border-radius: ${UNIT}px; }

QToolTip {
  background: $RAISED; color: $INK; border: 1px solid $EDGE; border-radius: 0px; padding: 4px 6px;
}
QPushButton {
  background: $RAISED; border: 1px solid $EDGE; border-radius: ${RADIUS}px; padding: 3px 12px; min-height: 18px;
}
QPushButton:hover { background: $HOVER; }
QPushButton:pressed, QPushButton:checked { background: $ACCENT_DEEP; }
QPushButton:focus { border-color: $ACCENT; }
QPushButton#primary { background: $PRIMARY; border-color: $PRIMARY; color: $PRIMARY_INK; }
QPushButton#primary:hover, QPushButton#primary:focus { border-color: $INK; }
QPushButton:disabled { color: $INK_FAINT; background: transparent; }
QPushButton#flat:checked { background: $ACCENT_DEEP; border-color: $ACCENT; }
QPushButton#flat { padding: 0px 10px; min-height: 16px; }

QPushButton#tab { background: transparent; border-color: transparent; padding: 3px ${UNIT}px; color: $INK_SOFT; }
QPushButton#tab:hover { background: $RAISED; }
QPushButton#tab:checked { background: $RAISED; border-color: $EDGE; color: $INK; }
QPushButton#tab:focus { border-color: $ACCENT; }

QToolButton#floating { background: $PANEL; border-color: $EDGE; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: ${RADIUS}px; padding: 0px; }
QToolButton:hover { background: $RAISED; }
QToolButton:pressed, QToolButton:checked { background: $HOVER; }
QToolButton:focus { border-color: $ACCENT; }
QToolButton:disabled { color: $INK_FAINT; background: transparent; }

QToolButton::menu-indicator { image: none; }

QMenu::separator { height: 1px; background: $HOVER; margin: 4px 0px; }
QMenu::indicator { width: 16px; height: 16px; margin-left: 8px; }

QComboBox {
  background: $RAISED; border: 1px solid $EDGE; border-radius: ${RADIUS}px; padding: 2px 0px 2px 8px;
  min-height: 20px;
}
QComboBox:hover { background: $HOVER; }
QComboBox:focus, QComboBox:on { border-color: $ACCENT; }
QComboBox:disabled { color: $INK_FAINT; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView {
  background: $RAISED; border: 1px solid $EDGE; padding: 4px 0px; outline: 0;
  selection-background-color: $ACCENT_DEEP; selection-color: $INK;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0px 8px; }

QMenu { background: $RAISED; border: 1px solid $HOVER; padding: 4px 0px; }
QMenu::item { padding: 4px 16px; min-height: 18px; }
QMenu::item:selected { background: $ACCENT_DEEP; color: $INK; }
QMenu::item:disabled { color: $INK_FAINT; }

QLineEdit {
  background: $FIELD; border: 1px solid $EDGE; border-radius: ${RADIUS}px; padding: 2px 8px; min-height: 20px;
  selection-background-color: $ACCENT_DEEP; selection-color: $INK; placeholder-text-color: $INK_FAINT;
}
QLineEdit:focus { border-color: $ACCENT; }
QLineEdit#value { background: transparent; border-color: transparent; padding: 0px 2px; min-height: 16px; }
QLineEdit#value:hover { border-color: $EDGE; }
QLineEdit#value:focus { background: $FIELD; border-color: $ACCENT; }
QLineEdit#value:disabled { color: $INK_FAINT; border-color: transparent; }

QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $HOVER; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $ACCENT; }
QSlider::handle:horizontal {
  width: 12px; height: 12px; margin: -4px 0px; border-radius: 6px; background: $INK; border: none;
}
QSlider::handle:horizontal:hover { background: $ACCENT; }
QSlider::handle:horizontal:focus { background: $ACCENT; }
QSlider::sub-page:horizontal:disabled { background: $HOVER; }
QSlider::handle:horizontal:disabled { background: $INK_FAINT; }

QProgressBar { background: $HOVER; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $ACCENT; border-radius: 2px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0px; }
QScrollBar::handle:vertical { background: $HOVER; border-radius: 3px; margin: 2px; min-height: 32px; }
QScrollBar::handle:vertical:hover { background: $INK_FAINT; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0px; width: 0px; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollBar:horizontal { height: 0px; }

QAbstractScrollArea, QListView { background: transparent; border: none; outline: 0; }
QSplitter::handle { background: $LINE; }
""")


def wear(app: QApplication, theme: str) -> None:
    """Change to another theme, on the screen as well.

    Args:
        app: What is dressed.
        theme: Name of one of `tokens.THEMES`.
    """
    if tokens.THEME.name != theme:
        tokens.use(tokens.THEMES[theme])
        dress(app)


@contextmanager
def undressed(app: QApplication) -> Iterator[None]:
    """A context in which to build a window: all of it is dressed at the end, in one go.

    A widget that is given a parent is dressed anew with all in it, so that a button deep in a panel would be dressed
    once for every layer around it; that was the half of what building the window took.
    """
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        if not app.styleSheet():  # else somebody put on another theme meanwhile
            app.setStyleSheet(sheet)


def dress(app: QApplication) -> None:
    """Put the look in use on the application."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette())
    app.setFont(tokens.font())
    names = {name: value for name, value in vars(tokens).items() if name.isupper()}
    app.setStyleSheet(_SHEET.substitute(names))


def _palette() -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in (
        (roles.Window, tokens.GROUND),
        (roles.WindowText, tokens.INK),
        (roles.Base, tokens.PANEL),
        (roles.AlternateBase, tokens.RAISED),
        (roles.Text, tokens.INK),
        (roles.PlaceholderText, tokens.INK_FAINT),
        (roles.Button, tokens.RAISED),
        (roles.ButtonText, tokens.INK),
        (roles.ToolTipBase, tokens.RAISED),
        (roles.ToolTipText, tokens.INK),
        (roles.Highlight, tokens.ACCENT_DEEP),
        (roles.HighlightedText, tokens.INK),
        (roles.Link, tokens.ACCENT),
    ):
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.INK_FAINT))
    return palette
