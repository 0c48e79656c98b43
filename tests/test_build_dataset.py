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
from small_images import class_folders, pack, pack_numbered, save

CSVS = ("flowers17_training.csv", "flowers17_testing.csv")

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture(scope="module")
def flowers17(tmp_path_factory):
    """Return an archive laid out as 17flowers.tgz: each image has its number for a colour."""
    return pack_numbered(tmp_path_factory.mktemp("archive") / "17flowers.tgz")


@pytest.fixture
def mine(tmp_path):
    """Return a folder with CSVs of the user's own by the names of those that are built."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in CSVS:
        (folder / name).write_text("mine")
    return folder


def assert_mine(folder):
    assert sorted(os.listdir(folder)) == sorted(CSVS)
    assert [(folder / name).read_text() for name in CSVS] == ["mine", "mine"]


def build(*arguments):
    main([str(argument) for argument in arguments])


def error_of(*arguments):
    with pytest.raises(SystemExit) as error:
        build(*arguments)
    message = error.value.code  # as text, it goes to standard error, and the exit code is 1
    assert message.startswith("[ERROR] ")
    assert "\n" not in message
    return message


def contents(folder):
    return [(folder / name).read_bytes() for name in CSVS]


def test_the_archive_becomes_both_csvs(flowers17, tmp_path, capsys):
    build("--images", flowers17, "--output", tmp_path / "new")
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
    assert "1,360 of 1,360 images" in output
    assert f"1,020 training rows in {tmp_path / 'new' / CSVS[0]}" in output
    assert f"340 testing rows in {tmp_path / 'new' / CSVS[1]}" in output


def test_the_same_seed_gives_the_same_csvs_from_a_folder_and_a_zip(tmp_path):
    images = class_folders(tmp_path / "outer" / "images")
    save(images / "daisy" / "photo.JPG")
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    for path, name, seed in ((images, "a", 1), (archive, "b", 1), (images, "c", 2)):
        build("--images", path, "--output", tmp_path / name, "--seed", seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")
    labels = [label for name in CSVS for label in read_labels(tmp_path / "a" / name)]
    assert sorted(labels) == 9 * ["daisy"] + 8 * ["wild rose"]


def test_an_unreadable_image_is_named_and_the_csvs_stay(tmp_path, mine, capsys):
    images = class_folders(tmp_path / "outer" / "images")
    bad = images / "daisy" / "3.png"
    for content in (bad.read_bytes()[:50], b"no image"):
        bad.write_bytes(content)
        assert f"[ERROR] {bad}: " in error_of("--images", images, "--output", mine)
        # the classes are printed before a row is written
        output = capsys.readouterr().out
        assert "12 training images, 4 testing images, 2 classes: daisy, wild rose\n" in output
        assert_mine(mine)
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    error = error_of("--images", archive, "--output", mine)
    assert f"{archive}: {bad.relative_to(tmp_path / 'outer')}: cannot identify image" in error


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
        assert reason in error_of("--images", images, "--output", tmp_path / "out")
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


@pytest.mark.parametrize("blocked", CSVS)
def test_where_one_csv_is_in_the_way_the_other_stays(tmp_path, mine, blocked):
    (mine / blocked).unlink()
    (mine / blocked).mkdir()
    images = class_folders(tmp_path / "images")
    assert f"[ERROR] {mine / blocked}: " in error_of("--images", images, "--output", mine)
    (mine / blocked).rmdir()
    (mine / blocked).write_text("mine")
    assert_mine(mine)
    # nor is a file taken for a folder, or an empty path for the one it runs in
    assert str(mine / blocked) in error_of("--images", images, "--output", mine / blocked)
    assert "expected a path, not ''" in error_of("--images", images, "--output", "")


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
    assert_mine(mine)
