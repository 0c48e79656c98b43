"""Other ways to feed Keras than a generator: scripts that train one network on the CSVs here."""

from pyimagesearch import config
from pyimagesearch.quiet import loading_tensorflow

with loading_tensorflow():
    import keras

from pyimagesearch.minivggnet import MiniVGGNet


def build_model(classes, optimizer=None):
    """Return MiniVGGNet for this many classes, compiled; plain SGD unless given an optimizer."""
    height, width, depth = config.IMAGE_SHAPE
    model = MiniVGGNet.build(width, height, depth, classes)
    optimizer = optimizer or keras.optimizers.SGD(learning_rate=1e-2, momentum=0.9)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model
