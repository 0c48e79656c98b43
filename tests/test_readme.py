import importlib
import itertools
import re
import warnings

import keras
import numpy as np
import pytest
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from programs import ROOT, copy_project, run
from pyimagesearch.class_names import write_class_names
from small_csvs import SPECIES, cycle, write_csv
from train import build_model

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch, small):
    """Go to a folder with the project and CSVs of the shipped names, but small."""
    copy_project(tmp_path)
    write_csv(tmp_path / "flowers17_training.csv", cycle(64, *SPECIES))
    write_csv(tmp_path / "flowers17_testing.csv", cycle(40, *SPECIES))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def example(phrase):
    """Return the one Python block of the README that has a phrase."""
    (found,) = [block for block in EXAMPLES if phrase in block]
    return found


def run_example(phrase, before="", **names):
    names["__name__"] = "__main__"
    exec(before + example(phrase), names)
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


def test_the_complete_examples_train_and_predict_each_test_image(folder, capsys):
    assert run_example("model.fit(aug.flow")["model"].optimizer.iterations == 2 * 64 // 32
    run_example("model.predict(batches")
    assert capsys.readouterr().out.endswith("(40, 3)\n")
    run_example("train_on_batch")
    # the colours of these rows are soon learned; then only noise is left to learn
    first, second = map(float, re.findall(r"mean loss (\d+\.\d+)", capsys.readouterr().out))
    assert second < max(first, 0.1)


def test_the_example_of_shuffling_keeps_every_row(folder, capsys):
    path = write_csv(folder / "my_training.csv", sorted(cycle(40, *SPECIES)))
    run_example("random.shuffle(rows)\nwith")
    rows, shuffled = path.read_bytes(), (folder / "my_shuffled.csv").read_bytes()
    assert sorted(rows.splitlines()) == sorted(shuffled.splitlines())
    assert rows != shuffled


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
    _, targets, weights = next(names["batches"])
    # 16 daisies and 48 irises
    np.testing.assert_allclose(weights, np.where(targets[:, 0] == 1, 2, 2 / 3))


def test_the_example_of_a_memory_mapped_array_is_the_one_that_is_tested_and_trains(folder):
    dataset = example("class MappedImages")
    tested = (ROOT / "tests" / "feeding.py").read_text().partition('"""\n\n')[2]
    assert dataset.strip() == tested.strip()
    # in a file of its own, as worker processes need it where they are not forked
    (folder / "feed.py").write_text(dataset + example("use_multiprocessing"))
    result = run("feed.py", cwd=folder)
    assert result.returncode == 0, result.stderr


ONE_INPUT = example("def generator(")
LAST_LINE = ONE_INPUT.splitlines(keepends=True)[-1]
GENERATORS = {1: ONE_INPUT, 2: ONE_INPUT.replace(LAST_LINE, example("images, numbers = zip"))}


@pytest.mark.parametrize("count", [8, 10, 3, 1])
@pytest.mark.parametrize("inputs", [1, 2])
def test_the_example_of_a_generator_of_ones_own_yields_the_batches_that_it_says(count, inputs):
    names = {}
    exec(GENERATORS[inputs], names)

    def load(n):
        return ([n] if inputs == 1 else ([n], n)), n

    def take(steps, **mode):
        generator = names["generator"](range(count), load, 4, **mode)
        for batch, targets in itertools.islice(generator, steps):
            images, numbers = (batch, targets) if inputs == 1 else batch
            assert images.tolist() == [[n] for n in targets]
            assert numbers.tolist() == targets.tolist()
            yield targets.tolist()

    assert list(take(5)) == np.reshape([n % count for n in range(20)], (5, 4)).tolist()
    one_pass = [list(range(count))[first : first + 4] for first in range(0, count, 4)]
    assert list(take(2 * len(one_pass), mode="eval")) == one_pass * 2
    with pytest.raises(ValueError, match="mode"):
        next(names["generator"]([1], load, 4, mode="test"))


@pytest.mark.parametrize("inputs", [1, 2])
def test_the_example_of_its_use_trains_and_predicts_each_item_once(inputs):
    both = [keras.layers.Input((4,)), keras.layers.Input((1,))][:inputs]
    joined = keras.layers.Concatenate()(both) if inputs == 2 else both[0]
    model = keras.Model(both, keras.layers.Dense(2, "softmax")(joined))
    model.compile(loss="categorical_crossentropy")

    def load(n):
        image = np.full(4, n / 40)
        return (image if inputs == 1 else (image, [n])), np.eye(2)[n % 2]

    options = {"items": list(range(43)), "load": load, "bs": 4, "model": model}
    names = run_example("random.shuffle(items)", GENERATORS[inputs], **options)
    assert names["predictions"].shape == (10, 2)
    assert model.optimizer.iterations == 2 * (33 // 4)


def test_the_example_of_going_on_goes_on(folder):
    fit(network(), epochs=5).model.save("mine.keras")
    model = run_example("initial_epoch", train_gen=batches())["model"]
    assert model.optimizer.iterations == 5 * 2 + 3 * 31


def test_backup_and_restore_goes_on_after_a_crash_and_keeps_no_backup_at_the_end(folder):
    def train(*callbacks):
        backup = keras.callbacks.BackupAndRestore("backup")
        model = network(optimizer=build_model(3, 4).optimizer)
        return fit(model, epochs=4, callbacks=[backup, *callbacks])

    def crash(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(keras.callbacks.LambdaCallback(on_epoch_begin=crash))
    again = train()
    assert again.epoch == [2, 3]
    # by which the rate goes on falling
    assert again.model.optimizer.iterations == 4 * 2
    assert not (folder / "backup").exists()


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
    AttributeError: 'Sequential' object has no attribute 'predict_generator'
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
fit(data=batches(5), epochs=5)
    UserWarning: Your input ran out of data; interrupting training.
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
    assert words in README
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
            exec(f"network().{call}", globals() | {"data": first(300)})


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
    assert "only the batch that was left over" in README


def test_links_and_pictures_resolve():
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
    pictures = re.findall(r"src=\"([^\"]+)\"", README)
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", README) + pictures
    for target in targets:
        assert target in anchors or (ROOT / target).is_file(), target
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_the_options_and_commands_it_names_exist(capsys):
    parts = "build_dataset", "contact_sheet", "drawings.__main__"
    programs = ["train", *(f"pyimagesearch.{part}" for part in parts)]
    # the last is of `python -m venv`
    offered = (ROOT / "tests" / "scripts" / "results.py").read_text() + " --clear\n"
    for module in programs:
        with pytest.raises(SystemExit):
            importlib.import_module(module).main(["--help"])
        offered += capsys.readouterr().out
    assert set(re.findall(r"--[a-z][a-z-]*", README)) <= set(re.findall(r"--[a-z-]+", offered))
    for module in re.findall(r"python -m ([\w.]+)", README):
        assert {module, f"{module}.__main__"} & {*programs, "venv", "pytest"}
    for script in re.findall(r"python ([\w/]+\.py)", README):
        assert (ROOT / script).is_file() or script == "several.py"


def test_its_tree_names_all_modules_and_nothing_else():
    tree = README.partition("<summary>All files</summary>\n\n```\n")[2].partition("```")[0]
    named, folders = set(), []
    for line in tree.splitlines():
        folders[(len(line) - len(line.lstrip())) // 2 :] = [line.split()[0]]
        named.add("".join(folders))
    assert all((ROOT / path).exists() for path in named)
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pyimagesearch").rglob("[!_]*.py")}
    assert {path for path in modules if "/drawings/" not in path} <= named


def test_the_workflow_runs_its_test_command():
    workflow = " ".join((ROOT / ".github" / "workflows" / "tests.yml").read_text().split())
    (command,) = [b for b in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "-m pytest" in b]
    assert " ".join(command.split()) in workflow
    assert r".venv\Scripts\pip install -r tests\requirements.txt && .venv\Scripts" in workflow


def test_it_is_for_one_sitting():
    in_sight = re.sub("<details>.*?</details>", "", README, flags=re.DOTALL)
    assert len(in_sight.split()) <= 3300
    assert len(README.split()) <= 5600
    assert len(README.partition("## Your own generator")[0].split()) <= 1300
