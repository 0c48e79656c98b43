"""train.py where learners run it: notebooks, other settings, lost terminals, schedulers."""

import json
import os
import re
import signal
import types
from pathlib import Path

import keras
import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import train
from programs import PATIENCE, ROOT, run, running, wait_until
from small_csvs import arguments, write_both

LABELS = ("daisy", "été", "花")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Train once where everything is set otherwise: notebook, style, Keras, encoding."""
    folder = write_both(tmp_path_factory.mktemp("elsewhere"), *LABELS)
    (folder / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 20\n")
    settings = {"backend": "torch", "image_data_format": "channels_first", "floatx": "float16"}
    (folder / "keras.json").write_text(json.dumps(settings))
    environment = {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": str(folder),
        "KERAS_HOME": str(folder),
        "KERAS_BACKEND": "jax",
        "TF_USE_LEGACY_KERAS": "1",
        "PYTHONIOENCODING": "ascii",
    }
    model = f"--model={folder / 'network.keras'}"
    return folder, run(ROOT / "train.py", *arguments(folder, model, epochs=1), env=environment)


def test_it_runs_and_tells_nothing_but_the_training(elsewhere):
    _, result = elsewhere
    assert result.returncode == 0, result.stderr
    assert "[ERROR]" not in result.stderr


def test_labels_that_the_terminal_can_not_show_are_replaced(elsewhere):
    _, result = elsewhere
    assert re.search(r"^ +\?t\?( +\d\.\d\d){3} +3$", result.stdout, re.MULTILINE)
    assert re.search(r"^ +\?( +\d\.\d\d){3} +3$", result.stdout, re.MULTILINE)


def test_the_network_is_the_tutorials(elsewhere):
    folder, _ = elsewhere
    model = keras.models.load_model(folder / "network.keras")
    assert model.input_shape == (None, 64, 64, 3)
    assert {weight.dtype for weight in model.weights} == {"float32"}


def test_the_plot_is_that_of_the_default_style(elsewhere):
    folder, _ = elsewhere
    assert Image.open(folder / "plot.png").size == (800, 600)


def test_the_plot_looks_the_same_whatever_the_users_style(tmp_path):
    other = {
        "text.usetex": True,
        "savefig.dpi": 30,
        "savefig.transparent": True,
        "axes.facecolor": "red",
        "lines.linewidth": 9,
        "font.size": 30,
        "axes.prop_cycle": mpl.cycler(color=["black"]),
    }
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    curves = {name: [3, 2, 1 / (n + 1)] for n, name in enumerate(names)}
    history = types.SimpleNamespace(history=curves)
    train.plot(history, tmp_path / "plain.png")
    with mpl.rc_context(other):
        train.plot(history, tmp_path / "other.png")
        assert mpl.rcParams["text.usetex"]
    plain, other = (np.asarray(Image.open(tmp_path / f"{n}.png")) for n in ("plain", "other"))
    np.testing.assert_array_equal(plain, other)


def test_importing_changes_nobodys_settings(tmp_path):
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
    # a notebook's settings, which it must keep
    environment = {"MPLBACKEND": "svg", "TF_CPP_MIN_LOG_LEVEL": "0", "KERAS_HOME": str(tmp_path)}
    result = run("-c", command, env=environment)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("how", ["closed", "full", "reader gone"])
def test_a_lost_standard_output_loses_nothing_else(tmp_path, how):
    write_both(tmp_path)
    command = [ROOT / "train.py", *arguments(tmp_path, f"--model={tmp_path / 'net.keras'}")]
    if how == "closed":
        result = run(*command, preexec_fn=lambda: os.close(1))
        error, code = result.stderr, result.returncode
    else:
        read, write = os.pipe()
        os.close(read)
        full = os.open("/dev/full", os.O_WRONLY)
        with running(*command, stdout=full if how == "full" else write) as process:
            os.close(write)
            os.close(full)
            _, error = process.communicate(timeout=PATIENCE)
        code = process.returncode
    assert code == 1
    lines = [line for line in error.splitlines() if line.startswith("[ERROR]")]
    reason = {"closed": "closed", "full": "No space left on device", "reader gone": "Broken pipe"}
    assert lines == [f"[ERROR] standard output: {reason[how]}; going on without it"]
    assert "Traceback" not in error
    assert "Exception ignored" not in error
    assert Image.open(tmp_path / "plot.png").size == (800, 600)
    assert keras.models.load_model(tmp_path / "net.keras").optimizer.iterations == 4


def test_ctrl_c_while_the_network_is_evaluated_leaves_the_plot(tmp_path, capsys, monkeypatch):
    write_both(tmp_path)
    monkeypatch.setattr(train, "predict", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    assert train.main(arguments(tmp_path, epochs=1)) == 130
    output, error = capsys.readouterr()
    assert error == "[ERROR] interrupted\n"
    assert output.endswith(f"[INFO] wrote {tmp_path / 'plot.png'}\n")
    assert (tmp_path / "plot.png").exists()


def test_ctrl_c_while_tensorflow_is_imported_is_one_line(tmp_path):
    with running(ROOT / "train.py", "--epochs=1", f"--plot={tmp_path / 'plot.png'}") as process:
        maps = Path(f"/proc/{process.pid}/maps")
        wait_until(lambda: "libtensorflow" in maps.read_text(), process)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert output == ""
    assert error.splitlines()[-1] == "[ERROR] interrupted"
    assert "Traceback" not in error


@pytest.mark.parametrize(("words", "code"), [([], 2), (["--help"], 0)], ids=str)
def test_ctrl_c_is_given_back_to_who_runs_it_within_python(tmp_path, words, code):
    # as `%run train.py` in a notebook, which must not end with the next Ctrl-C
    command = (
        f"import runpy, signal, sys; sys.argv = {['train.py', *words]}\n"
        f"try: runpy.run_path({str(ROOT / 'train.py')!r}, run_name='__main__')\n"
        f"except SystemExit as end: assert end.code == {code}\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    result = run("-c", command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "command",
    [["train.py"], *(["-m", f"pyimagesearch.{n}"] for n in ("build_dataset", "contact_sheet"))],
    ids=lambda command: command[-1],
)
def test_each_program_starts_in_a_notebook(command):
    environment = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    result = run(*command, "--help", env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage: ")


@pytest.mark.parametrize(("option", "name"), [("--plot", "NEW.PNG"), ("--model", "NEW.KERAS")])
def test_a_suffix_in_capitals_counts(tmp_path, option, name):
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, f"{option}={tmp_path / name}", epochs=1)) == 0
    assert (tmp_path / name).stat().st_size > 10_000


@pytest.mark.parametrize(("option", "name"), [("--plot", "link.png"), ("--model", "link.keras")])
def test_the_suffix_that_the_user_gave_counts_through_a_symbolic_link(tmp_path, option, name):
    write_both(tmp_path)
    (tmp_path / name).symlink_to(tmp_path / "target.dat")
    assert train.main(arguments(tmp_path, f"{option}={tmp_path / name}", epochs=1)) == 0
    assert (tmp_path / name).is_symlink()
    assert (tmp_path / "target.dat").stat().st_size > 10_000
