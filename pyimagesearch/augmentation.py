"""Keras's image augmentation, all channels of an image at a time."""

import weakref

import numpy as np
from tensorflow.keras.preprocessing import image as keras_image

AFFINE = ("theta", "tx", "ty", "shear", "zx", "zy")


class ImageDataGenerator(keras_image.ImageDataGenerator):
    """A faster drop-in for `tensorflow.keras.preprocessing.image.ImageDataGenerator`.

    Constructor, methods and random numbers are its parent's, so the same seed gives the same
    images, to 0.01 of 255. Only the warp is new: the parent lets SciPy read every channel on
    its own; here NumPy works out once where an output pixel is read, for all its channels.
    """

    def flow(self, *args, **kwargs):
        """Return the iterator that the parent's `flow` returns, for the same arguments."""
        iterator = super().flow(*args, **kwargs)
        # the iterator holds a generator that holds the iterator: each batch would stay in memory
        # until Python next looks for such circles. A weak reference breaks this one.
        iterator.index_generator = type(iterator)._flow_index(weakref.proxy(iterator))
        return iterator

    def apply_transform(self, x, transform_parameters):
        """Return one image, transformed as drawn.

        Args:
            x: image, `(height, width, channels)` float, any value range.
            transform_parameters: dict, as `get_random_transform` returns it.

        Returns:
            The transformed image: shape, dtype and value range of `x`. With a `fill_mode`, an
            `interpolation_order` or a `data_format` that is not handled here, the parent warps.
        """
        handled = self.fill_mode == "nearest" and self.interpolation_order in (0, 1)
        if not handled or self.data_format != "channels_last":
            return super().apply_transform(x, transform_parameters)
        affine = {k: v for k, v in transform_parameters.items() if k in AFFINE}
        warped = _warp(x, _matrix(x.shape, **affine), self.interpolation_order)
        # what follows the warp (flips, channel shift, brightness) stays the parent's
        rest = {k: v for k, v in transform_parameters.items() if k not in AFFINE}
        return super().apply_transform(warped, rest)


def _matrix(shape, theta=0, tx=0, ty=0, shear=0, zx=1, zy=1):
    """Return what maps an output pixel (x, y, 1) to where it is read: `(2, 3)` float32."""
    theta, shear = np.deg2rad(theta), np.deg2rad(shear)
    sin, cos = np.sin(theta), np.cos(theta)
    # rotation @ shift @ shear @ zoom, multiplied out
    a, b = zx * cos, -zy * np.sin(theta + shear)
    d, e = zx * sin, zy * np.cos(theta + shear)
    # about the centre, for which the parent takes half the height as x and half the width as y
    x, y = shape[0] / 2 - 0.5, shape[1] / 2 - 0.5
    c = x - a * x - b * y + cos * tx - sin * ty
    f = y - d * x - e * y + sin * tx + cos * ty
    return np.array([[a, b, c], [d, e, f]], np.float32)


def _warp(image, matrix, order):
    """Read each output pixel where the matrix says; beyond the edge, the edge pixel."""
    height, width, channels = image.shape
    rows, columns = np.ogrid[: np.float32(height), : np.float32(width)]
    (a, b, c), (d, e, f) = matrix
    x = (a * columns + (b * rows + c)).clip(0, width - 1)
    y = (d * columns + (e * rows + f)).clip(0, height - 1)
    pixels = image.reshape(-1, channels)
    if order == 0:
        index = np.floor(y + 0.5) * width + np.floor(x + 0.5)
        return pixels.take(index.astype(np.intp).ravel(), axis=0).reshape(image.shape)

    left, top = np.floor(x), np.floor(y)
    index = (top * width + left).astype(np.intp).ravel()
    x, y = (np.repeat(p, channels).reshape(-1, channels) for p in (x - left, y - top))

    def between_columns(index):
        # at the last column or row the second neighbour has weight 0: any pixel will do
        near, far = (pixels.take(i, axis=0, mode="clip") for i in (index, index + 1))
        far -= near
        far *= x
        near += far
        return near

    upper, lower = between_columns(index), between_columns(index + width)
    lower -= upper
    lower *= y
    upper += lower
    return upper.reshape(image.shape)
