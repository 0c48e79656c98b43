"""The scripts of pyimagesearch/feeding that train in one process, and the block of its README."""

import os
import pickle
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from programs import ROOT, copy_project, run
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, CSVError
from pyimagesearch.feeding import arrays, mapped_array, records
from reference import AUGMENTATION, parse_row
from small_csvs import SPECIES, cycle, write_csv

AUG = ImageDataGenerator(**AUGMENTATION)
PARAMETERS = ("theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal")

README = (ROOT / "pyimagesearch" / "feeding" / "README.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

# as `python -m` does, but TensorFlow is imported once, and compiles only for several GPUs
SCRIPTS = f"""
import runpy, pyimagesearch.feeding, tensorflow as tf

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
tf.config.run_functions_eagerly(True)
for name in "arrays", "mapped_array", "records":
    print("script", name)
    runpy.run_module("pyimagesearch.feeding." + name, run_name="__main__", alter_sys=True)
print("script README")
tf.config.run_functions_eagerly(False)
{BLOCK}
"""
# Keras 3.5 warns of its own iterator, `aug.flow`; TensorFlow, that it still compiles pipelines
KNOWN = ["-Wignore:Your `PyDataset` class should call", "-Wignore:Even though the `tf.config"]


def test_each_script_trains_and_leaves_only_the_file_that_it_names(tmp_path, small):
    script = copy_project(tmp_path) / "pyimagesearch" / "feeding" / "mapped_array.py"
    script.write_text(script.read_text().replace("WORKERS = 1 ", "WORKERS = 2 "))
    write_csv(tmp_path / TRAIN_NAME, cycle(128, *SPECIES), seed=1)
    write_csv(tmp_path / TEST_NAME, cycle(20, *SPECIES), seed=2)
    before = set(tmp_path.iterdir())
    result = run(*KNOWN, "-c", SCRIPTS, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    *scripts, several_gpus = result.stdout.split("script ")[1:]
    assert "on 2 devices" in several_gpus
    if not keras.__version__.startswith(("3.5.", "3.6.", "3.7.")):  # they train other weights
        scripts.append(several_gpus)
    for output in scripts:
        first, *_, last = map(float, re.findall(r" loss: (\S+)", output))
        assert last < first, output
    left = {path.name for path in set(tmp_path.iterdir()) - before}
    assert left == set(re.findall(r"wrote (\S+),", result.stdout))


def test_arrays_have_the_rows_in_order_and_a_column_for_each_class(small, flowers):
    images, targets, classes = arrays.read_arrays(flowers(5))
    labels, expected = zip(*map(parse_row, flowers(5).read_text().splitlines()), strict=True)
    np.testing.assert_array_equal(images, expected, strict=True)
    assert targets.tolist() == [[float(label == name) for name in classes] for label in labels]
    # also for a class that has no row here
    assert arrays.read_arrays(flowers(2), list(SPECIES))[1].tolist() == [[1, 0, 0], [0, 1, 0]]


@pytest.fixture
def parsed(small, flowers, tmp_path):
    """Parse a CSV of 13 rows; return the file, and the labels."""
    return tmp_path / "images.raw", mapped_array.parse_once(flowers(13), tmp_path / "images.raw")


@pytest.mark.parametrize("way", ["mapped", "augmented", "records"])
def test_each_epoch_has_each_row_once_in_an_order_of_its_own(parsed, flowers, way):
    # a flip alone can be undone
    aug = ImageDataGenerator(horizontal_flip=True) if way == "augmented" else None
    dataset = mapped_array.MappedImages(*parsed, 4, aug)
    if way == "records":
        dataset = records.batches(*parsed, 4, augmented=False)
        assert records.batches(*parsed, 4).element_spec[0].dtype == tf.float32
    rows, _, _ = arrays.read_arrays(flowers(13))
    number = {image.tobytes(): n for n, row in enumerate(rows) for image in (row, row[:, ::-1])}
    orders = []
    for _ in range(2):
        epoch = [batch for batch, _ in zip(dataset, range(len(dataset)), strict=False)]
        images, targets = (np.concatenate(part) for part in zip(*epoch, strict=True))
        assert (images.dtype, targets.dtype) == (np.float32 if aug else np.uint8, np.float32)
        orders.append([number[image.tobytes()] for image in images.astype(np.uint8)])
        assert sorted(orders[-1]) == list(range(13))
        assert targets.argmax(axis=1).tolist() == [n % 3 for n in orders[-1]]
        if way != "records":
            dataset.on_epoch_end()  # as Keras does
    assert orders[0] != orders[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no mapped file")
def test_parsing_again_leaves_a_mapped_file_as_it_is(parsed, flowers, tmp_path):
    path, _ = parsed
    mapped = np.memmap(path, np.uint8, "r")
    pixels = mapped.copy()
    mapped_array.parse_once(flowers(5, seed=1), path)
    np.testing.assert_array_equal(mapped, pixels)
    (tmp_path / "bad.csv").write_text("daisy,1")
    with pytest.raises(CSVError):
        mapped_array.parse_once(tmp_path / "bad.csv", path)
    assert path.stat().st_size == 5 * 192


def test_worker_processes_augment_each_batch_in_its_own_way(parsed):
    aug = ImageDataGenerator(rotation_range=20)
    batches = mapped_array.MappedImages(*parsed, 4, aug, workers=2)
    assert (batches.workers, batches.use_multiprocessing) == (2, True)
    batches.order[:] = 0
    batches = pickle.loads(pickle.dumps(batches))  # as a spawned process gets it

    def images(index):
        np.random.seed(1)  # the state that each forked process inherits
        return batches[index][0]

    assert (images(0) != images(1)).any()
    np.testing.assert_array_equal(images(0), images(0))


def test_records_have_the_pixels_of_the_tutorials_augmentation():
    images = np.random.default_rng(0).integers(0, 256, (16, 12, 20, 3)).astype(np.float32)
    drawn = [AUG.get_random_transform((12, 20, 3), seed=n) for n in range(16)]
    theirs = [AUG.apply_transform(image, d) for image, d in zip(images, drawn, strict=True)]
    *numbers, flip = (np.array([d[name] for d in drawn], "f") for name in PARAMETERS)
    np.testing.assert_allclose(records.warp(images, *numbers, flip > 0), theirs, atol=0.01)


def test_records_are_augmented_as_far_as_by_the_tutorial(monkeypatch):
    monkeypatch.setattr(records, "warp", lambda images, *drawn: drawn)
    theirs = [AUG.get_random_transform((12, 20, 3)) for _ in range(4000)]
    drawn = records.augment(tf.zeros((4000, 12, 20, 3)))
    for name, ours in zip(PARAMETERS, drawn, strict=True):
        both = np.array([ours, [d[name] for d in theirs]], "f")
        quartiles = np.quantile(both, [0, 0.25, 0.75, 1], axis=1)
        np.testing.assert_allclose(*quartiles.T, atol=0.1 * np.ptp(both))
