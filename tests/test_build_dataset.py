import collections
import hashlib
import os
import signal
from pathlib import Path

import pytest

from programs import PATIENCE, run, running
from pyimagesearch.build_dataset import download, main, split
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows
from pyimagesearch.flowers17 import LABELS, SPECIES
from pyimagesearch.images import FEWEST_IMAGES
from pyimagesearch.plumbing.errors import InputError
from small_images import class_folders, pack, pack_numbered, save

CSVS = ("flowers17_training.csv", "flowers17_testing.csv")
PROGRAM = ("-m", "pyimagesearch.build_dataset")


@pytest.fixture(scope="module")
def flowers17(tmp_path_factory):
    """Return an archive laid out as 17flowers.tgz: each image has its number for a colour."""
    return pack_numbered(tmp_path_factory.mktemp("archive") / "17flowers.tgz")


@pytest.fixture
def mine(tmp_path):
    """Return a folder with a CSV of the user's own by each of our names."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in CSVS:
        (folder / name).write_text("mine")
    return folder


def assert_mine(folder):
    assert sorted(os.listdir(folder)) == sorted(CSVS)
    assert [(folder / name).read_text() for name in CSVS] == ["mine", "mine"]


def build(*arguments):
    return main([str(argument) for argument in arguments])


def contents(folder):
    return [(folder / name).read_bytes() for name in CSVS]


def error_of(capsys):
    error = capsys.readouterr().err
    assert error.startswith("[ERROR] ")
    assert error.count("\n") == 1
    return error


def test_the_archive_becomes_both_csvs(flowers17, tmp_path, capsys):
    assert build("--images", flowers17, "--output", tmp_path / "new") == 0
    numbers = []
    for name in CSVS:
        with open_csv(tmp_path / "new" / name) as file:
            for label, image in read_rows(file):
                red, green, blue = image[0, 0].tolist()
                assert (image == image[0, 0]).all()
                assert blue == 0
                numbers.append(256 * red + green)
                assert label == SPECIES[(numbers[-1] - 1) // 80]
    assert sorted(numbers) == list(range(1, 1361))
    assert numbers != sorted(numbers)
    output = capsys.readouterr().out
    assert "1,360 of 1,360 images" in output
    assert f"1,020 training rows in {tmp_path / 'new' / CSVS[0]}" in output
    assert f"340 testing rows in {tmp_path / 'new' / CSVS[1]}" in output


def test_the_same_seed_gives_the_same_csvs(tmp_path):
    images = class_folders(tmp_path / "images")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert build("--images", images, "--output", tmp_path / name, "--seed", seed) == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")


def test_class_folders_give_their_names_as_labels(tmp_path):
    images = class_folders(tmp_path / "images")
    save(images / "daisy" / "photo.JPG")
    assert build("--images", images, "--output", tmp_path) == 0
    labels = [label for name in CSVS for label in read_labels(tmp_path / name)]
    assert collections.Counter(labels) == {"daisy": 9, "wild rose": 8}


def test_an_unreadable_image_is_named_and_the_csvs_stay(tmp_path, mine, capsys):
    images = class_folders(tmp_path / "images")
    for content in (b"no image", (images / "daisy" / "1.png").read_bytes()[:50]):
        (images / "daisy" / "3.png").write_bytes(content)
        assert build("--images", images, "--output", mine) == 2
        assert str(images / "daisy" / "3.png") in error_of(capsys)
        assert_mine(mine)


def test_images_that_are_no_data_set_are_refused(tmp_path, capsys):
    def refused(images):
        assert build("--images", images, "--output", tmp_path / "out") == 2
        assert not (tmp_path / "out").exists()
        return error_of(capsys)

    assert "none: No such file or directory; expected a folder, or" in refused(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "at least two folders" in refused(tmp_path / "empty")
    assert "at least two folders" in refused(class_folders(tmp_path / "one", names=["daisy"]))
    few = class_folders(tmp_path / "few")
    for n in range(5):
        (few / "daisy" / f"{n}.png").unlink()
    assert "daisy: 3 images; expected at least 4" in refused(few)
    assert "'a,b' can't be a label" in refused(
        class_folders(tmp_path / "comma", names=["a,b", "c"])
    )
    save(tmp_path / "gap" / "image_0001.jpg")
    assert "image_0002.jpg: no such image" in refused(tmp_path / "gap")
    (tmp_path / "text.tgz").write_text("no archive")
    assert "text.tgz: " in refused(tmp_path / "text.tgz")


def test_a_download_is_checked_and_kept(tmp_path):
    archive = tmp_path / "17flowers.tgz"
    archive.write_bytes(b"some flowers")
    with pytest.raises(InputError, match=r"can't download file:.*hash"):
        download(archive.as_uri(), cache_dir=tmp_path)
    md5 = hashlib.md5(b"some flowers").hexdigest()
    for _ in range(2):
        path = download(archive.as_uri(), md5=md5, cache_dir=tmp_path)
        assert Path(path).read_bytes() == b"some flowers"
        archive.unlink(missing_ok=True)
    with pytest.raises(InputError, match=r"can't download file:.*--images PATH"):
        download((tmp_path / "none.tgz").as_uri(), cache_dir=tmp_path)


@pytest.mark.parametrize("blocked", CSVS)
def test_where_one_csv_is_in_the_way_the_other_stays(tmp_path, mine, capsys, blocked):
    (mine / blocked).unlink()
    (mine / blocked).mkdir()
    images = class_folders(tmp_path / "images")
    assert build("--images", images, "--output", mine) == 1
    assert f"{mine / blocked}: can't be written: is not a regular file" in error_of(capsys)
    (mine / blocked).rmdir()
    (mine / blocked).write_text("mine")
    assert_mine(mine)
    assert build("--images", images, "--output", mine / blocked) == 1
    assert error_of(capsys) == f"[ERROR] {mine / blocked}: is not a folder\n"


def test_an_empty_path_does_not_start_a_download(capsys):
    with pytest.raises(SystemExit) as error:
        build("--images", "")
    assert error.value.code == 2
    assert "argument --images: expected a path, not ''" in capsys.readouterr().err


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


def test_a_zip_with_a_folder_round_the_classes_gives_the_same_csvs(tmp_path, capsys):
    images = class_folders(tmp_path / "outer" / "images")
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    for path, out in ((images, "a"), (archive, "b")):
        assert build("--images", path, "--output", tmp_path / out) == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    (images / "daisy" / "3.png").write_text("no image")
    archive = pack(tmp_path / "outer", tmp_path / "images.zip")
    assert build("--images", archive, "--output", tmp_path / "b") == 2
    name = os.path.join("images", "daisy", "3.png")
    assert f"{archive}: {name}: cannot identify image" in error_of(capsys)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_a_build_that_is_ended_leaves_the_old_csvs(flowers17, tmp_path, mine, name):
    command = (*PROGRAM, f"--images={flowers17}", f"--output={mine}")
    with running(*command, env={"TMPDIR": str(tmp_path)}) as process:
        # the first it prints is its progress, after twenty rows
        assert process.stdout.read(1)
        assert len(list(tmp_path.glob("flowers17-*"))) == 1
        process.send_signal(signal.Signals[name])
        _, error = process.communicate(timeout=PATIENCE)
    if name == "SIGTERM":
        assert (process.returncode, error) == (128 + signal.SIGTERM, "[ERROR] interrupted\n")
        assert list(tmp_path.glob("flowers17-*")) == []
    else:  # what can't be caught leaves what nobody takes for a CSV
        for part in mine.glob(".*.part.csv"):
            part.unlink()
    assert_mine(mine)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no preexec_fn")
def test_a_standard_output_that_is_closed_before_the_start_loses_no_csv(tmp_path):
    images = class_folders(tmp_path / "images")
    command = (*PROGRAM, f"--images={images}", f"--output={tmp_path}")
    result = run(*command, preexec_fn=lambda: os.close(1))
    assert (result.returncode, result.stderr) == (0, "")
    assert [len(read_labels(tmp_path / name)) for name in CSVS] == [12, 4]
