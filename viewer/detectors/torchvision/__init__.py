"""The torchvision adapter: its twelve builders of detectors, driven part by part.

`builders` knows their names and what each needs to be built, `weights` finds and checks a state dict and never runs
code from it, `dense` and `rcnn` are the two ways from a picture to candidates, `stages` gives the outputs their roles
and names, `shapes` makes masks and poses, `adapter` is the detector.

A torchvision model normalises, resizes and pads pictures itself and returns finished detections. Here the pictures
arrive resized, the model's own parts run one after the other, and its thresholds are left to the viewer's sliders.
"""
