"""The receptive field of every stage, found by following each operation of one forward.

Asking modules for kernels and strides would miss what is not a module (upsampling, sums, slices) and whatever a team's
own code does in between. Here the network runs once while every operation is watched, and each says by its own
arguments which cells of its operands a cell of its result is made of. What that gives is the theoretical field, for any
detector that runs in PyTorch: exact for convolutions, pooling, slices and sums, and at most a cell too large where
values are interpolated. Attention, and whatever averages over the whole map (squeeze and excitation, group norm), makes
the field the whole input, which is true of the network though not how it feels. An operation that is not known makes
the field unknown, and its name is told.

`trace` holds what is known of one tensor, `step` one operation, `rules` what operations do to a trace, `resampling`
those among them that put cells between cells; `watch` looks at all that is computed.
"""

from viewer.inference.fields.watch import FieldWatch

__all__ = ["FieldWatch"]
