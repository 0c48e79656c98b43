"""Keras's batch normalization, trained with TensorFlow's fused operation."""

import keras
import tensorflow as tf


class BatchNormalization(keras.layers.BatchNormalization):
    """A faster drop-in for `keras.layers.BatchNormalization` on TensorFlow.

    Keras 3 puts it together from some ten operations (keras-core#225); Keras 2 had this one. All
    else is Keras's, to rounding. Not for `jit_compile=True`: compiled by XLA, the operation loses
    the variance of inputs far from 0. Keras's "auto" does not compile a network with this layer.
    """

    # a saved network names Keras's own layer, and so loads where this package is not installed
    __module__ = "keras.layers"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.supports_jit = False

    def call(self, inputs, training=None, mask=None):
        """Normalize `inputs`, numbers of any shape; leave to Keras what the operation can't do."""
        last_axis = self.axis in (-1, len(inputs.shape) - 1)
        needed = training, self.trainable, self.center, self.scale, last_axis
        renorm = getattr(self, "renorm", False)  # older versions of Keras lack it
        unable = renorm, self.synchronized, mask is not None, inputs.dtype != "float32"
        if not all(needed) or any(unable):
            return super().call(inputs, training=training, mask=mask)
        images = inputs
        if len(inputs.shape) != 4:
            images = tf.reshape(inputs, (-1, 1, 1, inputs.shape[-1]))
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            images, self.gamma, self.beta, epsilon=self.epsilon
        )
        # it divides by n - 1, the estimate for a population; Keras keeps the variance of the batch
        n = tf.cast(tf.size(images) / tf.size(mean), tf.float32)
        variance *= (n - 1) / n
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return tf.reshape(outputs, tf.shape(inputs))
