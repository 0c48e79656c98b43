"""MiniVGGNet, a small relative of VGGNet (Simonyan and Zisserman, 2014)."""

from keras import Sequential
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D

from pyimagesearch.normalization import BatchNormalization


class MiniVGGNet:
    """Four 3x3 convolutions in two blocks, then two dense layers."""

    @staticmethod
    def build(width, height, depth, classes):
        """Return the network, a `keras.Sequential`, not compiled.

        It maps images `(n, height, width, depth)`, from 4x4 pixels up, to class probabilities
        `(n, classes)`, float32. For 64, 64, 3 and 17, it has the tutorial's 8,466,225 parameters.
        """
        return Sequential(
            [
                Input((height, width, depth)),
                # first block: (CONV => RELU => BN) * 2 => POOL
                Conv2D(32, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(),
                Conv2D(32, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(),
                MaxPooling2D(pool_size=(2, 2)),
                Dropout(0.25),
                # second block: the same with twice the filters
                Conv2D(64, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(),
                Conv2D(64, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(),
                MaxPooling2D(pool_size=(2, 2)),
                Dropout(0.25),
                # FC => RELU => BN
                Flatten(),
                Dense(512),
                Activation("relu"),
                BatchNormalization(),
                Dropout(0.5),
                # softmax classifier
                Dense(classes),
                Activation("softmax"),
            ],
            name="minivggnet",
        )
