"""Keras models for tests, whose every activation is known: brightness averaged, made finer again and added."""

import warnings

import numpy as np

from viewer.detectors.keras.backend import load_keras

keras = load_keras("testing")
layers = keras.layers
GREY = [np.full((1, 1, 3, 2), 1 / 3, np.float32), np.array([0, 1], np.float32)]


def backbone(name="backbone", size=64):
    """Means over 8 and 16 pixels, each cell twice: as it is, and plus one."""
    picture = keras.Input((size, size, 3))
    grey = layers.Conv2D(2, 1, name="grey")(picture)
    p4 = layers.AveragePooling2D(4, name="p4")(grey)
    half = layers.AveragePooling2D(2, name="half")  # one layer, called twice
    p8 = half(p4)
    model = keras.Model(picture, [p8, half(p8)], name=name)
    model.get_layer("grey").set_weights(GREY)
    return model


def neck(p8, p16):
    up = layers.UpSampling2D(2, name="up")(p16)
    return layers.Add(name="sum")([up, p8])


def head(p8):
    return layers.Conv2D(1, 1, name="score", activation="sigmoid")(p8)


def flat(size=64):
    """All layers in one graph."""
    picture = keras.Input((size, size, 3), name="picture")
    grey = layers.Conv2D(2, 1, name="grey")(picture)
    p4 = layers.AveragePooling2D(4, name="p4")(grey)
    half = layers.AveragePooling2D(2, name="half")
    p8 = half(p4)
    p16 = half(p8)
    model = keras.Model(picture, head(neck(p8, p16)), name="flat")
    model.get_layer("grey").set_weights(GREY)
    return model


def nested(size=64):
    """The backbone is a model of its own."""
    picture = keras.Input((size, size, 3), name="picture")
    p8, p16 = backbone(size=size)(picture)
    return keras.Model(picture, head(neck(p8, p16)), name="nested")


@keras.saving.register_keras_serializable(package="featscope-tests")
class Subclassed(keras.Model):
    """The same as code."""

    def __init__(self, size=64, **options):
        super().__init__(**{"name": "subclassed", **options})
        self.size = size
        self.backbone = backbone(size=size)
        self.up = layers.UpSampling2D(2, name="up")
        self.sum = layers.Add(name="sum")
        self.score = layers.Conv2D(1, 1, name="score", activation="sigmoid")

    def get_config(self):
        return {"size": self.size}

    def call(self, pictures):
        p8, p16 = self.backbone(pictures)
        return self.score(self.sum([self.up(p16), p8]))


def subclassed(size=64):
    model = Subclassed(size)
    model(np.zeros((1, size, size, 3), np.float32))
    return model


def save(model, path):
    """Save a model; Keras 3.15 reads its own variables in a way that numpy 2 warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model.save(path)
    return path


def lively_kyolo(checkpoint, size):
    """kyolo's YOLOv8 with the weights of a lively ultralytics checkpoint of seven classes."""
    import kyolo
    import torch
    from kyolo.conversion.convert import transfer_torch_to_keras

    network = torch.load(checkpoint, weights_only=False)["model"].float()
    model = kyolo.models.yolov8n(nc=7, input_shape=(size, size, 3))
    weights = {key: value.numpy() for key, value in network.state_dict().items()}
    report = transfer_torch_to_keras(model, weights, verbose=False)
    assert report["transferred"] == report["total"] > 0
    return model


MODELS = {"flat": flat, "nested": nested, "subclassed": subclassed}

DECODE = """
import torch
names = ["bright"]
def decode(outputs, letterbox):
    scores = outputs[0, :, :, 0].flatten()
    boxes = torch.tensor([[0.0, 0.0, 8.0, 8.0]]).repeat(len(scores), 1)
    return boxes, scores, torch.zeros(len(scores))
"""
