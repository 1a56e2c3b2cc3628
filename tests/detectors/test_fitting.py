"""Weights under other names than the network's: which of them only a wrapper explains, and which are other weights."""

import pytest
import torch

from viewer.detectors.fitting import fitted, misfit


def tensors(*keys):
    return {key: torch.ones(2) for key in keys}


def test_batches_counted_or_not_make_no_difference():
    wanted = {"norm.weight": torch.ones(2), "norm.num_batches_tracked": torch.tensor(0)}
    assert fitted({"net.norm.weight": torch.ones(2)}, wanted).keys() == wanted.keys()
    assert fitted(wanted, {"norm.weight": torch.ones(2)}).keys() == {"norm.weight"}


@pytest.mark.parametrize("around", ["model.", "module.", "module.model.", "model.module.", "lit.model.model."])
def test_a_network_whose_own_keys_all_begin_alike_is_unwrapped_as_well(around):
    wanted = tensors("model.conv.weight", "model.conv.bias")
    assert fitted(tensors(*(around + key for key in wanted)), wanted).keys() == wanted.keys()


def test_keys_that_fit_as_they_are_stay():
    wanted = tensors("model.model.weight", "model.weight")
    assert fitted(wanted, wanted).keys() == wanted.keys()


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        (("backbone.conv.weight", "backbone.conv.bias"), "it has 'backbone.conv.weight' (2,) and 1 more"),
        (("body.layer.0.weight", "body.layer.1.weight"), "it has 'body.layer.0.weight' (2,) and 1 more"),
    ],
)
def test_keys_of_other_weights_are_named_as_they_are_in_the_file(given, lacks):
    wanted = tensors("stem.0.weight", "stem.1.weight")
    assert lacks in misfit(fitted(tensors(*given), wanted), wanted)
