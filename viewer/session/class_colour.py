"""The colour of a class of the model that is open."""

from viewer.render.labels import class_rgb
from viewer.render.plan import Rgb
from viewer.session.state import ViewState


def colour_of(state: ViewState, label: int) -> Rgb:
    """The colour that goes with the name of this class."""
    return class_rgb(label, state.detector.names if state.detector else ())
