import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report

import train
from pyimagesearch.stopping import FAILED, StopEarly
from small_csvs import cycle, write_csv

ROOT = Path(__file__).resolve().parent.parent
SPECIES = ("daisy", "iris", "tulip")


def arguments(folder, *more, epochs=2, batch_size=8):
    return [
        f"--train-csv={folder / 'train.csv'}",
        f"--test-csv={folder / 'test.csv'}",
        f"--plot={folder / 'plot.png'}",
        f"--epochs={epochs}",
        f"--batch-size={batch_size}",
        *more,
    ]


def write_both(folder, train_labels=None, test_labels=None):
    write_csv(folder / "train.csv", train_labels or cycle(20, *SPECIES), seed=1)
    write_csv(folder / "test.csv", test_labels or cycle(9, *SPECIES), seed=2)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train for two epochs in a process of its own, as a user does."""
    folder = write_both(tmp_path_factory.mktemp("trained"))
    model = f"--model={folder / 'network.keras'}"
    result = subprocess.run(
        [sys.executable, ROOT / "train.py", *arguments(folder, model)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return folder, result


def test_it_prints_what_the_tutorial_prints(trained):
    _, result = trained
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    training = lines.index("[INFO] training w/ generator...")
    evaluating = lines.index("[INFO] evaluating network...")
    assert training < evaluating
    assert [line for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    assert "val_accuracy" in "".join(lines[training:evaluating])


def test_the_terminal_shows_no_warnings(trained):
    _, result = trained
    assert not re.search("warn(?!ing: all log messages)|deprecat", result.stdout, re.IGNORECASE)
    # what TensorFlow prints before its logging starts (tensorflow/tensorflow#100442) may stay
    started = re.compile(r"WARNING: All log messages before absl|[IE]0000 |To enable the following")
    assert [line for line in result.stderr.splitlines() if not started.match(line)] == []


def test_the_report_is_of_each_test_image_once(trained):
    folder, result = trained
    model = keras.models.load_model(folder / "network.keras")
    lb = train.LabelBinarizer().fit(SPECIES)
    images, labels = next(train.csv_image_generator(folder / "test.csv", 9, lb, mode="eval"))
    predictions = model.predict(images, verbose=0)
    expected = classification_report(
        labels.argmax(axis=1), predictions.argmax(axis=1), target_names=SPECIES, zero_division=0
    )
    assert expected in result.stdout
    assert re.search(r"accuracy +\d\.\d\d +9\n", result.stdout)


def test_the_saved_network_was_trained_with_the_decaying_rate(trained):
    folder, _ = trained
    optimizer = keras.models.load_model(folder / "network.keras").optimizer
    updates = 2 * (20 // 8)
    assert int(optimizer.iterations.value) == updates
    assert float(optimizer.learning_rate) == pytest.approx(1e-2 / (1 + 1e-2 / 2 * updates))


def test_the_plot_has_four_curves(trained):
    folder, _ = trained
    pixels = np.asarray(Image.open(folder / "plot.png").convert("RGB")).reshape(-1, 3)
    # the first four colours of matplotlib's style "ggplot"
    for colour in ("E24A33", "348ABD", "988ED5", "777777"):
        curve = (pixels == list(bytes.fromhex(colour))).all(axis=1).sum()
        assert curve > 100, colour
    assert sorted(path.name for path in folder.iterdir()) == [
        "network.keras",
        "plot.png",
        "test.csv",
        "train.csv",
    ]


def test_the_same_seed_trains_the_same_network(trained, tmp_path, capsys):
    folder, _ = trained
    weights = []
    for name, seed in (("a", 42), ("b", 43)):
        model = tmp_path / f"{name}.keras"
        options = (f"--model={model}", f"--seed={seed}")
        assert train.main(arguments(folder, *options)) == 0
        weights.append(keras.models.load_model(model).get_weights())
    first = keras.models.load_model(folder / "network.keras").get_weights()
    for one, again, other in zip(first, *weights, strict=True):
        np.testing.assert_allclose(one, again, rtol=1e-3, atol=1e-4)
        assert one.ndim == 1 or not np.allclose(one, other, rtol=1e-3, atol=1e-4)


def test_importing_trains_nothing(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", "import train; print(train.NUM_EPOCHS, train.BS)"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "75 32\n"
    assert list(tmp_path.iterdir()) == []


def test_the_network_learns(tmp_path, capsys):
    write_both(tmp_path, cycle(48, *SPECIES), cycle(12, *SPECIES))
    assert train.main(arguments(tmp_path, epochs=6)) == 0
    losses = [float(x) for x in re.findall(r"- loss: (\S+) - val", capsys.readouterr().out)]
    assert len(losses) == 6
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(
    ("train_labels", "test_labels", "batch_size"),
    [
        (cycle(16, "no", "yes"), cycle(8, "no", "yes"), 8),
        (cycle(9, *SPECIES), ["iris"], 8),
        (cycle(8, *SPECIES), cycle(16, *SPECIES), 8),
        (cycle(9, *SPECIES), cycle(7, "daisy", "iris"), 2),
    ],
    ids=["two classes", "one test row", "one batch of training rows", "class without test rows"],
)
def test_odd_data_sets_are_accepted(tmp_path, capsys, train_labels, test_labels, batch_size):
    write_both(tmp_path, train_labels, test_labels)
    assert train.main(arguments(tmp_path, epochs=1, batch_size=batch_size)) == 0
    captured = capsys.readouterr()
    for label in set(train_labels):
        row = re.search(rf"^ +{label}( +\d\.\d\d){{3}} +(\d+)(\.0)?$", captured.out, re.MULTILINE)
        assert int(row[2]) == test_labels.count(label)
    assert re.search(
        rf"^ +accuracy +\d\.\d\d +{len(test_labels)}(\.0)?$", captured.out, re.MULTILINE
    )
    assert captured.err == ""
    assert (tmp_path / "plot.png").exists()


def refused(capsys, folder, *more, **options):
    """Run a training that must be refused before its first epoch; return the message."""
    try:
        code = train.main(arguments(folder, *more, **options))
    except SystemExit as exit_:  # argparse's way
        code = exit_.code
    captured = capsys.readouterr()
    assert code == 2
    assert "Traceback" not in captured.err
    assert "training" not in captured.out
    assert not (folder / "plot.png").exists()
    return captured.err


def test_bad_rows_are_refused_before_training(tmp_path, capsys):
    write_both(tmp_path)
    with open(tmp_path / "test.csv", "a") as file:
        file.write("\niris,1,2,3")
    message = refused(capsys, tmp_path)
    assert message == (
        f"[ERROR] {tmp_path / 'test.csv'}, line 11: 3 values after the label; expected 12,288\n"
    )


def test_a_missing_csv_is_refused(tmp_path, capsys):
    message = refused(capsys, tmp_path)
    assert message.startswith(f"[ERROR] {tmp_path / 'train.csv'}: no such file")
    assert "python -m pyimagesearch.build_dataset" in message


def test_a_test_label_that_was_not_trained_is_refused(tmp_path, capsys):
    write_both(tmp_path, test_labels=["iris", "rose"])
    message = refused(capsys, tmp_path)
    assert "test.csv, line 2: no training row has the label 'rose'" in message


def test_a_single_class_is_refused(tmp_path, capsys):
    write_both(tmp_path, ["iris"] * 8, ["iris"])
    assert "train.csv: all rows are 'iris'; expected two classes" in refused(capsys, tmp_path)


def test_less_than_a_batch_is_refused(tmp_path, capsys):
    write_both(tmp_path, cycle(7, *SPECIES))
    message = refused(capsys, tmp_path)
    assert "train.csv: 7 rows; expected at least a batch of 8 (--batch-size)" in message


@pytest.mark.parametrize("value", ["0", "-3", "2.5", "many", ""])
@pytest.mark.parametrize("option", ["--epochs", "--batch-size"])
def test_numbers_below_one_are_refused(tmp_path, capsys, option, value):
    message = refused(capsys, tmp_path, f"{option}={value}")
    assert f"argument {option}: expected a whole number from 1" in message
    assert f"not {value!r}" in message


@pytest.mark.parametrize(
    ("option", "name", "expected"),
    [
        ("--plot", "missing/plot.png", "No such file or directory"),
        ("--plot", "folder.png", "is not a regular file"),
        ("--plot", "plot.txt", "expected a name that ends in .png"),
        ("--plot", "plot", "expected a name that ends in .png"),
        ("--model", "missing/network.keras", "No such file or directory"),
        ("--model", "network.h5", "expected a name that ends in .keras"),
    ],
)
def test_outputs_that_can_not_be_written_are_refused(tmp_path, capsys, option, name, expected):
    write_both(tmp_path)
    (tmp_path / "folder.png").mkdir()
    message = refused(capsys, tmp_path, f"{option}={tmp_path / name}")
    assert f"argument {option}: {tmp_path / name}: " in message
    assert expected in message


def test_the_exit_code_reaches_the_shell(tmp_path):
    result = subprocess.run(
        [sys.executable, ROOT / "train.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "[ERROR] flowers17_training.csv: no such file" in result.stderr
    assert "Traceback" not in result.stderr


def start(folder, *more, **options):
    """Start a long training in a process of its own, and wait for its second epoch."""
    process = subprocess.Popen(
        [sys.executable, "-u", ROOT / "train.py", *arguments(folder, *more, epochs=500)],
        stdout=open(folder / "out.txt", "w"),  # noqa: SIM115 - the process writes it
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    deadline = time.monotonic() + 120
    while "Epoch 2/" not in output_of(folder):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def output_of(folder):
    return (folder / "out.txt").read_text()


def test_ctrl_c_goes_on_to_the_report_and_the_plot(tmp_path):
    write_both(tmp_path)
    process = start(tmp_path, f"--model={tmp_path / 'network.keras'}")
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    output = output_of(tmp_path)
    assert process.returncode == 130
    assert "[INFO] interrupted: on to the report and the plot" in output
    assert re.search(r"accuracy +\d\.\d\d +9\n", output)
    assert "Traceback" not in error
    assert keras.models.load_model(tmp_path / "network.keras").optimizer.iterations.value > 0
    assert (tmp_path / "plot.png").exists()


def test_a_second_ctrl_c_ends_at_once(tmp_path):
    write_both(tmp_path)
    process = start(tmp_path)
    process.send_signal(signal.SIGINT)
    while "[INFO] interrupted" not in output_of(tmp_path):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert error.endswith("[ERROR] interrupted\n")


@pytest.mark.parametrize("moment", ["on_train_batch_begin", "on_test_batch_begin"])
def test_ctrl_c_before_an_epoch_is_completed_writes_no_plot(tmp_path, capsys, moment):
    write_both(tmp_path)
    interrupt = keras.callbacks.Callback()
    setattr(interrupt, moment, lambda batch, logs=None: os.kill(os.getpid(), signal.SIGINT))
    model = train.build_model(classes=3, epochs=1)
    lb = train.LabelBinarizer().fit(SPECIES)
    with StopEarly() as stop:
        model.fit(
            train.csv_image_generator(tmp_path / "train.csv", 8, lb),
            steps_per_epoch=2,
            validation_data=train.csv_image_generator(tmp_path / "test.csv", 8, lb),
            validation_steps=2,
            verbose=0,
            callbacks=[stop, interrupt],
        )
    assert stop.exit_code == 130
    assert model.optimizer.iterations == (1 if moment == "on_train_batch_begin" else 2)
    assert train.plot(model.history, tmp_path / "plot.png") == 0
    assert "no epoch was completed" in capsys.readouterr().out
    assert not (tmp_path / "plot.png").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_csv_that_changes_during_training_ends_it_plainly(tmp_path):
    write_both(tmp_path)
    process = start(tmp_path)
    with open(tmp_path / "train.csv", "a") as file:
        file.write("iris,1,2,3\n")
    _, error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Traceback" not in error
    assert re.search(r"\[ERROR\] .*train\.csv, line \d+: the file changed while", error)
    assert (tmp_path / "plot.png").exists()


def test_a_test_csv_that_was_replaced_gets_no_report(tmp_path, capsys):
    write_both(tmp_path)
    args = train.parse_arguments(arguments(tmp_path))
    lb = train.LabelBinarizer().fit(SPECIES)
    model = train.build_model(classes=3, epochs=1)
    assert train.evaluate(model, lb, args, cycle(9, *SPECIES)) == 0
    assert "accuracy" in capsys.readouterr().out
    for labels in (cycle(10, *SPECIES), cycle(9, "iris", "daisy", "tulip")):
        write_csv(tmp_path / "test.csv", labels)
        assert train.evaluate(model, lb, args, cycle(9, *SPECIES)) == 2
        captured = capsys.readouterr()
        assert "accuracy" not in captured.out
        assert captured.err.startswith(f"[ERROR] {tmp_path / 'test.csv'}: the rows are others")


def test_a_loss_that_is_lost_ends_the_training(capsys):
    model = train.build_model(classes=2, epochs=5)
    images, labels = np.zeros((8, 64, 64, 3)), np.full((8, 2), np.nan)
    with StopEarly() as stop:
        model.fit(images, labels, epochs=5, batch_size=4, verbose=0, callbacks=[stop])
    assert stop.exit_code == FAILED
    assert "the loss became nan" in capsys.readouterr().err
    assert int(model.optimizer.iterations.value) == 1


def test_other_errors_are_not_hidden():
    with pytest.raises(ZeroDivisionError), StopEarly():
        raise ZeroDivisionError


def test_a_plot_that_can_not_be_saved_leaves_the_report_and_the_old_plot(tmp_path):
    resource = pytest.importorskip("resource")
    write_both(tmp_path)
    (tmp_path / "plot.png").write_text("old")
    result = subprocess.run(
        [sys.executable, ROOT / "train.py", *arguments(tmp_path, epochs=1)],
        capture_output=True,
        text=True,
        check=False,
        # no file may grow beyond 5 kB: writing then fails as it does on a full disk
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)),
    )
    assert result.returncode == 1
    assert re.search(r"accuracy +\d\.\d\d +9\n", result.stdout)
    assert f"[ERROR] {tmp_path / 'plot.png'}: not written: File too large\n" in result.stderr
    assert "Traceback" not in result.stderr
    assert (tmp_path / "plot.png").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plot.png", "test.csv", "train.csv"]
