"""The colours around the pictures, as plain values, so that the window and composed pictures look alike.

Dark and neutral: a tinted surround would shift how the colours of a map are seen.
"""

from viewer.render.plan import Rgb

CANVAS: Rgb = (14, 15, 18)
"""Behind everything."""

SURFACE: Rgb = (24, 26, 31)
"""Tile headers, panels, footer."""

RAISED: Rgb = (36, 39, 46)
"""Buttons and fields on a surface."""

BORDER: Rgb = (52, 56, 65)
"""Lines between surfaces."""

TEXT: Rgb = (233, 236, 241)
"""Titles and values."""

TEXT_MUTED: Rgb = (152, 160, 173)
"""Subtitles, units, hints."""

ACCENT: Rgb = (86, 156, 255)
"""What is selected or moving."""

GOOD: Rgb = (92, 200, 134)
"""All is well."""

WARNING: Rgb = (245, 184, 76)
"""Worth a look."""

ERROR: Rgb = (242, 99, 99)
"""Broken."""

BAND_RGB: tuple[Rgb, Rgb, Rgb] = ((255, 72, 72), (64, 214, 84), (84, 128, 255))
"""Beside the names of what is red, green and blue in a map in colour."""

INK_DARK: Rgb = (12, 13, 16)
"""Text on bright colours."""

INK_LIGHT: Rgb = (250, 250, 252)
"""Text on dark colours."""
