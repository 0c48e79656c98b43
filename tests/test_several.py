"""Several machines train as one process does that averages their gradients."""

import contextlib
import json
import re
import socket

import keras
import numpy as np
import pytest
import tensorflow as tf

from programs import PATIENCE, copy_project, running, shrink
from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.feeding.arrays import read_arrays
from pyimagesearch.minivggnet import MiniVGGNet
from small_csvs import cycle, write_csv

NAMES = tuple("abcdefghijkl")
ROWS, BS = 64, 16

# the script, with nothing random but the first weights
MACHINE = f"""
import functools, sys, keras, numpy as np
from pyimagesearch.feeding import several_machines

several_machines.BATCH_SIZE = {BS}
generator = several_machines.ImageDataGenerator
generator.flow = functools.partialmethod(generator.flow, shuffle=False)
keras.Model.fit = functools.partialmethod(keras.Model.fit, shuffle=False)
generator.apply_transform = lambda self, image, parameters: image
keras.layers.Dropout.call = lambda self, inputs, training=None: inputs
np.savez(sys.argv[1], *several_machines.main().get_weights())
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """Let two machines train; return the folder, and what each printed."""
    folder = copy_project(tmp_path_factory.mktemp("several"))
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        workers = [f"127.0.0.1:{free.getsockname()[1]}" for free in (one, other)]
    with pytest.MonkeyPatch.context() as monkeypatch, contextlib.ExitStack() as stack:
        shrink(monkeypatch)
        write_csv(folder / TRAIN_NAME, cycle(ROWS, *NAMES))
        processes = []
        for n in range(2):
            place = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": n}}
            options = {"cwd": folder, "env": {"TF_CONFIG": json.dumps(place)}}
            processes.append(stack.enter_context(running("-c", MACHINE, f"{n}.npz", **options)))
        outputs = [process.communicate(timeout=PATIENCE) for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outputs
        yield folder, [output for output, _ in outputs]


def test_two_machines_train_as_one_process_that_averages_both_gradients(machines):
    folder, outputs = machines
    for output in outputs:
        first, second = map(float, re.findall(r" loss: (\S+)", output))
        assert second < first
    images, targets, _ = read_arrays(folder / TRAIN_NAME)
    keras.utils.set_random_seed(42)
    model = MiniVGGNet.build(*images.shape[1:], len(NAMES))
    model.compile(keras.optimizers.SGD(learning_rate=1e-2, momentum=0.9))
    model.optimizer.build(model.trainable_variables)
    for layer in model.layers:
        layer.rate = 0

    def gradients(rows):
        with tf.GradientTape() as tape:
            outputs = model(tf.gather(images, rows), training=True)
            loss = keras.losses.CategoricalCrossentropy()(tf.gather(targets, rows), outputs)
        return tape.gradient(loss, [weight.value for weight in model.trainable_variables])

    @tf.function  # as in `fit`: compiled operations may round in another way
    def step(rows):
        both = zip(gradients(rows[::2]), gradients(rows[1::2]), strict=True)
        model.optimizer.apply([(a + b) / 2 for a, b in both], model.trainable_variables)

    for rows in 2 * np.arange(ROWS).reshape(-1, 2 * BS).tolist():
        step(tf.constant(rows))
    pairs = zip(model.weights, np.load(folder / "0.npz").values(), strict=True)
    largest = max(np.abs(w.numpy() - other).max() for w, other in pairs if w.trainable)
    print(f"largest difference of a weight {largest:.1e}")
    assert largest <= 1e-6


def test_all_weights_are_the_same_on_both_machines_and_saved(machines):
    folder, _ = machines
    saved = keras.models.load_model(folder / "several.keras").get_weights()
    for path in folder.glob("?.npz"):
        for weight, other in zip(np.load(path).values(), saved, strict=True):
            np.testing.assert_array_equal(weight, other)
