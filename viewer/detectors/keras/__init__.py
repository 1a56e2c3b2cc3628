"""Keras 3 detectors on the torch backend, so that activations are torch tensors on the device like everybody else's.

Keras keeps its layers in lists of its own: `named_modules()` of a Keras model shows none of them. So layers come from
Keras (`layers`), each gets a small torch module under its path (`network.Passage`), and `tapping` brings what a layer
returns to its module, in one of the three ways in which Keras lets anybody see it: hooks on layers, more outputs of
the same graph, or layers placed between. Maps are handed on as (N, C, H, W) views, whatever the model's layout.

`backend` is the one door to Keras; `files` reads `.keras` archives so that no code in them runs; `adapter` opens them,
and `wrap_keras` takes a model that a user's own `build()` returns.
"""
