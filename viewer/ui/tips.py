"""Tooltips that name keys, and go on naming the right ones when the user binds others.

A tooltip is written with the names of actions, `Go one frame back  ( {previous_frame} )`; the keys stand there when it
is shown.
"""

import re

from PySide6.QtWidgets import QWidget

from viewer.ui.keys import key_text, keys_of

_ACTION = re.compile(r"\{(\w+)\}")
_PROPERTY = "tip"
_NO_KEY = "no key"


def tip(widget: QWidget, text: str) -> None:
    """Explain a widget.

    Args:
        widget: What is explained.
        text: With the names of actions in braces where their keys belong.
    """
    widget.setProperty(_PROPERTY, text)
    widget.setToolTip(with_keys(text))


def retell(root: QWidget) -> None:
    """Bring the tooltips of all that is in this widget to the keys as they are now."""
    for widget in (root, *root.findChildren(QWidget)):
        text = widget.property(_PROPERTY)
        if text:
            widget.setToolTip(with_keys(text))


def with_keys(text: str) -> str:
    """The text with keys in the place of actions; what is no action stays as it is."""
    return _ACTION.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    keys = keys_of(match[1])
    return match[0] if keys is None else " or ".join(map(key_text, keys)) or _NO_KEY
