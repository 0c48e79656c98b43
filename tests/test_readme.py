"""README.md and the handbook: their examples run, and their claims hold."""

import base64
import collections
import csv
import importlib
import inspect
import io
import itertools
import json
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import warnings

import h5py
import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from tensorflow.keras.preprocessing.image import ImageDataGenerator

import train
from programs import ROOT
from pyimagesearch import config
from pyimagesearch.class_names import read_class_names
from pyimagesearch.csv_rows import read_labels
from pyimagesearch.errors import InputError
from pyimagesearch.images import load_image, to_array
from small_csvs import SPECIES, cycle, write_csv
from small_images import save
from train import build_model

# test_feeding.py runs the example of feeding/README.md
NAMES = ["README.md", "pyimagesearch/README.md", "pyimagesearch/feeding/README.md"]
PAGES = README, HANDBOOK, *_ = [ROOT / name for name in [*NAMES, ".github/CONTRIBUTING.md"]]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
LESSON_AND_HANDBOOK = TEXTS[README] + TEXTS[HANDBOOK]
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", LESSON_AND_HANDBOOK, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch, small):
    """Go to a folder with CSVs of the shipped names, but small."""
    write_csv(tmp_path / "flowers17_training.csv", cycle(64, *SPECIES))
    write_csv(tmp_path / "flowers17_testing.csv", cycle(40, *SPECIES))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def example(phrase):
    """Return the one Python block that has a phrase."""
    (found,) = [block for block in EXAMPLES if phrase in block]
    return found


def run_examples(*phrases, **names):
    """Run blocks one after another, as in one file; return its names."""
    names["__name__"] = "__main__"
    for phrase in phrases:
        exec(example(phrase), names)
    return names


PHRASES = """def csv_image_generator|labels, images = zip|test_gen = csv|train_on_batch(|labels.csv
def generator(|quarter =|mine.png|pictures.db|left out|class Pictures|make_batch(images, numbers
Concatenate|ModelCheckpoint|predict(model, "my_|my_shuffled.csv|my_flower.jpg|test.csv|theirs.csv
def weighted""".replace("\n", "|").split("|")
HEART, FIT, FIT_GENERATOR, TRAIN_ON_BATCH, ITEMS, GENERATOR, TRAINING, REPORT, *more = PHRASES
DATABASE, DAMAGED, DATASET, TWO_INPUTS, TWO_INPUT_NETWORK, BEST, SAVED_REPORT, *more = more
SHUFFLE, PREDICT, UNLABELLED, RECIPE, WEIGHTS = more


def test_every_example_is_run_by_a_test():
    assert sorted(EXAMPLES) == sorted(map(example, PHRASES))


def test_the_heart_of_the_generator_is_train_pys(flowers, lb, small):
    names = dict(vars(train))
    exec(example(HEART), names)
    images, _ = next(names["csv_image_generator"](flowers(10), 12, lb))
    np.testing.assert_array_equal(images[:2], images[10:])
    code = re.sub("  #.*", "", inspect.getsource(train.csv_image_generator))
    source = iter(code.splitlines())
    assert all(line in source for line in example(HEART).splitlines())  # in this order


def test_the_examples_of_fit_and_train_on_batch_train(folder, capsys):
    assert run_examples(FIT)["model"].optimizer.iterations == 2 * 64 // 32
    names = run_examples(FIT_GENERATOR, TRAIN_ON_BATCH)
    assert len(names["predictions"]) == 40
    assert names["model"].optimizer.iterations == 2 * (2 * 64 // 32)
    # the colours of these rows are soon learned; then only noise is left to learn
    first, second = map(float, re.findall(r"mean loss (\d+\.\d+)", capsys.readouterr().out))
    assert second < max(first, 0.1)
    exec(example(WEIGHTS), names)
    _, targets, weights = next(names["train_gen"])
    # of 64 images, 22 are daisies
    np.testing.assert_allclose(weights, np.where(targets[:, 0] == 1, 64 / 3 / 22, 64 / 3 / 21))
    names["model"].fit(names["train_gen"], steps_per_epoch=1, shuffle=False, verbose=0)


@pytest.fixture
def pictures(folder):
    """Make a folder of pictures, a colour a class, and a CSV with their labels."""
    colours = {"blue": (30, 40, 220), "red": (220, 30, 40)}
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label"])
        for n, label in enumerate(cycle(42, *colours)):
            colour = [value + n % 10 for value in colours[label]]
            save(folder / "pictures" / f"{n}.png", tuple(colour))
            writer.writerow([f"{n}.png", label])
    return folder


@pytest.mark.parametrize("count", [8, 10, 3, 1])
def test_the_generator_of_pictures_yields_the_batches_that_it_says(pictures, count):
    names = run_examples(ITEMS, GENERATOR)
    items = names["items"][:count]
    once = [4] * (count // 4) + [count % 4] * (count % 4 > 0)
    for mode, sizes in ("train", [4] * 5), ("eval", 2 * once):
        batches = itertools.islice(names["generator"](items, 4, mode), len(sizes))
        images, targets = zip(*batches, strict=True)
        assert [len(batch) for batch in images] == sizes
        images, targets = np.concatenate(images), np.concatenate(targets)
        for n, (image, target) in enumerate(zip(images, targets, strict=True)):
            path, label = items[n % count]
            np.testing.assert_array_equal(image, load_image(path))
            assert target.tolist() == (names["classes"] == label).tolist()


def test_the_way_from_pictures_to_a_named_picture(pictures, capsys):
    names = run_examples(ITEMS, GENERATOR)
    exec(example(TRAINING).replace("max(20, math.ceil(400 / steps))", "2"), names)
    assert names["model"].optimizer.iterations == 2
    exec(example(REPORT), names)
    assert re.search(r"^ +accuracy +\d\.\d\d +10$", capsys.readouterr().out, re.MULTILINE)
    assert Image.open("mine.png").size == (800, 600)
    save(pictures / "my_flower.jpg", (30, 40, 220))
    rows = np.random.default_rng(0).integers(0, 256, (5, 192))
    header = ",".join(f"pixel{n}" for n in range(192))
    np.savetxt("test.csv", rows, "%d", ",", header=header, comments="")
    unlabelled = run_examples(PREDICT, UNLABELLED)["predictions"]
    path, *named = capsys.readouterr().out.rstrip().split("  ")
    probabilities = {name: float(value) for name, value in (one.split(": ") for one in named)}
    assert (path, set(probabilities)) == ("my_flower.jpg", {"blue", "red"})
    assert sum(probabilities.values()) == pytest.approx(1, abs=0.02)
    expected = names["model"].predict(rows.reshape(5, 8, 8, 3).astype("uint8"), verbose=0)
    assert unlabelled.tolist() == names["classes"][expected.argmax(1)].tolist()

    # the same by number, and so in the order of the items
    exec(example(DATASET), names)
    images = np.array([load_image(path) for path, _ in names["test"]])
    expected = names["model"].predict(images, verbose=0)
    np.testing.assert_allclose(names["probabilities"], expected, atol=1e-5)


def test_pictures_in_a_database_are_generated_but_for_damaged_ones(pictures, capsys):
    expected = run_examples(ITEMS)["items"]
    with sqlite3.connect("pictures.db") as db:
        db.execute("CREATE TABLE pictures (id INTEGER PRIMARY KEY, label TEXT, image BLOB)")
        rows = [(label, pathlib.Path(path).read_bytes()) for path, label in expected]
        rows += [("red", rows[0][1][:60]), ("red", None), ("red", b"")]
        db.executemany("INSERT INTO pictures (label, image) VALUES (?, ?)", rows)
    names = run_examples(DATABASE, DAMAGED, GENERATOR)
    assert re.findall(r"left out: (\d+): ", capsys.readouterr().out) == ["43", "44", "45"]
    random.Random(42).shuffle(expected)
    images, targets = next(names["generator"](names["items"], 42, mode="eval"))
    np.testing.assert_array_equal(images, [load_image(path) for path, _ in expected])
    assert names["classes"][targets.argmax(1)].tolist() == [label for _, label in expected]


def test_each_place_of_an_item_that_the_handbook_names_gives_the_image(folder):
    (table,) = re.findall(r"^\| your data .*\n(?:\|.*\n)+", LESSON_AND_HANDBOOK, re.MULTILINE)
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(image).save("image.png")
    np.save("images.npy", [image])
    text = base64.b64encode(pathlib.Path("image.png").read_bytes()).decode()
    names = {"line": json.dumps({"image": text}), "path": "images.npy", "place": 0, "array": image}
    names |= {"np": np, "io": io, "json": json, "base64": base64, "Image": Image}
    names |= {"load_image": load_image, "to_array": to_array}
    with h5py.File("images.h5", "w") as h5:
        h5["images"], h5["labels"] = [image], ["été"]
        codes = re.findall(r"`([^`]*(?:line\)|\[place\]|array\)).*?)`", table)
        assert len(codes) == 4
        for code in codes:
            np.testing.assert_array_equal(eval(code, names | {"h5": h5}), image)
        assert '`h5["labels"].asstr()[:]`' in table
        assert h5["labels"].asstr()[:].tolist() == ["été"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no head and tail")
def test_the_best_epoch_by_shuffled_training_rows_is_kept_and_reported(folder, capsys):
    rows = write_csv(folder / "my_training.csv", sorted(cycle(264, *SPECIES))).read_bytes()
    run_examples(SHUFFLE)
    shuffled = (folder / "my_shuffled.csv").rename(folder / "my_training.csv").read_bytes()
    assert sorted(shuffled.splitlines()) == sorted(rows.splitlines())
    assert shuffled != rows
    (command,) = re.findall(r"^n=.*\nhead .*$", LESSON_AND_HANDBOOK, re.MULTILINE)
    subprocess.run(command, shell=True, check=True)
    assert len(read_labels("my_validation.csv")) == 264 // 4
    parts = [(folder / f"my_{part}.csv").read_bytes() for part in ("validation", "rest")]
    assert b"".join(parts) == shuffled

    names = {}
    exec(example(BEST).replace("--epochs=75", "--epochs=2"), names)
    accuracies = re.findall(r"val_accuracy: (\d\.\d+)", capsys.readouterr().out)
    assert names["best"].best == pytest.approx(max(map(float, accuracies)), abs=1e-4)
    write_csv(folder / "my_testing.csv", cycle(9, *SPECIES), seed=1)
    run_examples(SAVED_REPORT)
    assert re.search(r"^ +accuracy +\d\.\d\d +9$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.skipif(keras.__version__.startswith("3.5."), reason="Keras 3.5 goes on instead")
def test_keras_validates_the_same_two_batches_of_a_generator_again(small):
    def numbered():
        for n in itertools.count():
            yield np.full((8, 4), n % 11), np.eye(3)[[0] * 8]

    seen, model = [], network()
    test_step = model.test_step
    model.test_step = lambda data: (seen.append(int(data[0][0, 0])), test_step(data))[1]
    fit(model, epochs=6, validation_data=numbered(), validation_steps=10)
    epochs = np.reshape(seen, (6, 10))
    assert (epochs[:, :2] == [0, 1]).all()
    assert any(len(set(epoch)) < 10 for epoch in epochs)


def test_two_inputs_stay_together_when_augmented(small):
    names = {"np": np, "classes": list(SPECIES)}
    exec(example(TWO_INPUTS), names)
    # images of one colour, which no transformation changes
    numbers = np.arange(40.0)[:, np.newaxis]
    images = np.ones((40, *config.IMAGE_SHAPE)) * numbers[:, :, np.newaxis, np.newaxis]
    targets = np.eye(3)[np.arange(40) % 3]
    aug = ImageDataGenerator(rotation_range=20, horizontal_flip=True)
    for augmentation in None, aug:
        batch = (seen, given), labels = names["make_batch"](images, numbers, targets, augmentation)
        np.testing.assert_allclose(seen[:, 3, 3, 0], given[:, 0], atol=1e-4)
        assert labels.argmax(1).tolist() == [number % 3 for number in given[:, 0]]
    assert given[:, 0].tolist() != numbers[:, 0].tolist()
    exec(example(TWO_INPUT_NETWORK).replace("64, 64, 3", "8, 8, 3"), names)
    names["model"].fit((batch for _ in range(9)), steps_per_epoch=2, verbose=0, shuffle=False)


# the numbered places of the recipe, as a reader changes them
NO_HEADER = ("    next(lines)  # 1", "    # 1")
LABEL_LAST = ("fields[0], fields[1:]", "fields[-1], fields[:-1]")
INDEX = ("fields[0], fields[1:]", "fields[1], fields[2:]")
BLANKS = ("# 3. pixels with blanks between them: ", "")
SCALED = ("np.array(pixels, float)  # 4", "np.array(pixels, float) * 255  # 4")
PLANAR = ("# 5. reds, then greens, then blues: ", "")
TRANSPOSED = ("  # 6. turned: ", "")


def our_csvs(header, rows, *changes):
    """Write a CSV of another form, convert it by the changed recipe, and return both new ones."""
    # with the byte order mark of Excel, which must not get into a label
    with open("theirs.csv", "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([header, *rows] if header else rows)
    recipe = example(RECIPE)
    for old, new in changes:
        assert old in recipe
        recipe = recipe.replace(old, new)
    limit = csv.field_size_limit()
    try:
        exec(recipe, {})
    finally:
        csv.field_size_limit(limit)
    parts = (pathlib.Path(f"my_{part}.csv") for part in ("training", "testing"))
    return [part.read_text(encoding="utf-8").splitlines() for part in parts]


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """Go to a folder for scikit-learn's 8x8 digits: labels, and pixels, `(200, 64)` int."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "IMAGE_SHAPE", (8, 8, 1))
    data = load_digits()
    return data.target[:200], np.rint(data.data[:200] * 255 / 16).astype(int)


def test_the_recipe_makes_the_same_csvs_of_each_form(digits):
    labels, pixels = digits
    rows = [[n, *row] for n, row in zip(labels, pixels.tolist(), strict=True)]
    names = [f"pixel{n}" for n in range(64)]
    blanks = [[n, " ".join(map(str, row))] for n, *row in rows]
    on_their_side = np.c_[labels, pixels.reshape(-1, 8, 8).swapaxes(1, 2).reshape(-1, 64)]
    forms = [
        (["label", *names], rows),
        (None, rows, NO_HEADER),
        ([*names, "label"], [[*row, n] for n, *row in rows], LABEL_LAST),
        (["", "label", *names], [[i, *row] for i, row in enumerate(rows)], INDEX),
        (["emotion", "pixels", "Usage"], [[*row, "Training"] for row in blanks], BLANKS),
        (None, [[n, *np.divide(row, 255)] for n, *row in rows], NO_HEADER, SCALED),
        (None, [[n, *map(float, row)] for n, *row in rows], NO_HEADER),
        (None, on_their_side, NO_HEADER, TRANSPOSED),
    ]
    first, *others = [our_csvs(*form) for form in forms]
    assert others == [first] * 7
    train, test = first
    assert sorted(train + test) == sorted(",".join(map(str, row)) for row in rows)
    assert {row[0] for row in train} == {row[0] for row in test} == set("0123456789")
    assert len(train) > 2 * len(test)


def test_the_recipe_reads_planes_of_colour_and_large_fields_and_labels_with_commas(
    digits, monkeypatch
):
    monkeypatch.setattr(config, "IMAGE_SHAPE", (128, 128, 3))
    images = np.random.default_rng(0).integers(100, 256, (8, 128, 128, 3))
    labels = cycle(8, "Pepper,_bell", " Tomato ")
    planes = images.transpose(0, 3, 1, 2).reshape(8, -1)
    rows = [[n, " ".join(map(str, plane))] for n, plane in zip(labels, planes, strict=True)]
    train, test = our_csvs(["label", "pixels"], rows, BLANKS, PLANAR)
    labels = collections.Counter(row.split(",")[0] for row in train + test)
    assert labels == {"Pepper _bell": 4, "Tomato": 4}
    values = {row.partition(",")[2] for row in train + test}
    assert values == {",".join(map(str, image.ravel())) for image in images}


@pytest.mark.parametrize(("scale", "changes"), [(255, []), (1, [SCALED])])
def test_the_recipe_refuses_values_of_another_range(digits, scale, changes):
    message = r"theirs\.csv: values up to .*; expected up to 255: change place 4"
    with pytest.raises(SystemExit, match=message):
        our_csvs(None, np.c_[digits[0], digits[1] / scale], NO_HEADER, *changes)


def test_a_saved_network_and_saved_weights_go_on(folder):
    fit(network(optimizer=build_model(3, 8).optimizer), epochs=5).model.save("mine.keras")
    with pytest.raises(InputError, match=r"mine\.keras: no class names; add them: write"):
        read_class_names("mine.keras")
    model = keras.models.load_model("mine.keras")
    history = fit(model, initial_epoch=5, epochs=8)
    assert history.epoch == [5, 6, 7]
    assert model.optimizer.iterations == 8 * 2
    model.save_weights("mine.weights.h5")
    other = keras.models.clone_model(model)
    other.load_weights("mine.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("options", [{}, {"initial_value_threshold": 0.99}])
def test_backup_and_restore_goes_on_after_a_crash_and_the_best_must_be_given(folder, options):
    def train(*callbacks):
        backup = keras.callbacks.BackupAndRestore("backup")
        return fit(network(), epochs=4, callbacks=[backup, *callbacks])

    def crash(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(keras.callbacks.LambdaCallback(on_epoch_begin=crash))
    (folder / "best.keras").write_text("the best")
    best = {"monitor": "accuracy", "save_best_only": True} | options
    again = train(keras.callbacks.ModelCheckpoint("best.keras", **best))
    assert again.epoch == [2, 3]
    assert again.model.optimizer.iterations == 4 * 2
    assert not (folder / "backup").exists()
    assert (folder / "best.keras").read_bytes().startswith(b"the best") == bool(options)


def from_sqlite():
    connection = sqlite3.connect(":memory:")
    while True:
        ((n,),) = connection.execute("select 1")
        yield np.zeros((8, 4)), np.eye(3)[[n] * 8]


def batches(count=10**9, classes=3, kind=tuple):
    for _ in range(count):
        labels = np.eye(classes, dtype="float32")[np.arange(8) % classes]
        yield kind((np.zeros((8, 4), "float32"), labels))


def network(classes=3, optimizer="sgd"):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(classes, "softmax")])
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model=None, data=None, classes=3, **options):
    options = {"steps_per_epoch": 2, "verbose": 0, "shuffle": False} | options
    return (model or network(classes)).fit(data or batches(), **options)


PLATEAU = keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=100)

# what people run, and below it what it raises or warns
ERRORS = """
from keras.preprocessing.image import ImageDataGenerator
    ImportError: cannot import name 'ImageDataGenerator' from 'keras.preprocessing.image'
from keras.layers.core import Dense
    ModuleNotFoundError: No module named 'keras.layers.core'
keras.optimizers.SGD(lr=1e-2)
    ValueError: Argument(s) not recognized: {'lr': 0.01}
keras.optimizers.SGD(decay=1e-2 / 75)
    UserWarning: Argument `decay` is no longer supported and will be ignored.
network().fit_generator(batches())
    AttributeError: 'Sequential' object has no attribute 'fit_generator'
network().predict_generator(batches())
    'predict_generator'
network().evaluate_generator(batches())
    evaluate_generator
fit(workers=2)
    got an unexpected keyword argument 'workers'
fit(class_weight={0: 1.0})
    ValueError: Argument `class_weight` is not supported for Python generator inputs.
fit(steps_per_epoch=20 / 8)
    TypeError: 'float' object cannot be interpreted as an integer
fit(data=batches(kind=list))
    ValueError: When passing a Python generator to a Keras model, the generator must return a tuple
fit(data=(([images, images], labels) for images, labels in batches()))
    must contain objects that are subclass of `tf.TypeSpec` but found <class 'list'>
fit(data=from_sqlite(), steps_per_epoch=9)
    SQLite objects created in a thread can only be used in that same thread
fit(data=batches(5), epochs=5)
    Your input ran out of data; interrupting training.
fit().history["acc"]
    KeyError: 'acc'
fit(network(optimizer=build_model(3, 4).optimizer), callbacks=[PLATEAU], epochs=2)
    not settable
fit(data=((images, labels[:, :1]) for images, labels in batches(classes=2)), classes=2)
    ValueError: Arguments `target` and `output` must have the same shape.
from sklearn.preprocessing import *; LabelBinarizer().fit([1, 2, 3]).transform(np.array([]))
    ValueError: Found array with 0 sample(s)
from sklearn.metrics import *; classification_report([0, 1, 2], [0, 1, 1])
    UndefinedMetricWarning: Precision is ill-defined
from sklearn.metrics import *; classification_report(*2 * [range(16)], target_names=[0] * 17)
    ValueError: Number of classes, 16, does not match size of target_names, 17
"""


@pytest.mark.parametrize(("code", "words"), re.findall(r"^(\S.*)\n    (.+)$", ERRORS, re.MULTILINE))
def test_todays_errors_and_warnings_have_the_words_that_people_search_for(code, words):
    assert words in LESSON_AND_HANDBOOK
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            exec(code)
            text = "\n".join(f"{one.category.__name__}: {one.message}" for one in said)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
    assert words in text


def test_without_steps_it_never_ends():
    def first(count):
        yield from batches(count)
        raise RuntimeError("asked for more")

    for call in "fit(data)", "fit(data, steps_per_epoch=0)", "predict(data)", "evaluate(data)":
        with pytest.raises(Exception, match="asked for more"):
            exec(f"network().{call}", globals() | {"data": first(60)})


def test_steps_per_epoch_leave_every_second_epoch_of_a_flow_its_last_batch():
    flow = ImageDataGenerator().flow(np.zeros((100, 4, 4, 3)), np.eye(2)[[0, 1] * 50], 32)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile(loss="mse")
    iterations, updates = model.optimizer.iterations, []
    count = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: updates.append(int(iterations)))
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(flow, steps_per_epoch=100 // 32, epochs=4, verbose=0, callbacks=[count])
    full, short = np.diff(updates, prepend=0).reshape(2, 2).T
    assert full.tolist() == [3, 3]
    assert max(short) < 3
    assert "only the batch that was left over" in LESSON_AND_HANDBOOK


def anchors(text):
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(page):
    pictures = re.findall(r"src=\"([^\"]+)\"", TEXTS[page])
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", TEXTS[page])
    for link in links + pictures:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(TEXTS[target]), link
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_the_options_and_commands_that_pages_name_exist_and_all_of_train_py_are_named(capsys):
    parts = "build_dataset", "contact_sheet", "drawings.__main__"
    programs = ["train", *(f"pyimagesearch.{part}" for part in parts)]
    # the last is of `python -m venv`
    offered = (ROOT / "tests" / "scripts" / "results.py").read_text() + " --clear\n"
    for module in programs:
        with pytest.raises(SystemExit):
            importlib.import_module(module).main(["--help"])
        text = capsys.readouterr().out
        assert "None" not in text
        offered += text
        if module == "train":
            assert set(re.findall(r"--[a-z-]+", text)) - {"--help"} <= set(options(TEXTS[README]))
    assert set(options(LESSON_AND_HANDBOOK)) <= set(re.findall(r"--[a-z-]+", offered))
    for module in re.findall(r"python -m ([\w.]+)", LESSON_AND_HANDBOOK):
        assert {module, f"{module}.__main__"} & {*programs, "venv", "pytest"}
    for script in re.findall(r"python ([\w/]+\.py)", LESSON_AND_HANDBOOK):
        assert (ROOT / script).is_file() or script == "mine.py"


def options(text):
    return re.findall(r"--[a-z][a-z-]*", text)


def test_the_workflow_runs_the_readmes_test_command():
    workflow = " ".join((ROOT / ".github" / "workflows" / "tests.yml").read_text().split())
    blocks = re.findall(r"```sh\n(.*?)```", TEXTS[README], re.DOTALL)
    (command,) = [block for block in blocks if "-m pytest" in block]
    assert " ".join(command.split()) in workflow
    assert r".venv\Scripts\pip install -r tests\requirements.txt && .venv\Scripts" in workflow
