import os
import re
import signal
import time
import types

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report

import train
from programs import PATIENCE, ROOT, copy_project, run, running, wait_until
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.class_names import read_class_names
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.plumbing.errors import SAME_SIGNAL, ErrorHandler
from pyimagesearch.plumbing.stopping import StopOnSignal
from reference import AUGMENTATION
from small_csvs import SPECIES, arguments, cycle, write_both, write_csv


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train for two epochs in a process of its own, as a user does."""
    folder = write_both(tmp_path_factory.mktemp("trained"))
    model = f"--model={folder / 'network.keras'}"
    return folder, run(ROOT / "train.py", *arguments(folder, model), cwd=folder)


@pytest.fixture(autouse=True)
def small_images(request):
    """Let images be small, but for the one training that is as a user's."""
    if "trained" not in request.fixturenames:
        request.getfixturevalue("small")


def test_it_prints_what_the_tutorial_prints_and_nothing_on_standard_error(trained):
    _, result = trained
    assert result.returncode == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "[INFO] loading TensorFlow..."
    counted = "20 training images, 9 testing images, 3 classes: daisy, iris, tulip"
    assert lines[1] == f"[INFO] {counted}"
    assert lines[2] == "[INFO] training w/ generator..."
    evaluating = lines.index("[INFO] evaluating network...")
    assert [line for line in lines[:evaluating] if line.startswith("Epoch")] == [
        "Epoch 1/2",
        "Epoch 2/2",
    ]
    # a file gets a line an epoch, and no control characters
    assert len(re.findall(r"^2/2 - .* - loss: .* - val_loss: ", result.stdout, re.MULTILINE)) == 2
    assert not re.search(r"[^\n -~]", result.stdout)


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


def test_the_saved_network_knows_its_classes_and_the_decayed_rate(trained):
    folder, _ = trained
    expected = ["network.keras", "plot.png", "test.csv", "train.csv"]
    assert sorted(path.name for path in folder.iterdir()) == expected
    assert read_class_names(folder / "network.keras") == list(SPECIES)
    optimizer = keras.models.load_model(folder / "network.keras").optimizer
    updates = 2 * (20 // 8)
    assert int(optimizer.iterations.value) == updates
    assert float(optimizer.learning_rate) == pytest.approx(1e-2 / (1 + 1e-2 / 2 * updates))


def test_the_same_seed_trains_the_same_network(tmp_path):
    write_both(tmp_path)
    weights = []
    for seed in (42, 42, 43):
        model = tmp_path / "network.keras"
        assert train.main(arguments(tmp_path, f"--model={model}", f"--seed={seed}")) == 0
        weights.append(keras.models.load_model(model).get_weights())
    for one, again, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, again, rtol=1e-3, atol=1e-4)
        assert one.ndim == 1 or not np.allclose(one, other, rtol=1e-3, atol=1e-4)


def test_each_curve_is_in_the_plot(tmp_path):
    curves = {
        "loss": [3, 2, 1],
        "val_loss": [4, 3, 2],
        "accuracy": [0.1, 0.2, 0.3],
        "val_accuracy": [0.2, 0.3, 0.4],
    }

    def plotted(curves):
        train.plot(types.SimpleNamespace(history=curves), tmp_path / "plot.png")
        return np.asarray(Image.open(tmp_path / "plot.png"))

    plain = plotted(curves)
    assert plain.shape == (600, 800, 4)
    for name in curves:
        assert not np.array_equal(plotted(curves | {name: [0.5, 0.6, 0.7]}), plain), name


def test_fit_gets_what_the_tutorial_gives_it(tmp_path, monkeypatch):
    generators, networks, validated, histories = [], [], [], []

    def csv_image_generator(path, bs, lb, mode="train", aug=None):
        generators.append((os.path.basename(path), bs, mode, aug))
        return generator(path, bs, lb, mode, aug)

    def build_model(classes, epochs):
        networks.append((classes, epochs))
        return build(classes, epochs)

    class Counting(StopOnSignal):
        def on_test_batch_end(self, batch, logs=None):
            validated.append(batch)

    generator, build = train.csv_image_generator, train.build_model
    monkeypatch.setattr(train, "csv_image_generator", csv_image_generator)
    monkeypatch.setattr(train, "build_model", build_model)
    monkeypatch.setattr(train, "StopOnSignal", Counting)
    monkeypatch.setattr(train, "plot", lambda history, _: histories.append(history))
    write_both(tmp_path, test_labels=cycle(27, *SPECIES))
    assert train.main(arguments(tmp_path, epochs=3)) == 0

    assert [(name, bs, mode) for name, bs, mode, _ in generators] == [
        ("train.csv", 8, "train"),
        ("test.csv", 8, "train"),
        ("test.csv", 8, "eval"),
    ]
    augmentation, *others = [aug for _, _, _, aug in generators]
    assert vars(augmentation) == vars(ImageDataGenerator(**AUGMENTATION))
    assert others == [None, None]
    assert networks == [(3, 3)]
    (H,) = histories
    assert H.model.loss == "categorical_crossentropy"
    assert (H.params["epochs"], H.params["steps"]) == (3, 20 // 8)
    assert validated == [0, 1, 2] * 3
    assert sorted(H.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_the_constants_are_the_tutorials():
    assert (train.TRAIN_CSV, train.TEST_CSV) == (TRAIN_NAME, TEST_NAME)
    assert (train.NUM_EPOCHS, train.BS, train.PLOT) == (75, 32, "plot.png")


@pytest.mark.parametrize(
    ("train_labels", "test_labels"),
    [
        (cycle(8, "no", "yes"), ["yes"]),
        (cycle(9, *SPECIES), cycle(16, "daisy", "iris")),
    ],
    ids=["two classes, one batch, one test row", "a class without test rows"],
)
def test_odd_data_sets_are_accepted(tmp_path, capsys, train_labels, test_labels):
    write_both(tmp_path, train_labels=train_labels, test_labels=test_labels)
    assert train.main(arguments(tmp_path, epochs=1)) == 0
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
    assert "training w/" not in captured.out
    assert not (folder / "plot.png").exists()
    return captured.err


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"test_labels": ["iris", "rose"]}, "test.csv, line 2: no training row has the label"),
        ({"train_labels": ["iris"] * 9}, "train.csv: all rows are 'iris'; expected two classes"),
        (
            {"train_labels": cycle(7, *SPECIES)},
            "train.csv: 7 rows; expected at least a batch of 8 (--batch-size)",
        ),
    ],
    ids=["a label that was not trained", "one class", "less than a batch"],
)
def test_csvs_that_can_not_be_trained_on_are_refused(tmp_path, capsys, labels, message):
    write_both(tmp_path, **labels)
    assert message in refused(capsys, tmp_path)


def test_a_bad_row_is_refused_before_the_training(tmp_path, capsys):
    write_both(tmp_path)
    with open(tmp_path / "test.csv", "a") as file:
        file.write("\niris,1,2,3")
    message = refused(capsys, tmp_path)
    assert message.startswith(f"[ERROR] {tmp_path / 'test.csv'}, line 11: 3 values after the label")


def test_an_output_that_is_another_of_the_files_is_refused(tmp_path, capsys):
    write_both(tmp_path)
    before = (tmp_path / "train.csv").read_bytes()
    try:
        (tmp_path / "link.png").symlink_to("train.csv")
    except OSError:
        pytest.skip("no symbolic links here")
    message = refused(capsys, tmp_path, f"--plot={tmp_path / 'link.png'}")
    assert f"argument --plot: {tmp_path / 'link.png'}: expected a file of its own" in message
    assert (tmp_path / "train.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--epochs", "0", "'0': expected a number from 1"),
        ("--batch-size", "2.5", "'2.5': expected a number from 1"),
        ("--seed", "", "'': expected a number from 0"),
        ("--train-csv", "", "expected a path, not ''"),
        ("--plot", "missing/plot.png", "No such file or directory"),
        ("--plot", "plot.txt", "expected a name that ends in .png"),
        ("--model", "network.h5", "expected a name that ends in .keras"),
    ],
)
def test_wrong_options_are_refused(tmp_path, capsys, option, value, expected):
    message = refused(capsys, tmp_path, f"{option}={value}")
    assert f"argument {option}: " in message
    assert expected in message


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGTERM that Python could handle")
def test_a_signal_keeps_what_was_learned(tmp_path):
    write_both(tmp_path)
    program = copy_project(tmp_path) / "train.py"
    model = f"--model={tmp_path / 'network.keras'}"
    with (
        open(tmp_path / "out.txt", "w") as out,
        running(program, *arguments(tmp_path, model, epochs=500), stdout=out) as process,
    ):
        wait_until(lambda: "Epoch 2/" in (tmp_path / "out.txt").read_text(), process)
        # a closed window may send it twice
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=PATIENCE)
    output = (tmp_path / "out.txt").read_text()
    assert process.returncode == 128 + signal.SIGTERM
    assert "[INFO] interrupted: the training ends here" in output
    assert re.search(r"accuracy +\d\.\d\d +9\n", output)
    assert error == ""
    assert keras.models.load_model(tmp_path / "network.keras").optimizer.iterations.value > 0
    assert (tmp_path / "plot.png").exists()


def do_at(moment, monkeypatch, action):
    """Let something happen when Keras first calls this method of its callbacks."""
    actions = [action]

    class Acting(StopOnSignal):
        pass

    def method(self, *args, logs=None):
        if actions:
            actions.pop()()
        getattr(StopOnSignal, moment)(self, *args)

    setattr(Acting, moment, method)
    monkeypatch.setattr(train, "StopOnSignal", Acting)


def interrupt():
    signal.raise_signal(signal.SIGINT)


def interrupt_again():
    time.sleep(SAME_SIGNAL)
    interrupt()


@pytest.mark.parametrize("moment", ["on_train_batch_begin", "on_test_batch_end", "on_epoch_end"])
def test_ctrl_c_in_the_first_epoch_still_plots_and_reports_it(
    tmp_path, capsys, monkeypatch, moment
):
    do_at(moment, monkeypatch, interrupt)
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=5)) == 130
    output, error = capsys.readouterr()
    assert output.count("[INFO] interrupted: the training ends here") == 1
    assert "Epoch 2/5" not in output
    assert "val_loss" in output
    assert re.search(r"accuracy +\d\.\d\d +9\n", output)
    assert output.endswith(f"[INFO] wrote {tmp_path / 'plot.png'}\n")
    assert error == ""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_ends_the_training_at_once(tmp_path, capsys, monkeypatch):
    do_at("on_train_batch_begin", monkeypatch, lambda: (interrupt(), interrupt_again()))
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 130
    output, error = capsys.readouterr()
    assert "evaluating" not in output
    assert error == "[ERROR] interrupted\n"
    assert not (tmp_path / "plot.png").exists()


@pytest.mark.parametrize("second", [False, True])
def test_ctrl_c_ends_the_evaluation_and_a_second_one_the_program(
    tmp_path, capsys, monkeypatch, second
):
    if second:
        do_at("on_epoch_end", monkeypatch, interrupt)
    monkeypatch.setattr(train, "predict", lambda *_: interrupt_again())
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 130
    assert capsys.readouterr().err == "[ERROR] interrupted\n"
    assert (tmp_path / "plot.png").exists() != second


def test_csvs_that_are_touched_meanwhile_change_nothing(tmp_path, capsys, monkeypatch):
    write_both(tmp_path)

    def touch():
        os.utime(tmp_path / "train.csv", (1, 1))
        os.utime(tmp_path / "test.csv", (1, 1))

    do_at("on_train_batch_end", monkeypatch, touch)
    assert train.main(arguments(tmp_path)) == 0
    output, error = capsys.readouterr()
    assert re.search(r"accuracy +\d\.\d\d +9\n", output)
    assert error == ""


@pytest.mark.parametrize("label", ["iris", "rose"])
def test_a_testing_csv_that_is_replaced_meanwhile_is_reported_as_it_is_then_or_refused(
    tmp_path, capsys, monkeypatch, label
):
    write_both(tmp_path)

    def replace():
        write_csv(tmp_path / "new.csv", [label] * 4)
        os.replace(tmp_path / "new.csv", tmp_path / "test.csv")

    do_at("on_train_end", monkeypatch, replace)
    code = train.main(arguments(tmp_path, epochs=1))
    output, error = capsys.readouterr()
    if label == "iris":
        assert code == 0
        assert re.search(r"^ +iris( +\d\.\d\d){3} +4(\.0)?$", output, re.MULTILINE)
    else:
        assert code == 2
        assert re.search(r"^\[ERROR\] .*test\.csv, line 1: .*'rose'.*\n$", error)
        assert "accuracy  " not in output
    assert (tmp_path / "plot.png").exists()


def test_a_csv_that_turns_bad_ends_the_training_with_one_line(tmp_path, capsys, monkeypatch):
    write_both(tmp_path)
    open_csv = train.open_csv

    def open_once_it_changed(path):
        if path.endswith("train.csv"):
            write_csv(path, [*cycle(8, *SPECIES), "rose"])
        return open_csv(path)

    monkeypatch.setattr(train, "open_csv", open_once_it_changed)
    model = tmp_path / "network.keras"
    model.write_text("old")
    assert train.main(arguments(tmp_path, f"--model={model}", batch_size=4)) == 2
    (line,) = re.findall(r"^\[ERROR\].*", capsys.readouterr().err, re.MULTILINE)
    assert re.search(r"train\.csv, line 9: .*'rose'", line)
    assert model.read_text() == "old"


def test_a_nan_loss_is_reported_and_loses_no_older_network(tmp_path, capsys, monkeypatch):
    build = train.build_model

    def build_model(classes, epochs):
        model = build(classes, epochs)
        model.compile(loss=model.loss, optimizer=train.SGD(1e30), metrics=["accuracy"])
        return model

    monkeypatch.setattr(train, "build_model", build_model)
    write_both(tmp_path)
    (tmp_path / "network.keras").write_text("old")
    model = f"--model={tmp_path / 'network.keras'}"
    assert train.main(arguments(tmp_path, model, epochs=9)) == 1
    output, error = capsys.readouterr()
    expected = "[ERROR] the loss became NaN: the network is neither saved nor tested\n"
    assert error == expected
    assert "Epoch 9" not in output
    assert "evaluating" not in output
    assert (tmp_path / "network.keras").read_text() == "old"


def test_a_bug_keeps_its_traceback():
    errors = ErrorHandler()
    with pytest.raises(ZeroDivisionError), errors, errors.step():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_plot_that_can_not_be_saved_leaves_the_report(tmp_path, capsys, monkeypatch):
    do_at("on_train_end", monkeypatch, (tmp_path / "plot.png").mkdir)
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 1
    output, error = capsys.readouterr()
    assert re.search(r"accuracy +\d\.\d\d +9\n", output)
    assert error.startswith(f"[ERROR] {tmp_path / 'plot.png'}: not written: ")
