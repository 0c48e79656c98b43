"""Fixtures that several tests share."""

import signal

import pytest
import tensorflow as tf
from sklearn.preprocessing import LabelBinarizer

from programs import shrink
from small_csvs import cycle, write_csv


@pytest.fixture(autouse=True, scope="session")
def signals():
    """Let signals work, here and in child processes, also where tests run in the background.

    A shell starts background jobs with Ctrl-C ignored, nohup with SIGHUP, and that is inherited.
    """
    wanted = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    before = {
        number: signal.signal(number, wanted[number.name])
        for number in signal.Signals
        if number.name in wanted
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def small(monkeypatch):
    """Let images be small, and a training of a few steps not be compiled, which takes longer."""
    shrink(monkeypatch)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def lb():
    return LabelBinarizer().fit(["daisy", "iris", "tulip"])


@pytest.fixture
def flowers(tmp_path):
    """Return a function that writes a CSV of so many rows of three species."""

    def write(rows, name="flowers.csv", seed=0):
        return write_csv(tmp_path / name, cycle(rows, "daisy", "iris", "tulip"), seed)

    return write
