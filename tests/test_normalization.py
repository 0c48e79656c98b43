import copy
import inspect
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from pyimagesearch.normalization import BatchNormalization

KERAS = keras.layers.BatchNormalization
NUMBERS = [{"momentum": 0.5}, {"epsilon": 0.1}, {"axis": 2}, {"axis": -2}]
SWITCHES = [{"center": False}, {"scale": False}, {"trainable": False}]
RENORM = {"renorm": True, "renorm_clipping": {"rmax": 1.5, "rmin": 0.5, "dmax": 2}}
CASES = [(shape, {}) for shape in ((32, 8, 8, 5), (32, 50), (4, 7, 3), (1, 9, 9, 2))]
CASES += [((8, 6, 6, 6), options) for options in (*NUMBERS, *SWITCHES, RENORM)]


def noise(*shape, seed=0, mean=3, deviation=50):
    return np.random.default_rng(seed).normal(mean, deviation, shape).astype(np.float32)


def train_step(layer, inputs, weights):
    """Return outputs, the gradients of all that can be trained, and the moving averages."""
    inputs = tf.convert_to_tensor(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        loss = tf.reduce_sum(outputs * weights)
    variables = [variable.value for variable in layer.trainable_variables]
    gradients = tape.gradient(loss, [inputs, *variables])
    weights = [tf.identity(variable.value) for variable in layer.weights]
    return [outputs, *gradients, *weights, layer(inputs, training=False)]


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_three_steps_of_training_and_inference_are_keras_to_rounding(shape, options):
    if "renorm" in options and "renorm" not in inspect.signature(KERAS).parameters:
        pytest.skip("this Keras has no renorm")
    # far from 1 and 0, so that none of them can be mixed up
    rng = np.random.default_rng(1)
    values = [rng.uniform(0.5, 2, shape[options.get("axis", -1)]) for _ in range(4)]
    layers = [KERAS(**options), BatchNormalization(**options)]
    for layer in layers:
        layer.build(shape)
        layer.set_weights([*values, *layer.get_weights()[4:]][: len(layer.weights)])
    for seed in range(3):
        batch = noise(*shape, seed=seed), noise(*shape, seed=9)
        for expected, ours in zip(*(train_step(layer, *batch) for layer in layers), strict=True):
            scale = np.abs(expected).max()
            np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5 * scale)


def test_no_network_with_it_is_compiled_by_xla_not_even_if_asked_for():
    # compiled by XLA, it would lose the variance of such images
    images, targets = noise(64, 8, 8, 3, mean=293, deviation=0.5), noise(64, 2, deviation=1)

    def losses(layer, **options):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([layer, keras.layers.Flatten(), keras.layers.Dense(2)])
        model.compile("sgd", "mse", **options)
        fitted = model.fit(images, targets, epochs=3, batch_size=16, shuffle=False, verbose=0)
        return fitted.history["loss"]

    # Keras decides here as for "auto", which on CPUs compiles no network by XLA
    with pytest.warns(UserWarning, match="doesn't support `jit_compile=True`"):
        ours = losses(BatchNormalization(), jit_compile=True)
    assert ours == pytest.approx(losses(KERAS()), rel=1e-3)


def test_saved_copied_or_pickled_a_network_has_keras_own_layer(tmp_path):
    inputs = noise(4, 8, 8, 3)
    model = keras.Sequential([keras.layers.Input((8, 8, 3)), BatchNormalization()])
    model(inputs, training=True)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    for other in (loaded, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert type(other.layers[0]) is KERAS
        np.testing.assert_array_equal(other(inputs), model(inputs))
