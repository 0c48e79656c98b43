import keras
import pytest

import train
from pyimagesearch.minivggnet import MiniVGGNet
from pyimagesearch.normalization import BatchNormalization


def test_the_layers_are_the_tutorials():
    model = MiniVGGNet.build(64, 64, 3, 17)
    convolution = ["Conv2D", "Activation", "BatchNormalization"]
    block = [*convolution, *convolution, "MaxPooling2D", "Dropout"]
    head = ["Dense", "Activation", "BatchNormalization", "Dropout", "Dense", "Activation"]
    assert [type(x).__name__ for x in model.layers] == [*block, *block, "Flatten", *head]
    assert [x.rate for x in model.layers if hasattr(x, "rate")] == [0.25, 0.25, 0.5]
    assert [x.filters for x in model.layers if hasattr(x, "filters")] == [32, 32, 64, 64]
    # ours, and not Keras's, which has the same name
    assert sum(isinstance(x, BatchNormalization) for x in model.layers) == 5
    assert model.count_params() == 8_466_225
    assert model.output_shape == (None, 17)


def test_height_width_and_channels_are_not_mixed_up():
    assert MiniVGGNet.build(width=32, height=48, depth=1, classes=2).input_shape[1:] == (48, 32, 1)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("before", [0, 1, 31, 1000, 2325])
def test_the_learning_rate_decays_at_every_update_and_momentum_is_kept(before):
    optimizer = train.build_model(classes=2, epochs=75).optimizer
    weight = keras.Variable(0.0)
    optimizer.build([weight])
    optimizer.iterations.assign(before)
    first, second = (1e-2 / (1 + 1e-2 / 75 * updates) for updates in (before, before + 1))
    for moved in (first, first + 0.9 * first + second):
        optimizer.apply([keras.ops.ones(())], [weight])
        assert -float(weight.value) == pytest.approx(moved, rel=1e-4)
