"""Which file names mean a still image; everything else is tried as a video."""

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp"})
"""Lower-case suffixes read as images."""
