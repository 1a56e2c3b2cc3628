"""A street of our own making: the clip, the ground truth and the detector that the viewer shows out of the box."""
