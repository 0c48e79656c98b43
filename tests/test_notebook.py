"""train.py in a real notebook kernel, by `%run`."""

import pytest
from jupyter_client.manager import run_kernel

from programs import PATIENCE, copy_project
from small_csvs import arguments, write_both


@pytest.fixture
def kernel(tmp_path, small):
    write_both(copy_project(tmp_path))
    with run_kernel(cwd=str(tmp_path)) as client:
        yield client


def run(kernel, code, stop_at=None):
    """Run a cell, and press Stop where it prints `stop_at`; return its text and picture types."""
    printed, pictures = "", []

    def show(message):
        nonlocal printed, stop_at
        content = message["content"]
        printed += content.get("text", "") + content.get("evalue", "")
        pictures.extend(content.get("data", []))
        if stop_at and stop_at in printed:
            stop_at = None
            kernel.parent.interrupt_kernel()

    kernel.execute_interactive(code, output_hook=show, timeout=PATIENCE)
    return printed, pictures


def test_a_notebook_trains_stops_and_plots_inline(kernel, tmp_path):
    run(kernel, "import signal; mine = 42")
    words = [tmp_path / "train.py", *arguments(tmp_path, epochs=500)]
    # quotes that `%run` understands on every system
    command = "%run " + " ".join(f'"{word}"' for word in words)
    printed, _ = run(kernel, command, stop_at="Epoch 3/")
    for line in "loading TensorFlow...", "interrupted: the training ends here":
        assert f"[INFO] {line}" in printed
    assert "accuracy  " in printed
    assert (tmp_path / "plot.png").exists()
    check = "print(mine, signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert run(kernel, check)[0] == "42 True\n"

    # an inline plot, though pyplot was not imported before
    _, pictures = run(kernel, "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert "image/png" in pictures

    # `train` in a cell, stopped: its History is not lost
    run(kernel, "import tensorflow as tf; tf.config.run_functions_eagerly(True)")  # saves seconds
    run(kernel, "from train import *; from pyimagesearch.stopping import StopOnSignal")
    command = f"parse_args({arguments(tmp_path, epochs=500)!r})"
    run(kernel, f"H = train({command}, callbacks=[StopOnSignal()])", stop_at="Epoch 3/")
    assert run(kernel, "print(len(H.epoch) > 1, mine)")[0] == "True 42\n"
