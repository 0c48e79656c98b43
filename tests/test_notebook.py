"""train.py in a real notebook kernel, by `%run`."""

import contextlib
import time

import pytest
from jupyter_client.manager import start_new_kernel

from programs import PATIENCE, copy_project
from small_csvs import arguments, write_both


class Notebook:
    def __init__(self, folder):
        self.manager, self.client = start_new_kernel(cwd=str(folder))
        self.run("mine = 42")

    def run(self, code, *stop_at):
        """Run a cell; return what it printed, and the types of the pictures it showed.

        Press Stop at each of the texts of `stop_at`, one after another, that the output reaches.
        """
        stop_at = list(stop_at)
        request = self.client.execute(code)
        printed, pictures = "", []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            content = message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                printed += content["text"]
                if stop_at and stop_at[0] in printed:
                    time.sleep(1)
                    self.manager.interrupt_kernel()
                    del stop_at[0]
            elif message["msg_type"] == "error":
                printed += f"{content['ename']}: {content['evalue']}"
            elif message["msg_type"] == "display_data":
                pictures += content["data"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed, pictures

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(tmp_path, small):
    write_both(copy_project(tmp_path))
    with contextlib.ExitStack() as stack:
        notebook = Notebook(tmp_path)
        stack.callback(notebook.end)
        yield notebook


def command(folder, **options):
    # quotes that `%run` understands on every system
    words = [folder / "train.py", *arguments(folder, **options)]
    return "%run " + " ".join(f'"{word}"' for word in words)


def test_a_notebook_trains_stops_and_plots_inline(notebook, tmp_path):
    printed, _ = notebook.run(command(tmp_path, epochs=1))
    assert "[INFO] loading TensorFlow..." in printed
    assert "accuracy  " in printed
    assert (tmp_path / "plot.png").exists()
    handler = "signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    assert notebook.run(f"import signal; print({handler})")[0] == "True\n"
    # an inline plot, though pyplot was not imported before
    _, pictures = notebook.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert "image/png" in pictures

    (tmp_path / "plot.png").unlink()
    printed, _ = notebook.run(command(tmp_path, epochs=500), "Epoch 3/")
    assert "[INFO] interrupted: the training ends here" in printed
    assert "accuracy  " in printed
    assert (tmp_path / "plot.png").exists()
    assert notebook.run("print(mine)")[0] == "42\n"

    # `train` in a cell, stopped: its History is not lost
    cell = f"H = train(parse_args({arguments(tmp_path, epochs=500)!r}))"
    notebook.run(cell, "Epoch 3/")
    assert (
        notebook.run("print(H.stopped_by == signal.SIGINT, len(H.epoch) > 1)")[0] == "True True\n"
    )
