"""The ultralytics adapter: YOLO v3 to 26 and RT-DETR, from checkpoints or model descriptions.

`files` finds what the user named, `checkpoint` turns it into a module without running its code, `heads` reads the
candidates of each kind of head, `stages` gives the outputs their roles and names, `adapter` is the detector.
`quiet` is the one door to the library: nothing else here imports it before `quiet` has closed its network, its
installer and its log.
"""
