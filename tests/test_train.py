import concurrent.futures
import glob
import os
import re
import signal
import types
from unittest import mock

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report

import train
from programs import ROOT, exit_code, run
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.class_names import read_class_names
from pyimagesearch.csv_rows import TEST_NAME, TRAIN_NAME, open_csv, read_rows
from pyimagesearch.stopping import StopOnSignal
from reference import AUGMENTATION
from small_csvs import SPECIES, arguments, cycle, write_both


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train for two epochs in a process of its own, as a user does who has odd settings."""
    folder, home = write_both(tmp_path_factory.mktemp("trained")), tmp_path_factory.mktemp("home")
    (home / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 20\n")
    (home / "keras.json").write_text('{"backend": "torch"}')
    settings = {"MATPLOTLIBRC": str(home), "KERAS_HOME": str(home)}
    settings["MPLBACKEND"] = "module://a_notebooks.backend"  # which is not installed
    model = f"--model={folder / 'network.keras'}"
    return folder, run(ROOT / "train.py", *arguments(folder, model), cwd=folder, env=settings)


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
    assert lines[:4] == [
        "[INFO] loading TensorFlow...",
        "[INFO] 20 training images, 9 testing images, 3 classes: daisy, iris, tulip",
        "[INFO] training w/ generator...",
        "Epoch 1/2",
    ]
    assert lines.index("Epoch 2/2") < lines.index("[INFO] evaluating network...")
    # a file gets a line an epoch, and no control characters
    assert len(re.findall(r"^2/2 - .* - loss: .* - val_loss: ", result.stdout, re.MULTILINE)) == 2
    assert not re.search(r"[^\n -~]", result.stdout)


def test_the_saved_network_is_the_one_of_the_report_with_its_classes_and_decayed_rate(trained):
    folder, result = trained
    expected = ["network.keras", "plot.png", "test.csv", "train.csv"]
    assert sorted(path.name for path in folder.iterdir()) == expected
    assert Image.open(folder / "plot.png").size == (800, 600)
    assert read_class_names(folder / "network.keras") == list(SPECIES)
    model = keras.models.load_model(folder / "network.keras")
    lb = train.LabelBinarizer().fit(SPECIES)
    images, labels = next(train.csv_image_generator(folder / "test.csv", 9, lb, mode="eval"))
    labels, predictions = labels.argmax(axis=1), model.predict(images, verbose=0).argmax(axis=1)
    report = classification_report(labels, predictions, target_names=SPECIES, zero_division=0)
    assert result.stdout.endswith(f"{report}\n")
    updates = 2 * (20 // 8)
    assert int(model.optimizer.iterations.value) == updates
    rate = float(model.optimizer.learning_rate)
    assert rate == pytest.approx(1e-2 / (1 + 1e-2 / 2 * updates))


def test_the_same_seed_trains_and_validates_the_same_network(tmp_path):
    write_both(tmp_path)
    weights, validations = [], []
    for seed in (42, 42, 43):
        options = train.parse_args(arguments(tmp_path, f"--seed={seed}", epochs=1))
        H = train.train(options)
        weights.append(H.model.get_weights())
        validations.append(H.history["val_loss"] + H.history["val_accuracy"])
    for one, again, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, again, rtol=1e-3, atol=1e-4)
        assert one.ndim == 1 or not np.allclose(one, other, rtol=1e-3, atol=1e-4)
    assert validations[0] == pytest.approx(validations[1], rel=1e-3)


def test_the_plot_has_the_tutorials_curves_and_texts(tmp_path, monkeypatch):
    figures = []

    class Recorded(train.Figure):
        def __init__(self, **options):
            super().__init__(**options)
            figures.append(self)

    monkeypatch.setattr(train, "Figure", Recorded)
    names = {"train_loss": "loss", "val_loss": "val_loss"}
    names |= {"train_acc": "accuracy", "val_acc": "val_accuracy"}
    history = {name: [n, 300 + n] for n, name in enumerate(names.values())}
    train.plot(types.SimpleNamespace(history=history), tmp_path / "plot.PNG")
    assert Image.open(tmp_path / "plot.PNG").size == (800, 600)
    (ax,) = figures[0].axes
    curves = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert curves == {label: history[name] for label, name in names.items()}
    assert len(figures[0].legends[0].texts) == 4
    assert ax.get_title() == "Training Loss and Accuracy on Dataset"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_ylim()[0]) == ("Epoch #", "Loss/Accuracy", 0)
    shown = {label.get_text() for label in ax.get_yticklabels()}
    assert {"0", "0.2", "0.4", "0.6", "0.8", "1", "2", "5", "10", "200"} <= shown
    assert {label.get_text() for label in ax.get_xticklabels()} >= {"0", "1"}
    assert not [label for label in ax.get_xticklabels() if "." in label.get_text()]


def test_fit_gets_what_the_tutorial_gives_it_and_validates_each_testing_image_once_an_epoch(
    tmp_path, capsys, monkeypatch
):
    seen, build_model = [], train.build_model

    def recording(*args):
        assert args == (3, 3, 0.02)
        model = build_model(*args)
        test_step = model.test_step
        model.test_step = lambda data: (seen.append(data[0].numpy()), test_step(data))[1]
        return model

    generator = mock.Mock(wraps=train.csv_image_generator)
    monkeypatch.setattr(train, "csv_image_generator", generator)
    monkeypatch.setattr(train, "build_model", recording)
    path = write_both(tmp_path, test_labels=cycle(45, *SPECIES)) / "test.csv"
    H = train.train(train.parse_args(arguments(tmp_path, "--lr=0.02", epochs=3)))

    calls = [(os.path.basename(c.args[0]), c.args[1], c.kwargs) for c in generator.mock_calls]
    assert [(name, bs, options["mode"]) for name, bs, options in calls] == [
        ("train.csv", 8, "train"),
        ("test.csv", 45, "eval"),
        ("test.csv", 8, "eval"),
    ]
    augmentation, *others = [options.get("aug") for _, _, options in calls]
    assert vars(augmentation) == vars(ImageDataGenerator(**AUGMENTATION))
    assert others == [None, None]
    assert H.model.loss == "categorical_crossentropy"
    assert (H.params["epochs"], H.params["steps"]) == (3, 20 // 8)
    assert sorted(H.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]

    with open_csv(path) as file:
        images = [image for _, image in read_rows(file)]
    assert list(map(len, seen)) == 3 * [8, 8, 8, 8, 8, 5]
    np.testing.assert_array_equal(np.concatenate(seen), 3 * images)
    # so the last accuracy is the report's
    (accuracy,) = re.findall(r"accuracy +(\d\.\d\d) +45\n", capsys.readouterr().out)
    assert accuracy == f"{H.history['val_accuracy'][-1]:.2f}"


def test_without_options_it_trains_as_the_tutorial(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    defaults = {"train_csv": TRAIN_NAME, "test_csv": TEST_NAME, "epochs": 75, "batch_size": 32}
    defaults |= {"lr": 1e-2, "seed": 42, "plot": "plot.png"}
    assert vars(train.parse_args([])) == defaults


# two classes, one batch and one test row; a class without test rows
@pytest.mark.parametrize(
    ("train_labels", "test_labels"),
    [(cycle(8, "no", "yes"), ["yes"]), (cycle(9, *SPECIES), cycle(16, "daisy", "iris"))],
)
def test_odd_data_sets_are_accepted_and_each_class_is_in_the_report(
    tmp_path, capsys, monkeypatch, train_labels, test_labels
):
    predict = train.predict
    # even if no other class is predicted than those of the testing rows
    monkeypatch.setattr(train, "predict", lambda *args: (predict(*args), np.array(test_labels))[1])
    write_both(tmp_path, train_labels=train_labels, test_labels=test_labels)
    assert exit_code(train.main, arguments(tmp_path, epochs=1)) == 0
    captured = capsys.readouterr()
    rows = re.findall(r"^ +(\w+)(?: +\d\.\d\d){3} +(\d+)(?:\.0)?$", captured.out, re.MULTILINE)
    assert dict(rows) == {name: str(test_labels.count(name)) for name in set(train_labels)}
    assert captured.err == ""
    assert (tmp_path / "plot.png").exists()


def test_output_without_isatty_is_written_to(tmp_path, monkeypatch):
    # as the loggers of experiment trackers are
    written = []
    logger = types.SimpleNamespace(write=written.append, flush=lambda: None)
    monkeypatch.setattr("sys.stdout", logger)
    assert exit_code(train.main, arguments(write_both(tmp_path), epochs=1)) == 0
    assert "accuracy  " in "".join(written)


def refused(capsys, folder, *more, code=1):
    """Run a training that must be refused before its first epoch; return the message."""
    assert exit_code(train.main, arguments(folder, *more)) == code
    captured = capsys.readouterr()
    assert "training w/" not in captured.out
    assert not (folder / "plot.png").is_file()
    return captured.err


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"test_labels": ["iris", "rose"]}, "test.csv, line 2: no training row has the label"),
        ({"train_labels": ["iris"] * 9}, "train.csv: all rows are 'iris'; expected two classes"),
        ({"train_labels": cycle(7, *SPECIES)}, "train.csv: 7 rows; expected at least a batch of 8"),
    ],
)
def test_csvs_that_can_not_be_trained_on_are_refused(tmp_path, capsys, labels, message):
    write_both(tmp_path, **labels)
    assert message in refused(capsys, tmp_path)
    assert "none.csv: no such file" in refused(capsys, tmp_path, "--train-csv=none.csv")


WRITABLE = "can't be written; expected a file in a folder that exists"
PICTURE = "expected a name that ends in .png or .pdf or .svg or .jpg"
NUMBERS = "expected --epochs and --batch-size from 1 up, and --lr above 0"


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--epochs=0", NUMBERS),
        ("--epochs=x", "argument --epochs: invalid int value: 'x'"),
        ("--batch-size=0", NUMBERS),
        ("--lr=0", NUMBERS),
        ("--lr=inf", NUMBERS),
        ("--lr=nan", NUMBERS),
        ("--seed=-1", "expected --seed from 0 to 2**32 - 1"),
        ("--seed=4294967296", "expected --seed from 0 to 2**32 - 1"),
        ("--plot=missing/plot.png", f"missing/plot.png: {WRITABLE}"),
        ("--plot=folder.png", f"folder.png: {WRITABLE}"),
        ("--plot=", f": {PICTURE}"),
        ("--plot=.png", f".png: {PICTURE}"),
        ("--model=link.keras", f"link.keras: {WRITABLE}"),
        ("--model=network.h5", "network.h5: expected a name that ends in .keras"),
        ("--model=network.KERAS", "network.KERAS: expected a name that ends in .keras"),
    ],
)
def test_wrong_options_are_refused_in_a_line(tmp_path, capsys, monkeypatch, option, expected):
    write_both(tmp_path)
    (tmp_path / "folder.png").mkdir()
    if os.name != "nt":
        (tmp_path / "link.keras").symlink_to(tmp_path / "missing" / "network.keras")
    monkeypatch.chdir(tmp_path)
    message = refused(capsys, tmp_path, option, code=2)
    assert message.endswith(f"error: {expected}\n")


def do_at(moment, monkeypatch, action, after=0):
    """Let something happen when Keras calls this method of its callbacks, `after` other calls."""
    calls, method = [*[lambda: None] * after, action], getattr(StopOnSignal, moment)

    def acting(self, *args, **options):
        if calls:
            calls.pop(0)()
        return method(self, *args, **options)

    monkeypatch.setattr(StopOnSignal, moment, acting)


INT, TERM = signal.SIGINT, signal.SIGTERM
FIRST = "[ERROR] interrupted in the first epoch: nothing is written\n"


@pytest.mark.parametrize(
    ("moment", "after", "signals", "error"),
    [
        ("on_train_batch_begin", 2, [INT], ""),
        ("on_test_batch_end", 3, [INT], ""),
        ("on_epoch_end", 1, [INT], ""),
        ("on_train_batch_begin", 2, [TERM, TERM], ""),  # `timeout` may send it twice
        ("on_train_batch_begin", 0, [INT], FIRST),
        ("on_train_batch_begin", 0, [TERM], FIRST),
        ("on_test_batch_end", 0, [INT], FIRST),
        ("on_train_batch_begin", 4, [INT, INT], "[ERROR] interrupted\n"),
    ],
)
def test_a_signal_in_fit_keeps_what_whole_epochs_learned_unless_it_is_a_second_ctrl_c(
    tmp_path, capsys, monkeypatch, moment, after, signals, error
):
    do_at(moment, monkeypatch, lambda: [signal.raise_signal(number) for number in signals], after)
    network = write_both(tmp_path) / "network.keras"
    network.write_text("old")
    handlers = [*map(signal.getsignal, (INT, TERM))]
    command = arguments(tmp_path, f"--model={network}", epochs=5)
    assert exit_code(train.main, command) == 128 + signals[0]
    output, standard_error = capsys.readouterr()
    kept = error == ""
    assert standard_error == error
    assert (network.read_bytes() != b"old") == kept
    assert (tmp_path / "plot.png").exists() == kept
    assert bool(re.search(r"accuracy +\d\.\d\d +9\n", output)) == kept
    if kept:
        assert output.count("[INFO] interrupted: the training ends here") == 1
        assert output.count("val_loss") == 2
    assert [*map(signal.getsignal, (INT, TERM))] == handlers


def test_an_ignored_signal_stays_ignored(tmp_path, monkeypatch):
    before = signal.signal(INT, signal.SIG_IGN)
    try:
        do_at("on_train_batch_begin", monkeypatch, lambda: signal.raise_signal(INT))
        assert exit_code(train.main, arguments(write_both(tmp_path))) == 0
        assert signal.getsignal(INT) is signal.SIG_IGN
    finally:
        signal.signal(INT, before)


def test_a_thread_can_train(tmp_path):
    args = train.parse_args(arguments(write_both(tmp_path), epochs=1))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        H = pool.submit(train.train, args).result()
    assert len(H.history["val_loss"]) == 1


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="no /proc here")
def test_predict_leaves_no_file_open(tmp_path):
    write_both(tmp_path)
    lb = train.LabelBinarizer().fit(SPECIES)
    model = train.build_model(3, epochs=1)
    names = train.predict(model, tmp_path / "test.csv", 4, lb, 9)
    assert set(names) <= set(SPECIES)
    files = [os.path.realpath(link) for link in glob.glob("/proc/self/fd/*")]
    assert str((tmp_path / "test.csv").resolve()) not in files


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_was_learned_stays_where_the_report_fails(tmp_path, capsys, monkeypatch, error):
    during = []

    def predict(*args):
        during.extend(map(signal.getsignal, (INT, TERM)))
        raise error

    before = [*map(signal.getsignal, (INT, TERM))]
    monkeypatch.setattr(train, "predict", predict)
    command = arguments(write_both(tmp_path), f"--model={tmp_path / 'network.keras'}", epochs=1)
    if error is KeyboardInterrupt:
        assert exit_code(train.main, command) == 130
        assert capsys.readouterr().err == "[ERROR] interrupted\n"
    else:
        with pytest.raises(error):
            train.main(command)
    assert read_class_names(tmp_path / "network.keras") == list(SPECIES)
    assert (tmp_path / "plot.png").exists()
    assert during == before  # a signal now acts as it does in any program


@pytest.mark.parametrize("options", [{"epochs": 9}, {"epochs": 1, "batch_size": 20}])
def test_a_nan_loss_is_reported_and_loses_no_older_network(tmp_path, capsys, options):
    write_both(tmp_path)
    (tmp_path / "network.keras").write_text("old")
    command = arguments(tmp_path, "--lr=1e30", f"--model={tmp_path / 'network.keras'}", **options)
    assert exit_code(train.main, command) == 1
    output, error = capsys.readouterr()
    assert error == (
        "[ERROR] the loss is NaN or infinite: try a lower --lr; the network is not saved\n"
    )
    assert "Epoch 9/" not in output
    assert "evaluating" not in output
    assert (tmp_path / "network.keras").read_text() == "old"
    assert (tmp_path / "plot.png").exists()
