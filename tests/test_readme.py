import contextlib
import importlib
import itertools
import re
import warnings

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from programs import ROOT, run
from pyimagesearch.class_names import write_class_names
from small_csvs import SPECIES, cycle, write_csv
from train import TRAIN_CSV, build_model, csv_image_generator

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROGRAMS = [
    "train",
    "pyimagesearch.build_dataset",
    "pyimagesearch.contact_sheet",
    "pyimagesearch.drawings.__main__",
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Go to a folder with CSVs of the shipped names, but small."""
    write_csv(tmp_path / "flowers17_training.csv", cycle(64, *SPECIES))
    write_csv(tmp_path / "flowers17_testing.csv", cycle(40, *SPECIES))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def example(phrase):
    """Return the one Python block of the README that has a phrase."""
    (found,) = [block for block in EXAMPLES if phrase in block]
    return found


def run_example(phrase):
    names = {"__name__": "__main__"}
    exec(compile(example(phrase), "README.md", "exec"), names)
    return names


def test_every_example_is_run_by_a_test():
    phrases = (
        "def generator(",
        "random.shuffle(items)",
        "images, numbers = zip",
        "initial_epoch",
        "class MappedImages",
        "use_multiprocessing",
        "model.fit(aug.flow",
        "model.predict(batches",
        "train_on_batch",
        "random.shuffle(rows)\nwith",
        "weight_of_class",
        "read_class_names",
        # by tests/test_several.py and tests/test_config.py
        "tf.distribute.MirroredStrategy",
        "MultiWorkerMirroredStrategy",
        "theirs.csv",
    )
    assert sorted(EXAMPLES) == sorted(example(phrase) for phrase in phrases)


def test_the_example_of_arrays_trains_with_and_without_augmentation(folder):
    model = run_example("model.fit(aug.flow")["model"]
    assert model.optimizer.iterations == 2 * 64 // 32


def test_the_example_of_the_generator_predicts_each_test_image(folder, capsys):
    run_example("model.predict(batches")
    assert capsys.readouterr().out.endswith("(40, 3)\n")


def test_the_example_of_train_on_batch_learns(folder, capsys):
    run_example("train_on_batch")
    losses = re.findall(r"epoch \d: mean loss (\d+\.\d+), accuracy", capsys.readouterr().out)
    assert len(losses) == 2
    # the colours of these rows are soon learned; then only noise is left to learn
    assert float(losses[1]) < max(float(losses[0]), 0.1)


def test_the_example_of_shuffling_keeps_every_row(folder, capsys):
    path = write_csv(folder / "my_training.csv", sorted(cycle(40, *SPECIES)))
    run_example("random.shuffle(rows)\nwith")
    rows, shuffled = path.read_bytes(), (folder / "my_shuffled.csv").read_bytes()
    assert sorted(rows.splitlines()) == sorted(shuffled.splitlines())
    assert rows != shuffled
    assert len(rows) == len(shuffled)


def test_the_example_of_a_saved_network_names_a_picture_without_its_csv(folder, capsys):
    build_model(classes=3, epochs=1).save(folder / "mine.keras")
    write_class_names(folder / "mine.keras", SPECIES)
    write_csv(folder / "flowers17_training.csv", ["other", "classes"])
    Image.new("RGB", (90, 70), "yellow").save(folder / "my_flower.jpg")
    run_example("read_class_names")
    lines = capsys.readouterr().out.splitlines()
    assert {line.partition(":")[0] for line in lines} == set(SPECIES)
    assert sum(float(line.partition(":")[2]) for line in lines) == pytest.approx(1, abs=0.02)


def test_the_example_of_weights_gives_each_image_that_of_its_class(folder):
    write_csv(folder / "flowers17_training.csv", [*cycle(32, "daisy", "iris"), *["iris"] * 32])
    names = run_example("weight_of_class")
    images, targets, weights = next(names["batches"])
    assert len(images) == 32
    # 16 daisies and 48 irises
    np.testing.assert_allclose(weights, np.where(targets[:, 0] == 1, 2, 2 / 3))


def test_the_example_of_a_memory_mapped_array_is_the_one_that_is_tested_and_trains(folder):
    dataset = example("class MappedImages")
    tested = (ROOT / "tests" / "feeding.py").read_text().partition('"""\n\n')[2]
    assert dataset.strip() == tested.strip()
    # in a file of its own, as worker processes need it where they are not forked
    (folder / "feed.py").write_text(dataset + example("use_multiprocessing"))
    result = run("feed.py", cwd=folder, env={"PYTHONPATH": str(ROOT)})
    assert result.returncode == 0, result.stderr
    assert "accuracy" in result.stdout


GENERATORS = [example("def generator("), example("def generator(")]
GENERATORS[1] = GENERATORS[1].replace(
    "        yield np.array(inputs), np.array(targets)\n", example("images, numbers = zip")
)


@pytest.mark.parametrize("count", [8, 10, 3, 1])
@pytest.mark.parametrize("inputs", [1, 2])
def test_the_example_of_a_generator_of_ones_own_yields_the_batches_that_it_says(count, inputs):
    names = {}
    exec(GENERATORS[inputs - 1], names)

    def load(n):
        return ([n] if inputs == 1 else ([n], n)), -n

    def take(steps, **mode):
        generator = names["generator"](list(range(count)), load, 4, **mode)
        for batch, targets in itertools.islice(generator, steps):
            if inputs == 2:
                assert (batch[1] == -targets).all()
            images = batch if inputs == 1 else batch[0]
            assert images.shape == (len(targets), 1)
            assert (images[:, 0] == -targets).all()
            yield targets

    endless = list(take(5))
    assert [len(targets) for targets in endless] == [4] * 5
    assert (-np.concatenate(endless)).tolist() == [n % count for n in range(20)]
    steps = -(-count // 4)
    passes = list(take(2 * steps, mode="eval"))
    for one in (passes[:steps], passes[steps:]):
        assert (-np.concatenate(one)).tolist() == list(range(count))
    with pytest.raises(ValueError, match="mode"):
        next(names["generator"]([1], load, 4, mode="test"))


@pytest.mark.parametrize("inputs", [1, 2])
def test_the_example_of_its_use_trains_and_predicts_each_item_once(inputs):
    layers = keras.layers
    image, number = layers.Input((4,)), layers.Input((1,))
    joined = image if inputs == 1 else layers.Concatenate()([image, number])
    outputs = layers.Dense(2, "softmax")(joined)
    model = keras.Model(image if inputs == 1 else (image, number), outputs)
    model.compile(loss="categorical_crossentropy")

    def load(n):
        one = np.full(4, n / 40)
        return (one if inputs == 1 else (one, [n])), np.eye(2)[n % 2]

    names = {"items": list(range(40)), "load": load, "bs": 4, "model": model}
    exec(GENERATORS[inputs - 1] + example("random.shuffle(items)"), names)
    assert names["predictions"].shape == (25, 2)
    assert model.optimizer.iterations == 2 * (15 // 4)


def test_the_example_of_going_on_goes_on(folder):
    fit(network(), epochs=5).model.save("mine.keras")
    names = {"train_gen": batches(), "steps": 2}
    exec(example("initial_epoch"), names)
    assert names["model"].optimizer.iterations == 8 * 2


def test_backup_and_restore_goes_on_after_a_crash_and_keeps_no_backup_at_the_end(folder):
    def interrupt(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    epochs = []
    count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(epoch))
    for stop in (keras.callbacks.LambdaCallback(on_epoch_begin=interrupt), count):
        with contextlib.suppress(KeyboardInterrupt):
            model = network()
            model.compile(build_model(3, 4).optimizer, model.loss)
            backup = keras.callbacks.BackupAndRestore("backup")
            fit(model, epochs=4, callbacks=[backup, stop])
    assert epochs == [2, 3]
    # by which the rate goes on falling
    assert model.optimizer.iterations == 4 * 2
    assert not (folder / "backup").exists()


def batches(count=10**9, classes=3, kind=tuple):
    for _ in range(count):
        labels = np.eye(classes, dtype="float32")[np.arange(8) % classes]
        yield kind((np.zeros((8, 4), "float32"), labels))


def one_column():
    while True:
        yield np.zeros((8, 4), "float32"), LabelBinarizer().fit_transform(["no", "yes"] * 4)


def network(classes=3):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(classes, "softmax")])
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model=None, data=None, classes=3, **options):
    options = {"steps_per_epoch": 2, "verbose": 0, "shuffle": False} | options
    return (model or network(classes)).fit(data or batches(), **options)


ERRORS = {
    "cannot import name 'ImageDataGenerator' from 'keras.preprocessing.image'": (
        lambda: exec("from keras.preprocessing.image import ImageDataGenerator")
    ),
    "ModuleNotFoundError: No module named 'keras.layers.core'": (
        lambda: exec("from keras.layers.core import Dense")
    ),
    "ValueError: Argument(s) not recognized: {'lr': 0.01}": lambda: keras.optimizers.SGD(lr=1e-2),
    "UserWarning: Argument `decay` is no longer supported and will be ignored.": (
        lambda: keras.optimizers.SGD(decay=1e-2 / 75)
    ),
    "AttributeError: 'Sequential' object has no attribute 'fit_generator'": (
        lambda: network().fit_generator(batches())
    ),
    "AttributeError: 'Sequential' object has no attribute 'predict_generator'": (
        lambda: network().predict_generator(batches())
    ),
    "evaluate_generator": lambda: network().evaluate_generator(batches()),
    "got an unexpected keyword argument 'workers'": lambda: fit(workers=2),
    "ValueError: Argument `class_weight` is not supported for Python generator inputs.": (
        lambda: fit(class_weight={0: 1.0})
    ),
    "TypeError: 'float' object cannot be interpreted as an integer": (
        lambda: fit(steps_per_epoch=20 / 8)
    ),
    "When passing a Python generator to a Keras model, the generator must return a tuple": (
        lambda: fit(data=batches(kind=list))
    ),
    "must contain objects that are subclass of `tf.TypeSpec` but found <class 'list'>": (
        lambda: fit(data=(([images, images], labels) for images, labels in batches()))
    ),
    "UserWarning: Your input ran out of data; interrupting training.": (
        lambda: fit(data=batches(5), epochs=5)
    ),
    "KeyError: 'acc'": lambda: fit().history["acc"],
    "not settable": lambda: fit(
        build_model(3, epochs=1),
        csv_image_generator(TRAIN_CSV, 8, LabelBinarizer().fit(SPECIES)),
        callbacks=[keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=100)],
        epochs=2,
    ),
    "ValueError: Arguments `target` and `output` must have the same shape.": (
        lambda: fit(data=one_column(), classes=2)
    ),
    "ValueError: Found array with 0 sample(s)": (
        lambda: LabelBinarizer().fit(["a", "b", "c"]).transform(np.array([]))
    ),
    "UndefinedMetricWarning: Precision is ill-defined": (
        lambda: classification_report([0, 1, 2], [0, 1, 1])
    ),
    "ValueError: Number of classes, 16, does not match size of target_names, 17": (
        lambda: classification_report([*range(16)], [*range(16)], target_names=["name"] * 17)
    ),
}


@pytest.mark.parametrize("words", ERRORS)
def test_todays_errors_and_warnings_have_the_words_that_people_search_for(words, folder):
    assert words in README
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            ERRORS[words]()
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
        else:
            text = "\n".join(f"{one.category.__name__}: {one.message}" for one in said)
    assert words in text


def only(count):
    yield from batches(count)
    raise RuntimeError("asked for more")


@pytest.mark.parametrize(
    "call",
    [
        lambda data: network().fit(data, shuffle=False, verbose=0),
        lambda data: network().fit(data, steps_per_epoch=0, shuffle=False, verbose=0),
        lambda data: network().predict((images for images, _ in data), verbose=0),
        lambda data: network().evaluate(data, verbose=0),
    ],
)
def test_without_steps_it_never_ends(call):
    with pytest.raises(Exception, match="asked for more"):
        call(only(300))


def test_steps_per_epoch_leave_every_second_epoch_of_a_flow_its_last_batch():
    flow = ImageDataGenerator().flow(np.zeros((100, 4, 4, 3)), np.eye(2)[[0, 1] * 50], 32)
    layers = [keras.layers.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.compile(loss="mse")
    updates = []
    count = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: updates.append(int(model.optimizer.iterations.value))
    )
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(flow, steps_per_epoch=100 // 32, epochs=4, verbose=0, callbacks=[count])
    full, short = np.diff(updates, prepend=0).reshape(2, 2).T
    assert full.tolist() == [3, 3]
    assert max(short) < 3
    assert "only the batch that was left over" in README


def test_links_and_pictures_resolve():
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
    pictures = re.findall(r"src=\"([^\"]+)\"", README)
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", README) + pictures
    assert len(targets) > 4
    for target in targets:
        assert target in anchors or (ROOT / target).is_file(), target
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_the_options_it_names_exist(capsys):
    # the last is of `python -m venv`
    offered = (ROOT / "tests" / "scripts" / "results.py").read_text() + " --clear"
    for module in PROGRAMS:
        with pytest.raises(SystemExit) as end:
            importlib.import_module(module).main(["--help"])
        assert end.value.code == 0
        offered += capsys.readouterr().out
    offered = set(re.findall(r"--[a-z-]+", offered))
    assert set(re.findall(r"--[a-z][a-z-]*", README)) <= offered


def test_the_commands_it_names_exist():
    for module in re.findall(r"python -m ([\w.]+)", README):
        assert {module, f"{module}.__main__"} & {*PROGRAMS, "venv", "pytest"}
    for script in re.findall(r"python ([\w/]+\.py)", README):
        assert (ROOT / script).is_file() or script == "several.py"


def test_its_tree_names_all_modules_and_nothing_else():
    tree = README.partition("<summary>All files</summary>\n\n```\n")[2].partition("```")[0]
    named, folders = set(), []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [line.split()[0]]
        named.add("".join(folders))
    assert all((ROOT / path).exists() for path in named)
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pyimagesearch").rglob("[!_]*.py")}
    assert {path for path in modules if "/drawings/" not in path} <= named


def test_the_workflow_runs_its_test_command():
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    (command,) = [b for b in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "-m pytest" in b]
    words = " ".join(workflow.split())
    assert " ".join(command.split()) in words
    assert r".venv\Scripts\pip install -r tests\requirements.txt && .venv\Scripts" in words


def test_it_is_for_one_sitting():
    in_sight = re.sub("<details>.*?</details>", "", README, flags=re.DOTALL)
    assert len(in_sight.split()) <= 3300
    assert len(README.split()) <= 5600
    assert len(README.partition("## Your own generator")[0].split()) <= 1300
