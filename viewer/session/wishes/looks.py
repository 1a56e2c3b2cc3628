"""Wishes for how the pictures look: colours, opacity, what lies over the frame, and which part of it is seen."""

from viewer.render.colormap import lut
from viewer.render.views import MapView
from viewer.session.session import Session
from viewer.session.state import Viewport
from viewer.session.viewport import clamped


class Looks:
    """Changes the look alone; the engine is asked nothing.

    Args:
        session: Whose pictures they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def set_alpha(self, alpha: float) -> None:
        """Opacity of overlays, 0..1."""
        self._session.update(alpha=min(max(alpha, 0.0), 1.0))

    def set_colormap(self, name: str) -> None:
        """Colour map of overlays.

        Raises:
            ConfigError: If there is none of that name; the old one stays.
        """
        lut(name, self._session.state.alpha)
        self._session.update(colormap=name)

    def set_fade(self, on: bool) -> None:
        """Let the opacity of overlays follow the value, so that weak cells leave the frame visible."""
        self._session.update(fade=on)

    def set_view(self, view: MapView) -> None:
        """How tiles show frame and map."""
        self._session.update(view=view)

    def next_view(self) -> None:
        """Overlay, map, side by side, swipe, round and round."""
        self.set_view(self._session.state.view.after())

    def set_divider(self, share: float) -> None:
        """Where swiped tiles part frame and map, 0 at their left edge and 1 at the right."""
        self._session.update(divider=min(max(share, 0.0), 1.0))

    def set_overlays(self, on: bool) -> None:
        """Draw overlays or leave the pictures bare."""
        self._session.update(overlays=on)

    def set_boxes(self, on: bool) -> None:
        """Draw boxes or leave them out."""
        self._session.update(boxes=on)

    def set_viewport(self, viewport: Viewport) -> None:
        """Show this part of the picture in every tile."""
        self._session.update(viewport=clamped(viewport))

    def reset_viewport(self) -> None:
        """Show the whole picture."""
        self._session.update(viewport=Viewport())
