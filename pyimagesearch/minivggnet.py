"""MiniVGGNet, a small relative of VGGNet (Simonyan and Zisserman, 2014)."""

from keras import Sequential, backend
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D

from pyimagesearch.normalization import BatchNormalization


class MiniVGGNet:
    """Four 3x3 convolutions in two blocks, then two dense layers."""

    @staticmethod
    def build(width, height, depth, classes):
        """Return the network, not compiled.

        Args:
            width, height: size of the input images, in pixels, at least 4 each.
            depth: channels of the input images (3 for RGB).
            classes: number of outputs, at least 2.

        Returns:
            A `keras.Sequential` that maps `(n, height, width, depth)`, or
            `(n, depth, height, width)` where Keras's image data format is "channels_first", to
            class probabilities `(n, classes)`, float32. For 64, 64, 3 and 17 it has the
            tutorial's 8,466,225 parameters.
        """
        if backend.image_data_format() == "channels_first":
            shape, channel_axis = (depth, height, width), 1
        else:
            shape, channel_axis = (height, width, depth), -1

        return Sequential(
            [
                Input(shape),
                # first block: (CONV => RELU => BN) * 2 => POOL
                Conv2D(32, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(axis=channel_axis),
                Conv2D(32, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(axis=channel_axis),
                MaxPooling2D(pool_size=(2, 2)),
                Dropout(0.25),
                # second block: the same with twice the filters
                Conv2D(64, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(axis=channel_axis),
                Conv2D(64, (3, 3), padding="same"),
                Activation("relu"),
                BatchNormalization(axis=channel_axis),
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
