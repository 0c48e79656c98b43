import os
import re
import signal
import time

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report

import train
from programs import PATIENCE, ROOT, run, running, wait_until
from pyimagesearch.augmentation import ImageDataGenerator
from pyimagesearch.csv_pair import TEST_NAME, TRAIN_NAME
from pyimagesearch.csv_rows import CSVError, read_labels
from pyimagesearch.plumbing.ending import TOLD_TWICE, Ending
from pyimagesearch.plumbing.options import parse_training_options
from pyimagesearch.plumbing.stopping import StopOnTrouble
from reference import AUGMENTATION
from small_csvs import SPECIES, arguments, cycle, write_both, write_csv


def options(folder, **some):
    """Return the options of `arguments` as `train.train` takes them."""
    return parse_training_options(arguments(folder, **some), "", "", 0, 0, 42, "")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train for two epochs in a process of its own, as a user does."""
    folder = write_both(tmp_path_factory.mktemp("trained"))
    model = f"--model={folder / 'network.keras'}"
    return folder, run(ROOT / "train.py", *arguments(folder, model), cwd=folder)


def test_it_prints_what_the_tutorial_prints(trained):
    _, result = trained
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    training = lines.index("[INFO] training w/ generator...")
    evaluating = lines.index("[INFO] evaluating network...")
    assert training < evaluating
    assert [line for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    assert "val_accuracy" in "".join(lines[training:evaluating])


def test_a_file_gets_a_line_an_epoch_and_no_control_characters(trained):
    _, result = trained
    assert not re.search(r"[^\n -~]", result.stdout)
    assert len(re.findall(r"^2/2 - .* - loss: .* - val_loss: ", result.stdout, re.MULTILINE)) == 2


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
    command = "import train; print(train.NUM_EPOCHS, train.BS)"
    result = run("-c", command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert result.stdout == "75 32\n"
    assert list(tmp_path.iterdir()) == []


def test_the_network_learns(tmp_path):
    write_both(tmp_path, train_labels=cycle(48, *SPECIES), test_labels=cycle(12, *SPECIES))
    H = train.train(options(tmp_path, epochs=6), Ending())
    losses = H.history["loss"]
    assert len(losses) == 6
    assert losses[-1] < 0.5 * losses[0]


def test_fit_gets_what_the_tutorial_gives_it(tmp_path, monkeypatch):
    generators, networks, validated = [], [], []

    def csv_image_generator(path, bs, lb, mode="train", aug=None):
        generators.append((os.path.basename(path), bs, mode, aug))
        return generator(path, bs, lb, mode, aug)

    def build_model(classes, epochs):
        networks.append((classes, epochs))
        return build(classes, epochs)

    class Counting(StopOnTrouble):
        def on_test_batch_end(self, batch, logs=None):
            validated.append(batch)

    generator, build = train.csv_image_generator, train.build_model
    monkeypatch.setattr(train, "csv_image_generator", csv_image_generator)
    monkeypatch.setattr(train, "build_model", build_model)
    monkeypatch.setattr(train, "StopOnTrouble", Counting)
    write_both(tmp_path, test_labels=cycle(27, *SPECIES))
    H = train.train(options(tmp_path, epochs=3), Ending())

    assert [(name, bs, mode) for name, bs, mode, _ in generators] == [
        ("train.csv", 8, "train"),
        ("test.csv", 8, "train"),
        ("test.csv", 8, "eval"),
    ]
    augmentation, *others = [aug for _, _, _, aug in generators]
    assert vars(augmentation) == vars(ImageDataGenerator(**AUGMENTATION))
    assert others == [None, None]
    assert networks == [(3, 3)]
    assert H.model.loss == "categorical_crossentropy"
    assert (H.params["epochs"], H.params["steps"]) == (3, 20 // 8)
    assert validated == [0, 1, 2] * 3
    assert sorted(H.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_the_names_are_those_of_the_csvs_that_ship():
    assert (train.TRAIN_CSV, train.TEST_CSV) == (TRAIN_NAME, TEST_NAME)


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
    write_both(tmp_path, train_labels=train_labels, test_labels=test_labels)
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
    write_both(tmp_path, "iris")
    assert "train.csv: all rows are 'iris'; expected two classes" in refused(capsys, tmp_path)


def test_less_than_a_batch_is_refused(tmp_path, capsys):
    write_both(tmp_path, train_labels=cycle(7, *SPECIES))
    message = refused(capsys, tmp_path)
    assert "train.csv: 7 rows; expected at least a batch of 8 (--batch-size)" in message


@pytest.mark.parametrize("value", ["0", "-3", "2.5", "many", ""])
@pytest.mark.parametrize("option", ["--epochs", "--batch-size"])
def test_numbers_below_one_are_refused(tmp_path, capsys, option, value):
    message = refused(capsys, tmp_path, f"{option}={value}")
    assert f"argument {option}: expected a whole number from 1" in message
    assert f"not {value!r}" in message


@pytest.mark.parametrize(
    ("option", "name"), [("--plot", "train.png"), ("--plot", "test.png"), ("--model", "link.keras")]
)
def test_an_output_that_is_another_file_of_ours_is_refused(tmp_path, capsys, option, name):
    write_both(tmp_path)
    before = {csv: (tmp_path / f"{csv}.csv").read_bytes() for csv in ("train", "test")}
    for csv in before:
        (tmp_path / f"{csv}.png").symlink_to(f"{csv}.csv")
    (tmp_path / "link.keras").symlink_to("plot.png")
    message = refused(capsys, tmp_path, f"{option}={tmp_path / name}")
    assert f"argument {option}: {tmp_path / name}: expected a file of its own" in message
    for csv, content in before.items():
        assert (tmp_path / f"{csv}.csv").read_bytes() == content


@pytest.mark.parametrize("option", ["--train-csv", "--test-csv", "--plot", "--model"])
def test_an_empty_path_is_refused(tmp_path, capsys, option):
    write_both(tmp_path)
    message = refused(capsys, tmp_path, f"{option}=")
    assert re.search(rf"argument {option}: (''|expected a path)", message)


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
    result = run(ROOT / "train.py", cwd=tmp_path)
    assert result.returncode == 2
    assert "[ERROR] flowers17_training.csv: no such file" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def long_training(tmp_path):
    """Start a long training in a process of its own, and wait for its second epoch."""
    write_both(tmp_path)
    model = f"--model={tmp_path / 'network.keras'}"
    with (
        open(tmp_path / "out.txt", "w") as out,
        running(ROOT / "train.py", *arguments(tmp_path, model, epochs=500), stdout=out) as process,
    ):
        wait_until(lambda: "Epoch 2/" in output_of(tmp_path), process)
        yield process


def output_of(folder):
    return (folder / "out.txt").read_text()


@pytest.mark.parametrize("names", [["SIGINT"], ["SIGTERM"], ["SIGHUP", "SIGTERM", "SIGHUP"]])
def test_a_signal_goes_on_to_the_report_and_the_plot(long_training, tmp_path, names):
    numbers = [signal.Signals[name] for name in names]
    # one ending may be told twice: by a shell, say, and by its window
    for number in numbers:
        long_training.send_signal(number)
    _, error = long_training.communicate(timeout=PATIENCE)
    output = output_of(tmp_path)
    assert long_training.returncode == 128 + max(numbers)
    assert "[INFO] interrupted: on to the report and the plot" in output
    assert re.search(r"accuracy +\d\.\d\d +9\n", output)
    assert "Traceback" not in error
    assert keras.models.load_model(tmp_path / "network.keras").optimizer.iterations.value > 0
    assert (tmp_path / "plot.png").exists()


def interrupt_at(moment, monkeypatch):
    """Let Ctrl-C come when Keras calls this method of its callbacks."""

    class Interrupted(StopOnTrouble):
        pass

    interrupt = lambda self, batch, logs=None: os.kill(os.getpid(), signal.SIGINT)  # noqa: E731
    setattr(Interrupted, moment, interrupt)
    monkeypatch.setattr(train, "StopOnTrouble", Interrupted)


def test_a_second_ctrl_c_ends_at_once(tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        time.sleep(TOLD_TWICE)
        os.kill(os.getpid(), signal.SIGINT)

    interrupt_at("on_epoch_end", monkeypatch)
    monkeypatch.setattr(train, "predict", interrupt)
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 130
    output, error = capsys.readouterr()
    assert "[INFO] interrupted: on to the report" in output
    assert error == "[ERROR] interrupted\n"
    assert not (tmp_path / "plot.png").exists()


def test_a_second_ctrl_c_within_fit_ends_at_once_too(tmp_path, capsys, monkeypatch):
    class Interrupted(StopOnTrouble):
        def on_train_batch_begin(self, batch, logs=None):
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(TOLD_TWICE)

    monkeypatch.setattr(train, "StopOnTrouble", Interrupted)
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 130
    output, error = capsys.readouterr()
    assert "on to the report" not in output
    assert error == "[ERROR] interrupted\n"
    assert not (tmp_path / "plot.png").exists()


def test_ctrl_c_after_the_last_batch_is_told_too(tmp_path, capsys, monkeypatch):
    interrupt_at("on_epoch_end", monkeypatch)
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 130
    output, error = capsys.readouterr()
    assert "[INFO] interrupted: on to the report and the plot" in output
    assert output.endswith(f"[INFO] wrote {tmp_path / 'plot.png'}\n")
    assert error == ""


def test_ctrl_c_while_the_network_is_saved_loses_nothing(tmp_path, capsys, monkeypatch):
    save = keras.Model.save

    def save_interrupted(model, path):
        os.kill(os.getpid(), signal.SIGINT)
        save(model, path)

    monkeypatch.setattr(keras.Model, "save", save_interrupted)
    write_both(tmp_path)
    model = tmp_path / "network.keras"
    assert train.main(arguments(tmp_path, f"--model={model}", epochs=1)) == 130
    output, error = capsys.readouterr()
    assert error == "[ERROR] interrupted\n"
    assert f"[INFO] wrote {model}\n" in output
    assert output.endswith(f"[INFO] wrote {tmp_path / 'plot.png'}\n")
    assert keras.models.load_model(model).optimizer.iterations == 2


@pytest.mark.parametrize("moment", ["on_train_batch_begin", "on_test_batch_begin"])
def test_ctrl_c_before_an_epoch_is_completed_writes_no_plot(tmp_path, capsys, monkeypatch, moment):
    interrupt_at(moment, monkeypatch)
    write_both(tmp_path)
    with Ending() as ending:
        H = train.train(options(tmp_path, epochs=1), ending)
    assert ending.exit_code == 130
    assert H.model.optimizer.iterations == (1 if moment == "on_train_batch_begin" else 2)
    assert "no epoch was completed" in capsys.readouterr().out
    assert not (tmp_path / "plot.png").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_csv_that_changes_during_training_ends_it_plainly(long_training, tmp_path):
    with open(tmp_path / "train.csv", "a") as file:
        file.write("iris,1,2,3\n")
    _, error = long_training.communicate(timeout=PATIENCE)
    assert long_training.returncode == 2
    assert "Traceback" not in error
    assert re.search(r"\[ERROR\] .*train\.csv, line \d+: the file changed while", error)
    assert (tmp_path / "plot.png").exists()
    assert (tmp_path / "network.keras").exists()


@pytest.fixture
def changed_after_the_check(tmp_path, monkeypatch):
    """Return a function that lets a CSV change between its check and its generator."""
    write_both(tmp_path)
    open_csv = train.open_csv

    def change(name):
        def open_once_it_changed(path):
            if path.endswith(name):
                write_csv(path, ["rose"])
            return open_csv(path)

        monkeypatch.setattr(train, "open_csv", open_once_it_changed)

    return change


def test_a_csv_that_fails_at_the_first_batch_ends_plainly(
    tmp_path, capsys, changed_after_the_check
):
    changed_after_the_check("train.csv")
    model = tmp_path / "network.keras"
    model.write_text("old")
    assert train.main(arguments(tmp_path, f"--model={model}")) == 2
    # a network that was never updated is no reason to lose another
    assert model.read_text() == "old"
    output, error = capsys.readouterr()
    assert re.search(r"^\[ERROR\] .*train\.csv, line 1: .*'rose'", error)
    assert error.count("\n") == 1
    assert "no epoch was completed" in output


def test_a_csv_that_fails_at_the_first_validation_loses_no_epoch(
    tmp_path, capsys, changed_after_the_check
):
    changed_after_the_check("test.csv")
    model = tmp_path / "network.keras"
    assert train.main(arguments(tmp_path, f"--model={model}", epochs=3)) == 2
    output, error = capsys.readouterr()
    # its own line, not the end of Keras's progress bar
    assert re.search(r"^\[ERROR\] .*test\.csv, line 1: .*'rose'", error, re.MULTILINE)
    assert "Traceback" not in error
    assert "accuracy  " not in output
    assert keras.models.load_model(model).optimizer.iterations == 2


def test_a_test_csv_that_changes_while_it_is_evaluated_leaves_the_plot(
    tmp_path, capsys, monkeypatch
):
    write_both(tmp_path)
    check_unchanged = train.check_unchanged

    def change_after_the_check(path, labels):
        check_unchanged(path, labels)
        write_csv(path, [*cycle(8, *SPECIES), "rose"])

    monkeypatch.setattr(train, "check_unchanged", change_after_the_check)
    assert train.main(arguments(tmp_path, epochs=1, batch_size=1)) == 2
    output, error = capsys.readouterr()
    assert "accuracy  " not in output
    assert re.search(r"^\[ERROR\] .*test\.csv, line 9: .*'rose'", error, re.MULTILINE)
    assert "Traceback" not in error
    assert (tmp_path / "plot.png").exists()


@pytest.mark.parametrize("rows", [10, 9], ids=["another row", "the same labels, other pixels"])
def test_a_test_csv_that_was_replaced_gets_no_report(tmp_path, capsys, monkeypatch, rows):
    class Replacing(StopOnTrouble):
        def __exit__(self, *error):
            write_csv(tmp_path / "new.csv", cycle(rows, *SPECIES), seed=3)
            os.replace(tmp_path / "new.csv", tmp_path / "test.csv")
            return super().__exit__(*error)

    monkeypatch.setattr(train, "StopOnTrouble", Replacing)
    write_both(tmp_path)
    assert train.main(arguments(tmp_path, epochs=1)) == 2
    output, error = capsys.readouterr()
    assert "accuracy  " not in output
    assert error.startswith(f"[ERROR] {tmp_path / 'test.csv'}: the file changed since")
    assert (tmp_path / "plot.png").exists()


def test_predict_gives_a_name_for_each_row(tmp_path):
    write_both(tmp_path)
    lb = train.LabelBinarizer().fit(SPECIES)
    model = train.build_model(classes=3, epochs=1)
    labels = read_labels(tmp_path / "test.csv")
    predictions = train.predict(model, tmp_path / "test.csv", 4, lb, len(labels))
    assert predictions.shape == (9,)
    assert set(predictions) <= set(SPECIES)


def test_a_loss_that_is_lost_ends_the_training(capsys):
    model = train.build_model(classes=2, epochs=5)
    images, labels = np.zeros((8, 64, 64, 3)), np.full((8, 2), np.nan)
    ending = Ending()
    with StopOnTrouble(ending) as stop:
        model.fit(images, labels, epochs=5, batch_size=4, verbose=0, callbacks=[stop])
    assert ending.exit_code == 1
    assert not stop.learned
    assert "the loss became nan" in capsys.readouterr().err
    assert int(model.optimizer.iterations.value) == 1


def test_an_error_within_fit_keeps_its_text_whatever_the_file_is_called(capsys):
    def batches():
        for _ in range(4):
            yield np.zeros((2, 3)), np.zeros((2, 1))
        raise CSVError("two\nlines \udcff.csv, line 7: bad; expected good")

    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    with Ending() as ending, StopOnTrouble(ending) as stop:
        model.fit(batches(), steps_per_epoch=9, verbose=0, shuffle=False, callbacks=[stop])
    assert ending.exit_code == 2
    expected = "[ERROR] two lines \\udcff.csv, line 7: bad; expected good\n"
    assert capsys.readouterr().err == expected


def test_other_errors_are_not_hidden():
    ending = Ending()
    with pytest.raises(ZeroDivisionError), ending, ending.step(), StopOnTrouble(ending):
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_plot_that_can_not_be_saved_leaves_the_report_and_the_old_plot(tmp_path):
    resource = pytest.importorskip("resource")
    write_both(tmp_path)
    (tmp_path / "plot.png").write_text("old")
    result = run(
        ROOT / "train.py",
        *arguments(tmp_path, epochs=1),
        # no file may grow beyond 5 kB: writing then fails as it does on a full disk
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)),
    )
    assert result.returncode == 1
    assert re.search(r"accuracy +\d\.\d\d +9\n", result.stdout)
    assert f"[ERROR] {tmp_path / 'plot.png'}: not written: File too large\n" in result.stderr
    assert "Traceback" not in result.stderr
    assert (tmp_path / "plot.png").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plot.png", "test.csv", "train.csv"]
