"""A walk through every screen and state of the window, photographed: for documentation, and to look at all of it.

One engine runs for the whole walk and real frames are on the screen. What cannot be had on demand, such as a camera
that is lost or a network that is refused, is said to the session as the engine would say it (`staged`), so the window
shows what it would show then. `scenes` and `questions` say what there is to see, `walk` goes there and takes the
pictures.
"""

from viewer.ui.tour.scene import Scene
from viewer.ui.tour.scenes import SCENES
from viewer.ui.tour.walk import Look, tour

__all__ = ["SCENES", "Look", "Scene", "tour"]
