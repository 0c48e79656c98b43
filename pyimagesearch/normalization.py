"""Keras's batch normalization, trained by the one operation that TensorFlow has for it."""

import keras
import tensorflow as tf


class BatchNormalization(keras.layers.BatchNormalization):
    """A faster drop-in for `keras.layers.BatchNormalization`.

    Keras 3 puts it together from some ten operations (keras-core#225); Keras 2 had this one.
    Arguments, weights and inference are Keras's, and so are outputs, gradients and moving
    averages, to rounding.
    """

    # a saved network names Keras's own layer, and so loads where this package is not installed
    __module__ = "keras.layers"

    def call(self, inputs, training=None, mask=None):
        """Normalize `inputs`, float of any shape; what the operation can't do, Keras does."""
        last_axis = self.axis in (-1, len(inputs.shape) - 1)
        usual = self.center and self.scale and not self.synchronized and mask is None
        usual = (
            usual and self.compute_dtype == "float32" and keras.backend.backend() == "tensorflow"
        )
        if not (training and self.trainable and last_axis and usual):
            return super().call(inputs, training=training, mask=mask)
        rows = tf.reshape(inputs, (-1, 1, 1, inputs.shape[-1]))
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            rows, self.gamma, self.beta, epsilon=self.epsilon
        )
        # it estimates the variance of a population (dividing by n - 1); Keras keeps the batch's
        n = tf.cast(tf.shape(rows)[0], tf.float32)
        variance *= (n - 1) / n
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return tf.reshape(outputs, tf.shape(inputs))
