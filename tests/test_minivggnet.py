import keras
import numpy as np
import pytest

import train
from pyimagesearch.minivggnet import MiniVGGNet


def test_the_layers_are_the_tutorials():
    layers = [type(layer).__name__ for layer in MiniVGGNet.build(64, 64, 3, 17).layers]
    convolution = ["Conv2D", "Activation", "BatchNormalization"]
    block = [*convolution, *convolution, "MaxPooling2D", "Dropout"]
    head = ["Dense", "Activation", "BatchNormalization", "Dropout", "Dense", "Activation"]
    assert layers == [*block, *block, "Flatten", *head]


def test_it_has_the_tutorials_number_of_parameters():
    model = MiniVGGNet.build(64, 64, 3, 17)
    assert model.count_params() == 8_466_225
    assert model.output_shape == (None, 17)
    assert [layer.rate for layer in model.layers if "Dropout" in type(layer).__name__] == [
        0.25,
        0.25,
        0.5,
    ]
    assert [layer.filters for layer in model.layers if "Conv2D" in type(layer).__name__] == [
        32,
        32,
        64,
        64,
    ]


def test_width_and_height_are_not_mixed_up():
    assert MiniVGGNet.build(width=32, height=48, depth=1, classes=2).input_shape[1:] == (48, 32, 1)


@pytest.mark.parametrize("update", [0, 1, 31, 1000, 2325])
def test_the_learning_rate_decays_at_every_update(update):
    optimizer = train.build_model(classes=2, epochs=75).optimizer
    weight = keras.Variable(1.0)
    optimizer.build([weight])
    optimizer.iterations.assign(update)
    # the first update with a gradient of 1 moves a weight by just the rate
    optimizer.apply([keras.ops.ones(())], [weight])
    expected = 1e-2 / (1 + 1e-2 / 75 * update)
    assert 1 - float(weight.value) == pytest.approx(expected, rel=1e-4)


def test_momentum_is_kept_between_updates():
    optimizer = train.build_model(classes=2, epochs=75).optimizer
    weight = keras.Variable(0.0)
    optimizer.build([weight])
    for _ in range(2):
        optimizer.apply([keras.ops.ones(())], [weight])
    second = 1e-2 / (1 + 1e-2 / 75)
    assert float(weight.value) == pytest.approx(-(1e-2 + 0.9 * 1e-2 + second), rel=1e-4)
    assert np.isclose(optimizer.momentum, 0.9)
