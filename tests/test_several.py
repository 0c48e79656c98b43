"""Several machines and devices train as one process does that averages their gradients."""

import contextlib
import json
import re
import socket

import keras
import numpy as np
import pytest
import tensorflow as tf

from programs import PATIENCE, copy_project, run, running, shrink
from pyimagesearch.csv_rows import TRAIN_NAME
from pyimagesearch.feeding import build_model
from pyimagesearch.feeding.arrays import read_arrays
from small_csvs import cycle, write_csv

NAMES = tuple("abcdefghijkl")
ROWS, BS = 128, 16

# run a script as a user does, and then with nothing random but the first weights
TWICE = f"""
import functools, importlib, runpy, sys
import keras, numpy as np, tensorflow as tf

name, index = sys.argv[1:]
if name == "several_gpus":
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
runpy.run_module("pyimagesearch.feeding." + name, run_name="__main__")

from pyimagesearch.augmentation import ImageDataGenerator
script = importlib.import_module("pyimagesearch.feeding." + name)
script.EPOCHS, script.BATCH_SIZE = 1, {BS}
script.ImageDataGenerator = lambda **augmentation: ImageDataGenerator()
ImageDataGenerator.flow = functools.partialmethod(ImageDataGenerator.flow, shuffle=False)
keras.Model.fit = functools.partialmethod(keras.Model.fit, shuffle=False)
keras.layers.Dropout.call = lambda self, inputs, training=None: inputs
np.savez(name + index, *script.main().get_weights())
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """Let two machines train; return the folder, and what each printed."""
    folder = copy_project(tmp_path_factory.mktemp("several"))
    (folder / "twice.py").write_text(TWICE)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        workers = [f"127.0.0.1:{free.getsockname()[1]}" for free in (one, other)]
    with pytest.MonkeyPatch.context() as monkeypatch, contextlib.ExitStack() as stack:
        shrink(monkeypatch)
        write_csv(folder / TRAIN_NAME, cycle(ROWS, *NAMES))
        processes = []
        for n in range(2):
            place = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": n}}
            options = {"cwd": folder, "env": {"TF_CONFIG": json.dumps(place)}}
            process = running("twice.py", "several_machines", str(n), **options)
            processes.append(stack.enter_context(process))
        outputs = [process.communicate(timeout=PATIENCE) for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outputs
        yield folder, [output for output, _ in outputs]


def loss_falls(output):
    first, second, _ = map(float, re.findall(r" loss: (\S+)", output))
    return second < first


def assert_trained_alike(path, *halves):
    """Train on batches of two halves, by the mean of both gradients; compare the weights."""
    images, targets, _ = read_arrays(path.parent / TRAIN_NAME)
    keras.utils.set_random_seed(42)
    model = build_model(len(NAMES))
    model.optimizer.build(model.trainable_variables)
    for layer in model.layers:
        layer.rate = 0

    def gradients(rows):
        with tf.GradientTape() as tape:
            outputs = model(tf.gather(images, rows), training=True)
            losses = keras.losses.categorical_crossentropy(tf.gather(targets, rows), outputs)
            loss = tf.reduce_mean(losses)
        return tape.gradient(loss, [weight.value for weight in model.trainable_variables])

    @tf.function  # as in `fit`: compiled operations may round in another way
    def step(first, second):
        both = zip(gradients(first), gradients(second), strict=True)
        model.optimizer.apply([(a + b) / 2 for a, b in both], model.trainable_variables)

    for first, second in zip(*(np.reshape(half, (-1, BS)) for half in halves), strict=True):
        step(tf.constant(first), tf.constant(second))
    pairs = zip(model.weights, np.load(path).values(), strict=True)
    largest = max(np.abs(w.numpy() - other).max() for w, other in pairs if w.trainable)
    print(f"{path.name}: largest difference of a weight {largest:.1e}")
    assert largest <= 1e-6


def test_two_machines_train_as_one_process_that_averages_both_gradients(machines):
    folder, outputs = machines
    assert all(map(loss_falls, outputs))
    halves = range(0, ROWS, 2), range(1, ROWS, 2)
    assert_trained_alike(folder / "several_machines0.npz", *halves)


def test_all_weights_are_the_same_on_both_machines_and_saved(machines):
    folder, _ = machines
    saved = keras.models.load_model(folder / "several.keras").get_weights()
    for path in folder.glob("several_machines?.npz"):
        for weight, other in zip(np.load(path).values(), saved, strict=True):
            np.testing.assert_array_equal(weight, other)


def test_two_devices_train_as_one_process_that_averages_both_gradients(machines):
    folder, _ = machines
    result = run("twice.py", "several_gpus", "", cwd=folder)
    if keras.__version__.startswith(("3.5.", "3.6.", "3.7.")):  # they average wrongly: refused
        assert result.returncode == 1
        assert result.stderr.splitlines()[-1].startswith(f"[ERROR] Keras {keras.__version__}")
        return
    assert result.returncode == 0, result.stderr
    assert loss_falls(result.stdout)
    halves = np.arange(ROWS).reshape(-1, 2, BS).swapaxes(0, 1)
    assert_trained_alike(folder / "several_gpus.npz", *halves)
