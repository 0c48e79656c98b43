"""train.py where other settings than ours hold, and what it shows while TensorFlow loads."""

import contextlib
import json
import os
import re
import sys

import keras
import pytest
from PIL import Image

from programs import ROOT, copy_project, run
from pyimagesearch.quiet import loading_tensorflow
from small_csvs import arguments, write_both


def test_it_trains_the_tutorials_network_whatever_the_users_settings(tmp_path, small):
    write_both(tmp_path, "daisy", "été", "花")
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 20\n")
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "torch"}))
    environment = {
        "MPLBACKEND": "module://a_notebooks.backend",
        "MATPLOTLIBRC": str(tmp_path),
        "KERAS_HOME": str(tmp_path),
        "PYTHONIOENCODING": "ascii",
    }
    model = tmp_path / "network.keras"
    program = copy_project(tmp_path) / "train.py"
    result = run(program, *arguments(tmp_path, f"--model={model}", epochs=1), env=environment)
    assert (result.returncode, result.stderr) == (0, "")
    # a character that the terminal can't show is replaced
    for name in r"\?t\?", r"\?":
        assert re.search(rf"^ +{name}( +\d\.\d\d){{3}} +3$", result.stdout, re.MULTILINE)
    assert keras.models.load_model(model).input_shape == (None, 8, 8, 3)
    assert Image.open(tmp_path / "plot.png").size == (800, 600)


@pytest.mark.parametrize("error", [None, ImportError, KeyboardInterrupt])
def test_lines_of_the_imports_are_shown_only_if_they_fail(capfd, monkeypatch, error):
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with contextlib.suppress(ImportError, KeyboardInterrupt), loading_tensorflow():
        os.write(2, b"a line of TensorFlow's\n")
        if error:
            raise error
    os.write(2, b"after\n")
    shown = "a line of TensorFlow's\n" if error else ""
    assert capfd.readouterr() == ("[INFO] loading TensorFlow...\n", f"{shown}after\n")


def test_a_process_that_tensorflow_ends_says_where(tmp_path):
    # as it does on a processor without AVX
    imports = "import os; from pyimagesearch.quiet import loading_tensorflow"
    command = f"{imports}\nwith loading_tensorflow(): os.abort()"
    result = run("-c", command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert result.returncode != 0
    assert re.search(r"^Fatal Python error: Aborted$", result.stderr, re.MULTILINE)
