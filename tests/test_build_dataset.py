import hashlib
import os
import shutil
import signal
from pathlib import Path

import pytest

from programs import PATIENCE, running
from pyimagesearch.build_dataset import download, main, split
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows
from pyimagesearch.errors import InputError
from pyimagesearch.flowers17 import LABELS, SPECIES
from pyimagesearch.images import FEWEST_IMAGES
from small_images import class_folders, pack, save

CSVS = ("flowers17_training.csv", "flowers17_testing.csv")
MINE = dict.fromkeys(CSVS, b"mine")

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture(scope="module")
def flowers17(tmp_path_factory):
    """Return an archive laid out as 17flowers.tgz: each image has its number for a colour."""
    folder = tmp_path_factory.mktemp("flowers17")
    for n in range(1, 1361):
        path = folder / "jpg" / f"image_{n:04d}.jpg"
        save(path, (n // 256, n % 256, 0), size=(16, 16), format="PNG")
    return pack(folder, tmp_path_factory.mktemp("archive") / "17flowers.tgz")


@pytest.fixture
def mine(tmp_path):
    """Return a folder with CSVs of the user's own by the names of those that are built."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, content in MINE.items():
        (folder / name).write_bytes(content)
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def build(images, output, seed=42):
    main([f"--images={images}", f"--output={output}", f"--seed={seed}"])


def error_of(images, output):
    # as text, it goes to standard error, and the exit code is 1
    with pytest.raises(SystemExit, match=r"^\[ERROR\] .+\Z") as error:
        build(images, output)
    return error.value.code


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_wrong_seed_is_refused_before_anything_is_read(tmp_path, capsys, seed):
    with pytest.raises(SystemExit) as error:
        build(tmp_path / "missing.zip", tmp_path, seed)
    assert error.value.code == 2
    assert capsys.readouterr().err.endswith("expected --seed from 0 to 2**32 - 1\n")


def test_the_archive_becomes_both_csvs(flowers17, tmp_path, capsys):
    build(flowers17, tmp_path / "new")
    numbers = []
    for name in CSVS:
        with open_csv(tmp_path / "new" / name) as file:
            for label, image in read_rows(file):
                red, green, _ = image[0, 0].tolist()
                assert (image == [red, green, 0]).all()
                numbers.append(256 * red + green)
                assert label == SPECIES[(numbers[-1] - 1) // 80]
    assert sorted(numbers) == list(range(1, 1361))
    assert numbers != sorted(numbers)
    output = capsys.readouterr().out
    assert "[INFO] 1,020 training images, 340 testing images, 17 classes: bluebell, " in output
    assert f"wrote {tmp_path / 'new' / CSVS[0]} and " in output


def test_the_same_seed_gives_the_same_csvs_from_a_folder_and_a_zip(tmp_path):
    images = class_folders(tmp_path / "outer" / "images")
    save(images / "daisy" / "photo.JPG")
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    for name, path, seed in (("a", images, 1), ("b", archive, 1), ("c", images, 2)):
        build(path, tmp_path / name, seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")
    labels = [label for name in CSVS for label in read_labels(tmp_path / "a" / name)]
    assert sorted(labels) == 9 * ["daisy"] + 8 * ["wild rose"]


def test_a_build_that_fails_names_what_is_in_its_way_and_the_csvs_stay(tmp_path, mine, capsys):
    images, blocked = class_folders(tmp_path / "outer" / "images"), mine / CSVS[0]
    assert str(blocked) in error_of(images, blocked)  # a file is not taken for a folder
    bad = images / "daisy" / "3.png"
    for content in (bad.read_bytes()[:50], b"no image"):
        bad.write_bytes(content)
        assert f"[ERROR] {bad}: " in error_of(images, mine)
        # the classes are printed before a row is written
        output = capsys.readouterr().out
        assert "12 training images, 4 testing images, 2 classes: daisy, wild rose\n" in output
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    place = bad.relative_to(tmp_path / "outer")
    assert f"{archive}: {place}: cannot identify image" in error_of(archive, mine)
    assert contents(mine) == MINE
    blocked.unlink()
    blocked.mkdir()
    assert f"[ERROR] {blocked}: " in error_of(images, mine)
    assert (mine / CSVS[1]).read_bytes() == b"mine"


def test_images_that_are_no_data_set_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tgz").write_text("no archive")
    for images, reason in [
        ("", "No such file or directory; expected a folder, or"),  # and nothing is downloaded
        (tmp_path / "none", "none: No such file or directory; expected a folder, or"),
        (tmp_path / "text.tgz", "text.tgz: "),
        (tmp_path / "empty", "at least two folders"),
        (class_folders(tmp_path / "one", names=["daisy"]), "at least two folders"),
        (class_folders(tmp_path / "few", count=3), "daisy: 3 images; expected at least 4"),
        (class_folders(tmp_path / "comma", names=["a,b", "c"]), "'a,b' can't be a label"),
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
        # from the fewest up, and of every remainder when divided by four
        counts = {str(n): FEWEST_IMAGES + n * seed % 7 for n in range(2 + seed % 30)}
        images = [(label, n) for label, count in counts.items() for n in range(count)]
        train, test = split(images, seed)
        assert sorted(train + test) == sorted(images)
        assert {label for label, _ in train} == {label for label, _ in test} == set(counts)
        assert len(test) == -(-len(images) // 4)


def test_flowers17_is_split_as_the_published_results_were():
    # the testing rows of seed 42, on which those of README.md were measured
    train, test = split([(label, n) for n, label in enumerate(LABELS, 1)], 42)
    assert len(train) == 1020
    assert [n for _, n in test[:8]] == [52, 1102, 1314, 515, 1076, 431, 856, 765]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_build_that_is_ended_leaves_the_old_csvs(flowers17, tmp_path, mine, name):
    command = ("-m", "pyimagesearch.build_dataset", f"--images={flowers17}", f"--output={mine}")
    with running(*command, env={"TMPDIR": str(tmp_path)}) as process:
        # the first output is flushed after twenty rows
        assert process.stdout.read(1)
        assert len(list(tmp_path.glob("flowers17-*"))) == 1
        process.send_signal(signal.Signals[name])
        _, error = process.communicate(timeout=PATIENCE)
    if name == "SIGINT":
        assert (process.returncode, error) == (130, "[ERROR] interrupted\n")
        assert list(tmp_path.glob("flowers17-*")) == []
    else:  # it ends the process at once, and leaves a folder that nobody takes for a CSV
        for part in mine.glob(".part-*"):
            shutil.rmtree(part)
    assert contents(mine) == MINE
