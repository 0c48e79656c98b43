"""train.py where other settings than ours hold, and where its terminal is lost."""

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path

import keras
import pytest
from PIL import Image

from programs import PATIENCE, ROOT, copy_project, run, running
from pyimagesearch.plotting import training_plot
from pyimagesearch.plumbing import environment
from small_csvs import arguments, write_both


def test_it_trains_the_tutorials_network_whatever_the_users_settings(tmp_path, small):
    write_both(tmp_path, "daisy", "été", "花")
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 20\n")
    settings = {"backend": "torch", "image_data_format": "channels_first", "floatx": "float16"}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    environment = {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": str(tmp_path),
        "KERAS_HOME": str(tmp_path),
        "KERAS_BACKEND": "jax",
        "TF_USE_LEGACY_KERAS": "1",
        "PYTHONIOENCODING": "ascii",
    }
    model = f"--model={tmp_path / 'network.keras'}"
    program = copy_project(tmp_path) / "train.py"
    result = run(program, *arguments(tmp_path, model, epochs=1), env=environment)
    assert result.returncode == 0, result.stderr
    assert "[ERROR]" not in result.stderr
    # what the terminal can't show is replaced
    assert re.search(r"^ +\?t\?( +\d\.\d\d){3} +3$", result.stdout, re.MULTILINE)
    assert re.search(r"^ +\?( +\d\.\d\d){3} +3$", result.stdout, re.MULTILINE)
    model = keras.models.load_model(tmp_path / "network.keras")
    assert model.input_shape == (None, 8, 8, 3)
    assert {weight.dtype for weight in model.weights} == {"float32"}
    assert Image.open(tmp_path / "plot.png").size == (800, 600)


def test_importing_trains_nothing_and_changes_nobodys_settings(tmp_path):
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in sorted((ROOT / "pyimagesearch").rglob("*.py"))
    ]
    command = f"""
import importlib, os, signal, sys
import matplotlib, keras
keras.config.set_floatx("float64")
keras.config.set_image_data_format("channels_first")
def settings():
    return (
        dict(os.environ), keras.config.floatx(), keras.config.image_data_format(),
        dict(matplotlib.rcParams), "matplotlib.pyplot" in sys.modules, sys.stdout, sys.stderr,
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
    )
before = settings()
for name in ["train", *{modules!r}]:
    importlib.import_module(name.removesuffix(".__init__"))
    assert settings() == before, name
"""
    environment = {"MPLBACKEND": "svg", "KERAS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    result = run("-c", command, cwd=tmp_path, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert list(tmp_path.glob("*.png")) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_standard_output_loses_nothing_else(tmp_path, small):
    write_both(tmp_path)
    program = copy_project(tmp_path) / "train.py"
    command = [program, *arguments(tmp_path, f"--model={tmp_path / 'net.keras'}")]
    with open("/dev/full", "w") as full, running(*command, stdout=full) as process:
        _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert error == "[ERROR] standard output: No space left on device; going on without it\n"
    assert Image.open(tmp_path / "plot.png").size == (800, 600)
    assert keras.models.load_model(tmp_path / "net.keras").optimizer.iterations == 4


def old_python():
    """Return a Python below 3.10, or None."""
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python"))
    return str(pyenv[-1]) if pyenv else None


@pytest.mark.skipif(not old_python(), reason="no Python below 3.10 here")
def test_an_old_python_is_told_which_one_is_wanted():
    result = subprocess.run(
        [old_python(), ROOT / "train.py"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert re.fullmatch(
        r"\[ERROR\] this is Python 3\.\d; expected Python 3\.10 to 3\.13\n", result.stderr
    )


def test_a_python_without_the_packages_is_told_how_to_install_them(tmp_path):
    (tmp_path / ".venv").mkdir()
    for folder, hint in ((ROOT, "expected them: pip"), (tmp_path, f"run the python in {tmp_path}")):
        # -S: without its packages
        result = run("-S", ROOT / "train.py", cwd=folder, env={"PYTHONPATH": ""})
        assert result.returncode == 1
        assert re.fullmatch(r"\[ERROR\] .* lacks tensorflow, .*\n", result.stderr)
        assert "pip install -r requirements.txt" in result.stderr
        assert hint in result.stderr or (ROOT / ".venv").exists()


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_printed_during_the_imports_is_shown_only_if_they_fail(capfd, fails):
    with contextlib.suppress(ImportError), environment._stderr_held_back():
        os.write(2, b"started\n")
        if fails:
            raise ImportError
    os.write(2, b"after\n")
    assert capfd.readouterr().err == ("started\n" if fails else "") + "after\n"


def test_one_epoch_has_whole_numbers_on_its_axis(tmp_path):
    axes = []
    with training_plot(tmp_path / "plot.png") as ax:
        ax.plot([0.5], marker=".", label="loss")
        axes.append(ax)
    low, high = axes[0].get_xlim()
    ticks = [tick for tick in axes[0].get_xticks() if low <= tick <= high]
    assert ticks == [0]
