"""ONNX files as torch modules, so that every node of a graph can be tapped where it runs.

A file is read without touching anything outside its folder (`files`), its graph tidied (`graph`), each node turned into
a torch module by onnx2torch and a few converters of our own (`operators`), and the whole run as one module whose
children are named as the nodes are (`network`). What depends on nothing but the input's size is computed once a size,
on the host: what is left a frame are the operations on activations, which wait for nothing and can be captured in a
CUDA graph. `adapter` puts it behind the `Detector` port.

Only `onnx` and `onnx2torch` are needed (extra `[onnx]`); onnxruntime is what the tests compare with.
"""
