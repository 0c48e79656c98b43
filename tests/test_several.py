"""README's blocks for several machines and several GPUs, as processes and devices of this one."""

import contextlib
import itertools
import json
import re
import socket

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.preprocessing import LabelBinarizer

from programs import PATIENCE, ROOT, running
from small_csvs import cycle, write_csv
from train import TRAIN_CSV, build_model, csv_image_generator

README = (ROOT / "README.md").read_text(encoding="utf-8")
BS, STEPS = 4, 3
NAMES = tuple("abcdefghijkl")

# what follows a block in the same process: a training without augmentation and dropout
PLAIN = """
import keras
import numpy as np
keras.utils.set_random_seed(42)
{scope}
    plain = build_model(len(lb.classes_), epochs=5)
    for layer in plain.layers:
        layer.rate = 0
{fit}
np.savez("{name}.npz", *(weight.numpy() for weight in plain.trainable_variables))
"""
MACHINES = f"""
np.savez(f"all{{index}}.npz", *model.get_weights())
optimizer = AveragingSGD.from_config(plain.optimizer.get_config())
plain.compile(loss=plain.loss, optimizer=optimizer)
plain.fit(share(TRAIN_CSV, {BS}, lb), steps_per_epoch={STEPS}, shuffle=False, verbose=0)
"""
GPUS = f"""
rows = slice({2 * BS * STEPS})
plain.fit(images[rows], targets[rows], batch_size={2 * BS}, shuffle=False, verbose=0)
"""
TWO_DEVICES = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
"""


def block(phrase):
    (found,) = [
        b for b in re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S) if phrase in b
    ]
    return found


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Run the blocks, two machines beside each other; return the folder and what each printed."""
    folder = tmp_path_factory.mktemp("several")
    write_csv(folder / TRAIN_CSV, cycle(128, *NAMES))
    (folder / "several.py").write_text(
        block("MultiWorkerMirroredStrategy")
        + PLAIN.format(scope="if True:", fit=MACHINES, name="plain{index}").replace(
            '"plain', 'f"plain'
        )
    )
    (folder / "gpus.py").write_text(
        TWO_DEVICES
        + block("tf.distribute.MirroredStrategy")
        + PLAIN.format(scope="with strategy.scope():", fit=GPUS, name="plain_gpus")
    )
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]
    with contextlib.ExitStack() as stack:
        processes = []
        for index in range(2):
            task = {"type": "worker", "index": index}
            config = json.dumps({"cluster": {"worker": workers}, "task": task})
            environment = {"TF_CONFIG": config, "PYTHONPATH": str(ROOT)}
            process = running("several.py", cwd=folder, env=environment)
            processes.append(stack.enter_context(process))
        outputs = [process.communicate(timeout=PATIENCE) for process in processes]
        # after them: three processes would wait for each other on two cores
        gpus = running("gpus.py", cwd=folder, env={"PYTHONPATH": str(ROOT)})
        processes.append(stack.enter_context(gpus))
        outputs.append(processes[-1].communicate(timeout=PATIENCE))
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    return folder, [output for output, _ in outputs]


def arrays(path):
    with np.load(path) as file:
        return [file[name] for name in file.files]


def test_the_loss_falls_in_each_process(trained):
    for output in trained[1]:
        losses = [float(loss) for loss in re.findall(r"loss: (\d+\.\d+)", output)]
        assert len(losses) > 1
        assert losses[-1] < losses[0], losses


def test_all_weights_are_the_same_on_both_machines(trained):
    folder, _ = trained
    first, second = (arrays(folder / f"all{index}.npz") for index in range(2))
    saved = keras.models.load_model(folder / "several.keras").get_weights()
    assert len(first) == 32
    for one, other, kept in zip(first, second, saved, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, kept)


def test_they_train_as_one_process_that_averages_the_gradients_of_both_halves(trained):
    folder, _ = trained
    keras.utils.set_random_seed(42)
    lb = LabelBinarizer().fit(NAMES)
    model = build_model(len(NAMES), epochs=5)
    for layer in model.layers:
        layer.rate = 0
    batches = csv_image_generator(folder / TRAIN_CSV, BS, lb)
    for pair in itertools.islice(zip(batches, batches, strict=True), STEPS):
        gradients = []
        for images, labels in pair:
            with tf.GradientTape() as tape:
                loss = keras.losses.categorical_crossentropy(labels, model(images, training=True))
                loss = tf.reduce_mean(loss)
            gradients.append(tape.gradient(loss, [w.value for w in model.trainable_variables]))
        mean = [(one + other) / 2 for one, other in zip(*gradients, strict=True)]
        model.optimizer.apply(mean, model.trainable_variables)
    # Keras 3.5 does not average the gradients of replicas; README says so
    gpus = () if keras.__version__.startswith("3.5.") else ("plain_gpus",)
    for name in ("plain0", "plain1", *gpus):
        theirs = arrays(folder / f"{name}.npz")
        for weight, other in zip(model.trainable_variables, theirs, strict=True):
            np.testing.assert_allclose(weight.numpy(), other, rtol=1e-4, atol=1e-6)
