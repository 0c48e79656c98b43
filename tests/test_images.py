import collections
import os
import struct

import numpy as np
import pytest
from PIL import Image

from damage import damage, write_all
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.errors import InputError
from pyimagesearch.images import find_images, load_image
from small_images import class_folders, save

HEIGHT, WIDTH, _ = IMAGE_SHAPE


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 77, [77, 77, 77]),
        ("LA", (100, 0), [255, 255, 255]),
        ("CMYK", (0, 255, 255, 0), [255, 0, 0]),
        ("P", 0, [255, 255, 255]),
        ("RGBA", (0, 0, 0, 0), [255, 255, 255]),
        ("RGBA", (0, 100, 200, 255), [0, 100, 200]),
        ("RGB", (0, 200, 0), [round(0.587 * 200)]),
    ],
)
def test_any_kind_of_image_gets_the_channels_wanted(tmp_path, monkeypatch, mode, colour, expected):
    shape = (20, 30, len(expected))
    monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
    path = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
    Image.new(mode, (90, 70), colour).save(path, **({"transparency": 0} if mode == "P" else {}))
    image = load_image(path)
    assert (image.shape, image.dtype) == (shape, np.uint8)
    assert (image == expected).all()


def test_a_jpeg_keeps_its_colours(tmp_path):
    across, down = np.meshgrid(np.linspace(0, 255, 700), np.linspace(0, 255, 500))
    pixels = np.stack([across, down, 255 - (across + down) / 2], axis=-1).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "image.jpg", quality=95)
    with Image.open(tmp_path / "image.jpg") as image:
        expected = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(load_image(tmp_path / "image.jpg"), expected.astype(int), atol=6)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_exif_turns_an_image_upright(tmp_path, suffix):
    image = Image.new("RGB", (100, 50), "white")
    image.paste((0, 0, 0), (0, 0, 100, 25))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright
    image.save(tmp_path / f"image.{suffix}", exif=exif)
    pixels = load_image(tmp_path / f"image.{suffix}")
    assert pixels[HEIGHT // 2, 1].mean() > 250
    assert pixels[HEIGHT // 2, -2].mean() < 5


def test_shrinking_averages(tmp_path):
    stripes = np.zeros((10 * HEIGHT, 10 * WIDTH), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "image.png")
    np.testing.assert_allclose(load_image(tmp_path / "image.png")[8:-8, 8:-8], 127.5, atol=2)


@pytest.mark.parametrize(("suffix", "dtype"), [("png", "u2"), ("tif", "u2"), ("pgm", "i4")])
def test_16_bits_of_grey_are_scaled_to_8(tmp_path, suffix, dtype):
    path = tmp_path / f"ramp.{suffix}"
    ramp = np.linspace(0, 65535, WIDTH).astype(dtype)
    Image.fromarray(ramp[None, :]).save(path)
    np.testing.assert_allclose(load_image(path)[0, :, 1], ramp // 257, atol=2)


@pytest.mark.parametrize(
    ("dtype", "tags"),
    [("uint16", {262: 0}), ("uint16", {258: 12}), ("int32", {}), ("float32", {})],
    ids=["inverted", "12 bits", "whole numbers", "fractions"],
)
def test_grey_without_a_known_white_is_refused(tmp_path, dtype, tags):
    path = tmp_path / "grey.tif"
    Image.fromarray(np.ones((20, 20), dtype)).save(path)
    for tag, value in tags.items():
        entry = struct.pack("<HHI", tag, 3, 1)
        before, after = path.read_bytes().split(entry)
        path.write_bytes(before + entry + struct.pack("<H", value) + after[2:])
    with pytest.raises(InputError, match=r"grey\.tif: .*which value is white.*expected"):
        load_image(path)


def test_a_png_whose_check_sum_is_wrong_is_refused(tmp_path):
    # Pillow itself reads this one, with other pixels
    path = tmp_path / "download.png"
    Image.linear_gradient("L").save(path)
    content = path.read_bytes()
    path.write_bytes(content[:-30] + bytes(14) + content[-16:])
    with pytest.raises(InputError, match=r"download\.png: broken PNG file.*expected"):
        load_image(path)


def test_damaged_images_and_archives_are_read_in_silence_or_refused_in_one_line(tmp_path, recwarn):
    rng = np.random.default_rng(0)
    contents = write_all(tmp_path, rng)
    read = [damage(path, contents[path], rng) for path in list(contents) * 12]
    assert 0.1 < np.mean(read) < 0.9
    assert not recwarn.list


def test_images_are_found_by_content_and_other_files_but_clutter_counted(tmp_path, capsys):
    folder = class_folders(tmp_path / "images", count=4)
    daisy = folder / "daisy"
    save(daisy / "summer" / "july" / "a.jpg")
    save(daisy / "b.jpg").rename(daisy / "no suffix")
    save(daisy / "c.png").rename(daisy / "c.JPG.bak")
    (daisy / "damaged").write_bytes(b"P5 80 sixty 255\n")
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "._0.png"):
        (daisy / name).write_bytes(b"clutter")
    save(folder / "__MACOSX" / "daisy" / "0.png")
    save(folder / ".git" / "a.png")
    found = find_images(folder)
    assert collections.Counter(label for label, _ in found) == {"daisy": 8, "wild rose": 4}
    assert {"a.jpg", "no suffix", "c.JPG.bak", "damaged"} < {path.name for _, path in found}
    assert capsys.readouterr().out == ""

    for n in range(100):
        (daisy / f"IMG_{n:03d}.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    for suffix in (".txt", ".a", ".b", ".c"):
        (daisy / f"a{suffix}").write_text("Name: a note\nDate: today\n")
    (daisy / "film.mpg").write_bytes(b"\0\0\1\xb3" + bytes(100))
    save(folder / "beside.png")
    assert find_images(folder) == found
    line = capsys.readouterr().out
    assert line.startswith("[INFO] skipped 106 files (100 .heic, ")
    assert "), such as 'beside.png': not an image of a class that Pillow can read" in line
    assert (line.count("1 ."), line.count("\n")) == (4, 1)
    if os.name != "nt":  # a link to a folder is not followed in circles
        (daisy / "again").symlink_to(folder)
        assert find_images(folder) == found
        assert "skipped 107 files" in capsys.readouterr().out


def test_flowers_17_is_recognized_and_what_lies_beside_it_counted(tmp_path, capsys):
    folder = tmp_path / "17flowers" / "jpg"
    first = save(folder / "image_0001.jpg")
    for n in range(2, 1361):
        os.link(first, folder / f"image_{n:04d}.jpg")
    (folder / "files.txt").write_text("a list")
    for root in (tmp_path, folder.parent, folder):
        found = find_images(root)
        assert [path.name for _, path in found[::1359]] == ["image_0001.jpg", "image_1360.jpg"]
        # in the order of the page of its authors
        assert [found[n][0] for n in (0, 80, 1359)] == ["daffodil", "snowdrop", "pansy"]
    assert capsys.readouterr().out == ""
    save(folder.parent / "rose" / "1.jpg")
    save(folder / "mine.jpg")
    assert len(find_images(tmp_path)) == 1360
    output = capsys.readouterr().out
    assert output.startswith("[INFO] skipped 2 files (2 .jpg)")
    assert output.endswith(": not one of Flowers-17's images\n")


@pytest.mark.parametrize(
    ("parts", "others"),
    [
        ("test_set training_set", ""),
        ("seg_test/seg_test seg_train/seg_train", "seg_pred/seg_pred"),
        ("seg_test seg_train", "seg_pred"),
        ("test train val", "cats dogs"),
        ("Test Training", "test-multiple_fruits"),
        ("color grayscale segmented", ""),
        ("flowers", "cats dogs"),
    ],
)
def test_the_parts_of_a_data_set_are_not_its_classes(tmp_path, parts, others):
    parts = parts.split()
    inner = [f"{part}/{name}" for part in parts for name in ("cats", "dogs")]
    folder = class_folders(tmp_path / "wrapper", 4, [*inner, *others.split()])
    largest = parts[:2][-1]
    save(folder / largest / "cats" / "more.png")
    with pytest.raises(InputError) as error:
        find_images(tmp_path)
    message = str(error.value).replace(os.sep, "/")
    first, second, *_ = [*(f"{part}/cats" for part in parts), "cats"]
    assert f"/wrapper: {first} and {second} look like one class in two parts" in message
    assert f"; give one part to --images, such as {largest.split('/')[0]}, or" in message
    assert {label for label, _ in find_images(folder / largest)} == {"cats", "dogs"}


@pytest.mark.parametrize(
    "folders",
    [
        "daisy/2019 daisy/2020 rose/2019 rose/2020",
        "daisy/2019 daisy/roof rose/2019 rose/roof",
        "daisy/roof daisy/wood daisy/lake daisy/road rose/roof rose/wood rose/park rose/path",
        "daisy daisy/roof daisy/wood rose/roof rose/wood rose/daisy",
    ],
)
def test_classes_may_have_folders_of_the_same_names(tmp_path, folders):
    folder = class_folders(tmp_path, count=4, names=folders.split())
    assert {label for label, _ in find_images(folder)} == {"daisy", "rose"}
