import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.normalization import BatchNormalization


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(3, 50, shape).astype(np.float32)


def train_step(layer, inputs, weights):
    """Return outputs, the gradients of all that can be trained, and the moving averages."""
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        loss = tf.reduce_sum(outputs * weights)
    variables = [variable.value for variable in layer.trainable_variables]
    gradients = tape.gradient(loss, [inputs, *variables])
    return [outputs, *gradients, *layer.weights, layer(inputs, training=False)]


def assert_alike(shape, mask=None, **options):
    """Check three steps of training, and inference, against Keras's own layer."""
    # far from 1 and 0, so that none of them can be mixed up
    rng = np.random.default_rng(1)
    axis = options.get("axis", -1)
    values = [rng.uniform(0.5, 2, shape[axis]) for _ in range(4)]
    layers = [keras.layers.BatchNormalization(**options), BatchNormalization(**options)]
    for layer in layers:
        layer.build(shape)
        layer.set_weights(values[: len(layer.weights)])
    for seed in range(3):
        expected, ours = (
            train_step(x, noise(*shape, seed=seed), noise(*shape, seed=9)) for x in layers
        )
        assert len(ours) == len(expected)
        for one, other in zip(ours, expected, strict=True):
            scale = np.abs(other).max()
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("shape", [(32, 8, 8, 5), (32, 50), (4, 7, 3), (1, 9, 9, 2)])
def test_training_and_inference_are_keras_to_rounding(shape):
    assert_alike(shape)


@pytest.mark.parametrize(
    "options",
    [
        {"momentum": 0.5},
        {"epsilon": 0.1},
        {"axis": 1},
        {"axis": 3},
        {"center": False},
        {"scale": False},
        {"trainable": False},
    ],
    ids=str,
)
def test_each_option_is_keras_to_rounding(options):
    assert_alike((8, 6, 6, 6), **options)


def test_the_network_is_normalized_by_it():
    layers = MiniVGGNet.build(8, 8, 3, 2).layers
    assert sum(isinstance(layer, BatchNormalization) for layer in layers) == 5


def test_saved_or_pickled_it_is_keras_own_layer(tmp_path):
    inputs = noise(4, 8, 8, 3)
    layer = BatchNormalization()
    model = keras.Sequential([keras.layers.Input((8, 8, 3)), layer])
    layer(inputs, training=True)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras").layers[0]
    for other in (loaded, pickle.loads(pickle.dumps(layer))):
        assert type(other) is keras.layers.BatchNormalization
        np.testing.assert_array_equal(other(inputs), layer(inputs))
