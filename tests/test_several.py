"""Several machines train as one process does that averages their gradients."""

import concurrent.futures
import json
import socket

import keras
import numpy as np
import tensorflow as tf

from programs import copy_project, run, shrink
from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.feeding.arrays import read_arrays
from pyimagesearch.minivggnet import MiniVGGNet
from small_csvs import cycle, write_csv

# the script, with nothing random but the first weights
MACHINE = """
import functools, sys, keras, numpy as np
from pyimagesearch.feeding import several_machines

several_machines.BATCH_SIZE = 16
generator = several_machines.ImageDataGenerator
generator.flow = functools.partialmethod(generator.flow, shuffle=False)
keras.Model.fit = functools.partialmethod(keras.Model.fit, shuffle=False)
generator.apply_transform = lambda self, image, parameters: image
keras.layers.Dropout.call = lambda self, inputs, training=None: inputs
np.savez(sys.argv[1], *several_machines.main().get_weights())
"""


def let_two_machines_train(folder):
    """Run the script as two machines; each leaves its weights, 0.npz and 1.npz."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        workers = [f"127.0.0.1:{free.getsockname()[1]}" for free in (one, other)]

    def machine(n):
        place = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": n}}
        return run("-c", MACHINE, f"{n}.npz", cwd=folder, env={"TF_CONFIG": json.dumps(place)})

    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = list(pool.map(machine, range(2)))
    assert [result.returncode for result in results] == [0, 0], results


def train_in_one_process(images, targets, classes):
    """Average at each update the gradients of the batches that two machines would have."""
    keras.utils.set_random_seed(42)
    model = MiniVGGNet.build(*images.shape[1:], len(classes))
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

    for rows in 2 * np.arange(64).reshape(-1, 2 * 16).tolist():
        step(tf.constant(rows))
    return model


def test_two_machines_train_as_one_process_that_averages_both_gradients(tmp_path, monkeypatch):
    shrink(monkeypatch)
    write_csv(copy_project(tmp_path) / TRAIN_NAME, cycle(64, *"abcdefghijkl"))
    let_two_machines_train(tmp_path)
    saved = keras.models.load_model(tmp_path / "several.keras").get_weights()
    machines = (np.load(tmp_path / f"{n}.npz").values() for n in range(2))
    expected = train_in_one_process(*read_arrays(tmp_path / TRAIN_NAME)).weights
    for weight, first, second, other in zip(saved, *machines, expected, strict=True):
        np.testing.assert_array_equal(weight, first)
        np.testing.assert_array_equal(weight, second)
        if other.trainable:  # the others are moving averages
            np.testing.assert_allclose(weight, other, rtol=0, atol=1e-6)
