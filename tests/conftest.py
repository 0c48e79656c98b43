"""Fixtures that several tests share."""

import os
import signal

# whatever a contributor's environment or keras.json says
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as in the programs' own processes
os.environ.pop("MPLBACKEND", None)

import pytest
import tensorflow as tf
from sklearn.preprocessing import LabelBinarizer

from programs import shrink
from small_csvs import SPECIES, cycle, write_csv


@pytest.fixture(autouse=True, scope="session")
def signals():
    """Let Ctrl-C work, here and in child processes: a shell's background jobs ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def small(monkeypatch):
    """Use 8x8 images and eager mode: compiling takes longer than the few steps."""
    shrink(monkeypatch)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def lb():
    return LabelBinarizer().fit(SPECIES)


@pytest.fixture
def flowers(tmp_path):
    """Return a function that writes a CSV of so many rows of three species."""

    def write(rows, name="flowers.csv", seed=0):
        return write_csv(tmp_path / name, cycle(rows, *SPECIES), seed)

    return write
