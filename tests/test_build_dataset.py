import hashlib
import math
import os
import re
import signal
from pathlib import Path

import pytest

from programs import PATIENCE, running
from pyimagesearch.build_dataset import FEWEST_IMAGES, TEST_SHARE, download, main, split
from pyimagesearch.csv_rows import read_labels
from pyimagesearch.drawings import __main__ as drawings
from pyimagesearch.errors import InputError
from pyimagesearch.flowers17 import LABELS, SPECIES
from small_csvs import rows_of
from small_images import class_folders, pack, save

CSVS = ("flowers17_training.csv", "flowers17_testing.csv")

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture(scope="module")
def flowers17(tmp_path_factory):
    """Return an archive laid out as 17flowers.tgz: each image has its number for a colour."""
    folder = tmp_path_factory.mktemp("flowers17")
    for n in range(1, 1361):
        path = folder / "jpg" / f"image_{n:04d}.jpg"
        save(path, (n // 256, n % 256, 0), size=(16, 16), format="PNG")
    return pack(folder, tmp_path_factory.mktemp("archive") / "17flowers.tgz")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def build(images, output, *more, seed=42):
    main([f"--images={images}", f"--output={output}", f"--seed={seed}", *more])


def error_of(images, output, *more):
    # as text, it goes to standard error, and the exit code is 1
    with pytest.raises(SystemExit, match=r"^\[ERROR\] .+\Z") as error:
        build(images, output, *more)
    return error.value.code


def test_wrong_options_are_refused_before_anything_is_read(capsys):
    for program, option, message in [
        (main, "--seed=-1", "expected --seed from 0 to 2**32 - 1"),
        (drawings.main, f"--seed={2**32}", "expected --seed from 0 to 2**32 - 1"),
        (main, "--test-images=test", "--test-images needs --images, to train on"),
    ]:
        with pytest.raises(SystemExit, match=r"^2$"):
            program([option])
        assert capsys.readouterr().err.endswith(f": error: {message}\n")


def test_the_archive_becomes_both_csvs(flowers17, tmp_path, capsys):
    build(flowers17, tmp_path / "new")
    numbers = []
    for name in CSVS:
        for label, image in rows_of(tmp_path / "new" / name):
            red, green, _ = image[0, 0].tolist()
            assert (image == [red, green, 0]).all()
            numbers.append(256 * red + green)
            assert label == SPECIES[(numbers[-1] - 1) // 80]
    assert sorted(numbers) == list(range(1, 1361)) != numbers
    counts = r"\d training images, \d+ testing images, 17 classes: bluebell, buttercup, "
    assert re.search(counts, capsys.readouterr().out)


def test_the_same_seed_gives_the_same_csvs_from_a_folder_and_a_zip(tmp_path):
    images = class_folders(tmp_path / "outer" / "images")
    save(images / "daisy" / "photo.JPG")
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    for name, path, seed in (("a", images, 1), ("b", archive, 1), ("c", images, 2)):
        build(path, tmp_path / name, seed=seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")
    labels = [label for name in CSVS for label in read_labels(tmp_path / "a" / name)]
    assert sorted(labels) == 9 * ["daisy"] + 8 * ["wild rose"]


def test_a_data_set_in_two_parts_is_not_split_again(tmp_path):
    train = class_folders(tmp_path / "train", names=["daisy", "iris", "rose"])
    test = class_folders(tmp_path / "test", 1, ["iris", "daisy"])
    archives = [pack(folder, tmp_path / f"{folder.name}.zip") for folder in (train, test)]
    output = tmp_path / "new"
    build(archives[0], output, f"--test-images={archives[1]}")
    labels, test_labels = (read_labels(output / name) for name in CSVS)
    assert sorted(labels) == sorted(8 * ["daisy", "iris", "rose"]) != labels
    assert sorted(test_labels) == ["daisy", "iris"]

    for folder in (train, test):
        (folder / "iris" / "0.png").write_bytes(b"no image")
        pack(folder, tmp_path / f"{folder.name}.zip")
    error = error_of(archives[0], output, f"--test-images={archives[1]}")
    problem = "cannot identify image; expected an image that Pillow can read"
    one, other = (f"{path / 'iris' / '0.png'}: {problem}" for path in archives)
    assert error == f"[ERROR] 2 of 26 images: {one}; {other}"
    class_folders(test, 1, ["tulip", "lilac"])
    error = error_of(train, output, f"--test-images={test}")
    assert error == f"[ERROR] {test}: lilac, tulip; expected only classes of {train}"


def test_an_output_that_is_no_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = class_folders(tmp_path / "images")
    assert error_of(images, "").endswith(": expected a path, not ''")
    assert "daisy/0.png" in error_of(images, images / "daisy" / "0.png").replace(os.sep, "/")


def test_images_that_are_no_data_set_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tgz").write_text("no archive")
    for images, reason in [
        ("", "No such file or directory; expected a folder, or"),  # and nothing is downloaded
        (tmp_path / "none", "none: No such file or directory; expected a folder, or"),
        (tmp_path / "text.tgz", "text.tgz: "),
        (tmp_path / "empty", "at least two folders"),
        (class_folders(tmp_path / "one", names=["daisy"]), "at least two folders"),
        (class_folders(tmp_path / "few", FEWEST_IMAGES - 1), f"at least {FEWEST_IMAGES} of a"),
        (class_folders(tmp_path / "comma", names=["a", "b,c"]), f"[ERROR] {tmp_path / 'comma'}"),
        (class_folders(tmp_path / "commas", names=["a,b", "c,d"]), "'c,d' can't be a label"),
        (save(tmp_path / "gap" / "image_0001.jpg").parent, "image_0002.jpg: no such image"),
    ]:
        assert reason in error_of(images, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_a_download_is_checked_and_kept(tmp_path):
    archive = tmp_path / "17flowers.tgz"
    archive.write_bytes(b"some flowers")
    for name, reason in ((archive.name, "hash"), ("none.tgz", "--images PATH")):
        with pytest.raises(InputError, match=f"can't download file:.*{reason}"):
            download((tmp_path / name).as_uri(), cache_dir=tmp_path)
    md5 = hashlib.md5(b"some flowers").hexdigest()
    for _ in range(2):
        path = download(archive.as_uri(), md5=md5, cache_dir=tmp_path)
        assert Path(path).read_bytes() == b"some flowers"
        archive.unlink(missing_ok=True)


def test_each_class_has_training_and_testing_rows():
    for seed in range(60):
        # from the fewest up, and of every remainder when divided by that
        counts = {str(n): FEWEST_IMAGES + n * seed % 7 for n in range(2 + seed % 30)}
        images = [(label, n) for label, count in counts.items() for n in range(count)]
        train, test = split(images, seed)
        assert sorted(train + test) == sorted(images)
        assert {label for label, _ in train} == {label for label, _ in test} == set(counts)
        assert len(test) == math.ceil(len(images) * TEST_SHARE)


def test_flowers17_is_split_as_the_published_results_were():
    # the testing rows of seed 42, on which those of README.md were measured
    train, test = split([(label, n) for n, label in enumerate(LABELS, 1)], 42)
    assert len(train) == 1020
    assert [n for _, n in test[:8]] == [52, 1102, 1314, 515, 1076, 431, 856, 765]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_ends_a_build_with_one_line_and_leaves_the_old_csvs(flowers17, tmp_path):
    output = tmp_path / "mine"
    build(class_folders(tmp_path / "images"), output)
    before = contents(output)
    command = ("-m", "pyimagesearch.build_dataset", f"--images={flowers17}", f"--output={output}")
    with running(*command, env={"TMPDIR": str(tmp_path)}) as process:
        # the first output is flushed after twenty rows
        assert process.stdout.read(1)
        assert len(list(tmp_path.glob("flowers17-*"))) == 1
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (130, "[ERROR] interrupted\n")
    assert not list(tmp_path.glob("flowers17-*"))
    assert contents(output) == before
