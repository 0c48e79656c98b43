"""README's blocks for several machines and several GPUs, as processes and devices of this one."""

import contextlib
import json
import re
import socket

import keras
import numpy as np
import pytest
import tensorflow as tf
from packaging import version
from sklearn.preprocessing import LabelBinarizer

from programs import PATIENCE, ROOT, copy_project, run, running, shrink
from small_csvs import cycle, write_csv
from train import TRAIN_CSV, build_model, csv_image_generator

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
NAMES = tuple("abcdefghijkl")
BS, STEPS = 4, 3

# what follows a block in the same process: a training without augmentation and dropout
PLAIN = """
import keras
import numpy as np
np.savez(f"all{{index}}.npz", *model.get_weights())
keras.utils.set_random_seed(42)
{scope}
    plain = build_model(len(lb.classes_), epochs=5)
    for layer in plain.layers:
        layer.rate = 0
{fit}
np.savez(f"plain{{index}}.npz", *(weight.numpy() for weight in plain.trainable_variables))
"""
MACHINES = f"""
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
index = "_gpus"
"""


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Run both blocks, one of them on two machines; return the folder and what each printed."""
    folder = copy_project(tmp_path_factory.mktemp("several"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        shrink(monkeypatch)
        yield run_blocks(folder)


def run_blocks(folder):
    write_csv(folder / TRAIN_CSV, cycle(128, *NAMES))
    (machines,) = (block for block in BLOCKS if "MultiWorkerMirroredStrategy" in block)
    (gpus,) = (block for block in BLOCKS if "tf.distribute.MirroredStrategy" in block)
    machines += PLAIN.format(scope="if True:", fit=MACHINES)
    gpus = TWO_DEVICES + gpus + PLAIN.format(scope="with strategy.scope():", fit=GPUS)
    (folder / "several.py").write_text(machines)
    (folder / "gpus.py").write_text(gpus)
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    with contextlib.ExitStack() as stack:
        processes = []
        for index in range(2):
            config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
            process = running("several.py", cwd=folder, env={"TF_CONFIG": json.dumps(config)})
            processes.append(stack.enter_context(process))
        outputs = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    # after them: three processes would wait for each other on two cores
    two_devices = run("gpus.py", cwd=folder)
    assert two_devices.returncode == 0, two_devices.stderr
    return folder, [*(output for output, _ in outputs), two_devices.stdout]


def arrays(path):
    with np.load(path) as file:
        return [file[name] for name in file.files]


def test_the_loss_falls_in_each_process(trained):
    for output in trained[1]:
        losses = [float(loss) for loss in re.findall(r"loss: (\d+\.\d+)", output)]
        assert len(losses) > 1
        assert losses[-1] < losses[0], losses


def test_all_weights_are_the_same_on_both_machines_and_saved(trained):
    folder, _ = trained
    first, second = (arrays(folder / f"all{index}.npz") for index in range(2))
    saved = keras.models.load_model(folder / "several.keras").get_weights()
    for one, other, kept in zip(first, second, saved, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, kept)


def test_they_train_as_one_process_that_averages_the_gradients_of_both_halves(trained):
    folder, _ = trained
    keras.utils.set_random_seed(42)
    model = build_model(len(NAMES), epochs=5)
    for layer in model.layers:
        layer.rate = 0
    batches = csv_image_generator(folder / TRAIN_CSV, BS, LabelBinarizer().fit(NAMES))

    def gradients(images, labels):
        with tf.GradientTape() as tape:
            losses = keras.losses.categorical_crossentropy(labels, model(images, training=True))
            loss = tf.reduce_mean(losses)
        return tape.gradient(loss, [weight.value for weight in model.trainable_variables])

    for _ in range(STEPS):
        halves = gradients(*next(batches)), gradients(*next(batches))
        mean = [(one + other) / 2 for one, other in zip(*halves, strict=True)]
        model.optimizer.apply(mean, model.trainable_variables)
    averaging = version.parse(keras.__version__) >= version.parse("3.8")  # as README says
    for name in ("plain0", "plain1", *(["plain_gpus"] if averaging else [])):
        trained_there = arrays(folder / f"{name}.npz")
        for weight, other in zip(model.trainable_variables, trained_there, strict=True):
            np.testing.assert_allclose(weight.numpy(), other, rtol=0, atol=1e-6)
