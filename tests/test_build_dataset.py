import collections
import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pyimagesearch.build_dataset import SPECIES, DatasetError, download, load_image, main
from pyimagesearch.csv_rows import open_csv, read_labels, read_rows

ROOT = Path(__file__).resolve().parent.parent
CSVS = ("flowers17_training.csv", "flowers17_testing.csv")


def save(path, colour=(10, 200, 30), size=(80, 60), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)


def class_folders(folder, count=8, names=("daisy", "wild rose")):
    for name in names:
        for n in range(count):
            save(folder / name / f"{n}.png", (20 * n, 100, len(name) * 10))
    return folder


@pytest.fixture(scope="module")
def flowers17(tmp_path_factory):
    """Return an archive laid out as 17flowers.tgz: each image has its number for a colour."""
    path = tmp_path_factory.mktemp("archive") / "17flowers.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for number in range(1, 1361):
            buffer = io.BytesIO()
            image = Image.new("RGB", (16, 16), (number // 256, number % 256, 0))
            image.save(buffer, "PNG")
            member = tarfile.TarInfo(f"jpg/image_{number:04d}.jpg")
            member.size = buffer.tell()
            buffer.seek(0)
            archive.addfile(member, buffer)
    return path


def build(*arguments):
    return main([str(argument) for argument in arguments])


def rows(folder, name):
    with open_csv(folder / name) as file:
        return [(label, image) for label, image in read_rows(file)]


def error_of(capsys):
    error = capsys.readouterr().err
    assert error.startswith("[ERROR] ")
    assert error.count("\n") == 1
    return error


def test_the_archive_becomes_both_csvs(flowers17, tmp_path, capsys):
    assert build("--images", flowers17, "--output", tmp_path / "new") == 0
    train, test = (rows(tmp_path / "new", name) for name in CSVS)
    assert (len(train), len(test)) == (1020, 340)
    numbers = []
    for label, image in train + test:
        red, green, blue = image[32, 32].tolist()
        assert (image == image[0, 0]).all()
        assert blue == 0
        number = 256 * red + green
        assert label == SPECIES[(number - 1) // 80]
        numbers.append(number)
    assert sorted(numbers) == list(range(1, 1361))
    assert numbers != sorted(numbers)
    output = capsys.readouterr().out
    assert "1,360 of 1,360 images" in output
    assert f"1,020 training rows in {tmp_path / 'new' / CSVS[0]}" in output
    assert f"340 testing rows in {tmp_path / 'new' / CSVS[1]}" in output


def test_the_species_are_in_the_order_of_the_page():
    assert SPECIES[:3] == ("daffodil", "snowdrop", "lilyvalley")
    assert SPECIES[-2:] == ("windflower", "pansy")
    assert len(set(SPECIES)) == 17


def test_the_same_seed_gives_the_same_csvs(tmp_path):
    images = class_folders(tmp_path / "images")
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert build("--images", images, "--output", tmp_path / name, "--seed", seed) == 0
        contents.append([(tmp_path / name / csv).read_bytes() for csv in CSVS])
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_class_folders_give_their_names_as_labels(tmp_path):
    images = class_folders(tmp_path / "images")
    save(images / "daisy" / "photo.JPG")
    (images / "daisy" / "notes.txt").write_text("not an image")
    (images / ".git").mkdir()
    assert build("--images", images, "--output", tmp_path) == 0
    labels = [label for name in CSVS for label in read_labels(tmp_path / name)]
    assert collections.Counter(labels) == {"daisy": 9, "wild rose": 8}
    assert len(read_labels(tmp_path / CSVS[1])) == 5


def test_an_unpacked_archive_is_recognized(flowers17, tmp_path):
    with tarfile.open(flowers17) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    for folder in ("unpacked", "unpacked/jpg"):
        assert build("--images", tmp_path / folder, "--output", tmp_path / "out") == 0
        assert len(read_labels(tmp_path / "out" / CSVS[0])) == 1020


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (10, 200, 30), (10, 200, 30)),
        ("L", 77, (77, 77, 77)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 77 * 256, (77, 77, 77)),
        ("LA", (100, 0), (255, 255, 255)),
        ("RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (0, 100, 200, 255), (0, 100, 200)),
    ],
)
def test_any_kind_of_image_becomes_rgb(tmp_path, mode, colour, expected):
    Image.new(mode, (90, 70), colour).save(tmp_path / "image.png")
    image = load_image(tmp_path / "image.png")
    assert image.shape == (64, 64, 3)
    assert image.dtype == np.uint8
    assert (image == expected).all()


def test_palette_with_transparency_is_laid_on_white(tmp_path):
    image = Image.new("P", (10, 10), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 5, 10))
    image.save(tmp_path / "image.png", transparency=1)
    pixels = load_image(tmp_path / "image.png")
    assert pixels[32, 5].tolist() == [255, 255, 255]
    assert pixels[32, 60].tolist() == [255, 0, 0]


def test_cmyk_becomes_rgb(tmp_path):
    Image.new("CMYK", (300, 300), (0, 255, 255, 0)).save(tmp_path / "image.jpg", quality=95)
    np.testing.assert_allclose(load_image(tmp_path / "image.jpg")[32, 32], [255, 0, 0], atol=8)


def test_exif_turns_an_image_upright(tmp_path):
    image = Image.new("RGB", (100, 50), "white")
    image.paste((0, 0, 0), (0, 0, 100, 25))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright
    image.save(tmp_path / "image.png", exif=exif)
    pixels = load_image(tmp_path / "image.png")
    assert pixels[32, 5].mean() > 250
    assert pixels[32, 60].mean() < 5


def test_shrinking_averages(tmp_path):
    stripes = np.zeros((640, 640), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "image.png")
    np.testing.assert_allclose(load_image(tmp_path / "image.png")[8:-8, 8:-8], 127.5, atol=2)


def test_an_unreadable_image_is_named_and_the_csvs_stay(tmp_path, capsys):
    images = class_folders(tmp_path / "images")
    for name in CSVS:
        (tmp_path / name).write_text("mine")
    for content in (b"no image", (images / "daisy" / "1.png").read_bytes()[:50]):
        (images / "daisy" / "3.png").write_bytes(content)
        assert build("--images", images, "--output", tmp_path) == 2
        assert str(images / "daisy" / "3.png") in error_of(capsys)
        assert [(tmp_path / name).read_text() for name in CSVS] == ["mine", "mine"]
        assert sorted(os.listdir(tmp_path)) == sorted([*CSVS, "images"])


def test_images_that_are_no_data_set_are_refused(tmp_path, capsys):
    def refused(images):
        assert build("--images", images, "--output", tmp_path / "out") == 2
        assert not (tmp_path / "out").exists()
        return error_of(capsys)

    assert "none: no such file or folder" in refused(tmp_path / "none")
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


def test_a_damaged_archive_is_refused(flowers17, tmp_path, capsys):
    content = flowers17.read_bytes()
    half = tmp_path / "half.tgz"
    half.write_bytes(content[: len(content) // 2])
    flipped = tmp_path / "flipped.tgz"
    middle = len(content) // 2
    flipped.write_bytes(content[:middle] + b"\0" * 64 + content[middle + 64 :])
    for path in (half, flipped):
        assert build("--images", path, "--output", tmp_path) == 2
        assert str(path) in error_of(capsys)


@pytest.mark.parametrize("name", ["../outside.jpg", "/tmp/outside-of-the-archive.jpg"])
def test_an_archive_can_not_write_outside_its_folder(tmp_path, capsys, name):
    path = tmp_path / "evil.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        link = tarfile.TarInfo("jpg")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "target")
        archive.addfile(link)
    assert build("--images", path, "--output", tmp_path / "out") == 2
    assert str(path) in error_of(capsys)
    assert not Path("/tmp/outside-of-the-archive.jpg").exists()
    assert sorted(os.listdir(tmp_path)) == ["evil.tgz"]


def test_a_download_with_another_checksum_is_refused(tmp_path):
    archive = tmp_path / "17flowers.tgz"
    archive.write_bytes(b"not the flowers")
    with pytest.raises(DatasetError, match=r"can't download file:.*hash"):
        download(archive.as_uri(), cache_dir=tmp_path)


def test_a_download_that_fails_says_what_to_do(tmp_path):
    missing = tmp_path / "17flowers.tgz"
    with pytest.raises(DatasetError, match=r"can't download file:.*--images PATH"):
        download(missing.as_uri(), cache_dir=tmp_path)


def test_a_download_is_checked_and_kept(tmp_path):
    archive = tmp_path / "17flowers.tgz"
    archive.write_bytes(b"some flowers")
    for _ in range(2):
        path = download(
            archive.as_uri(),
            md5="2dff69ec18e168603f1ed5612b2146be",
            cache_dir=tmp_path,
        )
        assert Path(path).read_bytes() == b"some flowers"
        archive.unlink(missing_ok=True)


def test_an_output_that_can_not_be_written_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    images = class_folders(tmp_path / "images")
    assert build("--images", images, "--output", tmp_path / "file") == 1
    assert str(tmp_path / "file") in error_of(capsys)


def run_build(images, output, **options):
    command = [sys.executable, "-m", "pyimagesearch.build_dataset"]
    command += ["--images", str(images), "--output", str(output)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_build_that_is_killed_leaves_the_old_csvs_whole(flowers17, tmp_path, signal_number):
    for name in CSVS:
        (tmp_path / name).write_text("mine")
    process = run_build(flowers17, tmp_path)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size > 10**6 for path in tmp_path.glob(".*.part.csv")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal_number)
    process.communicate()
    assert process.returncode != 0
    assert [(tmp_path / name).read_text() for name in CSVS] == ["mine", "mine"]


def test_a_full_disk_leaves_the_old_csvs_whole(flowers17, tmp_path):
    import resource  # noqa: PLC0415 - not on every system

    for name in CSVS:
        (tmp_path / name).write_text("mine")
    # no file may grow beyond 1 MB: writing then fails as it does on a full disk
    process = run_build(
        flowers17,
        tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6)),
    )
    _, error = process.communicate()
    assert process.returncode == 1
    assert error.decode().count("\n") == 1
    assert error.decode().startswith(f"[ERROR] {tmp_path}")
    assert [(tmp_path / name).read_text() for name in CSVS] == ["mine", "mine"]
    assert sorted(os.listdir(tmp_path)) == sorted(CSVS)
