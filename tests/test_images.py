import io
import os
import re
import struct
import types

import numpy as np
import pytest
from PIL import Image

from damage import damage, write_all
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.errors import InputError
from pyimagesearch.images import find_images, load_image
from small_images import FOUR_OF_EACH, TURNED, class_folders, save

HEIGHT, WIDTH, _ = IMAGE_SHAPE


def test_any_kind_of_image_gets_the_channels_wanted(tmp_path, monkeypatch):
    for mode, colour, expected in [
        ("L", 77, [77, 77, 77]),
        ("LA", (100, 0), [255, 255, 255]),
        ("CMYK", (0, 255, 255, 0), [255, 0, 0]),
        ("P", 0, [255, 255, 255]),
        ("RGBA", (0, 0, 0, 0), [255, 255, 255]),
        ("RGBA", (0, 100, 200, 255), [0, 100, 200]),
        ("RGB", (0, 200, 0), [round(0.587 * 200)]),
    ]:
        shape = (20, 30, len(expected))
        monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
        path = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
        options = {"transparency": 0} if mode == "P" else {}
        Image.new(mode, (90, 70), colour).save(path, **options)
        image = load_image(path)
        assert (image.shape, image.dtype) == (shape, np.uint8), mode
        assert (image == expected).all(), mode


def test_a_jpeg_keeps_its_colours(tmp_path):
    down = Image.linear_gradient("L")
    image = Image.merge("RGB", [down, down.rotate(90), Image.radial_gradient("L")])
    image = image.resize((700, 500))
    image.save(tmp_path / "image.jpg", quality=95)
    expected = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), int)
    np.testing.assert_allclose(load_image(tmp_path / "image.jpg"), expected, atol=6)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_exif_turns_an_image_upright(tmp_path, suffix):
    image = Image.new("RGB", (100, 50), "white")
    image.paste((0, 0, 0), (0, 0, 100, 25))
    path = tmp_path / f"image.{suffix}"
    image.save(path, exif=TURNED)
    pixels = load_image(path)
    assert pixels[HEIGHT // 2, 1].mean() > 250
    assert pixels[HEIGHT // 2, -2].mean() < 5
    # also in memory, in an open file, and in a stream that can't go back, as of a download
    stream = types.SimpleNamespace(read=io.BytesIO(path.read_bytes()).read)
    with path.open("rb") as file, io.BytesIO(path.read_bytes()) as memory:
        for source in 2 * [file, memory] + [stream]:
            np.testing.assert_array_equal(load_image(source), pixels)


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
    ("dtype", "tag", "value", "new_value"),
    [("u2", 262, 1, 0), ("u2", 258, 16, 12), ("i4", 0, 0, 0), ("f4", 0, 0, 0)],
    ids=["inverted", "12 bits", "whole numbers", "fractions"],
)
def test_grey_without_a_known_white_is_refused(tmp_path, dtype, tag, value, new_value):
    path = tmp_path / "grey.tif"
    Image.fromarray(np.ones((20, 20), dtype)).save(path)
    before, after = (struct.pack("<HHIH", tag, 3, 1, number) for number in (value, new_value))
    path.write_bytes(path.read_bytes().replace(before, after))
    with pytest.raises(InputError, match=r"grey\.tif: .*which value is white.*expected"):
        load_image(path)


def test_an_error_names_the_file_or_what_is_open_the_picture(tmp_path):
    path = tmp_path / "download.png"
    Image.linear_gradient("L").save(path)
    png = path.read_bytes()
    # Pillow itself reads a PNG whose check sum is wrong, with other pixels
    broken = png[:-30] + bytes(14) + png[-16:]
    for content, problem in ((broken, "broken PNG file"), (b"no image", "cannot identify image")):
        path.write_bytes(content)
        with path.open("rb") as file:
            for source in (path, file, io.BytesIO(content)):
                name = re.escape(str(path)) if source is path else "the picture"
                with pytest.raises(InputError, match=f"^{name}: {problem}.*; expected an image"):
                    load_image(source)


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
    save(daisy / "no suffix", format="JPEG")
    save(daisy / "b.JPG.bak", format="PNG")
    (daisy / "damaged").write_bytes(b"P5 80 sixty 255\n")
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "._0.png"):
        (daisy / name).write_bytes(b"clutter")
    save(folder / "__MACOSX" / "daisy" / "0.png")
    save(folder / ".git" / "a.png")
    found = find_images(folder)
    more = [("daisy", name) for name in ("a.jpg", "b.JPG.bak", "damaged", "no suffix")]
    assert sorted((label, path.name) for label, path in found) == sorted(FOUR_OF_EACH + more)
    assert capsys.readouterr().out == ""

    for n in range(100):
        (daisy / f"IMG_{n:03d}.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    for suffix in (".txt", ".a", ".b", ".c"):
        (daisy / f"a{suffix}").write_text("Name: a note\nDate: today\n")
    (daisy / "film.mpg").write_bytes(b"\0\0\1\xb3" + bytes(100))
    save(folder / "beside.png")
    assert find_images(folder) == found
    counts = r"\[INFO\] skipped 106 files \(100 \.heic(, 1 \.\w+){4}\), such as 'beside\.png': "
    assert re.fullmatch(f"{counts}not an image of a class .*\n", capsys.readouterr().out)
    if os.name != "nt":  # a link to a folder is not followed in circles
        (daisy / "again").symlink_to(folder)
        assert find_images(folder) == found
        assert "skipped 107 files" in capsys.readouterr().out


def test_flowers_17_is_recognized_and_other_files_counted(tmp_path, capsys):
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
    line = r"\[INFO\] skipped 2 files \(2 \.jpg\), such as '.*': not one of Flowers-17's images\n"
    assert re.fullmatch(line, capsys.readouterr().out)


@pytest.mark.parametrize(
    ("folders", "parts"),
    [
        ("train/cats train/dogs test", "test, train"),
        ("Train Test Meta test-multiple_fruits", "Test, Train"),
        ("seg_test/seg_test/cats seg_train seg_pred", "seg_pred, seg_test, seg_train"),
        ("fold-1/cats TestSet/cats cats dogs", "TestSet, fold-1"),
        ("dev.imgs train_images PART masks", "PART, dev.imgs, masks, train_images"),
        ("car plane train", None),
        ("0/split_1 1/split_1 2/left 3/left", None),
        ("dev1ce imagery parted settee image mask label 1 2", None),
    ],
)
def test_the_parts_of_a_data_set_are_known_by_their_names(tmp_path, folders, parts):
    folder = class_folders(tmp_path / "wrapper", 1, folders.split())
    if parts:
        with pytest.raises(InputError, match=rf"wrapper: {parts} are names of parts .* --images"):
            find_images(folder)
    else:
        assert len(find_images(folder)) == len(folders.split())


def test_all_classes_without_images_are_reported_at_once(tmp_path):
    for name in "bcde":
        (tmp_path / name).mkdir()
    few = [f"{tmp_path / name}: 0 images; expected at least 1 of a class" for name in "bcd"]
    with pytest.raises(InputError) as error:
        find_images(class_folders(tmp_path, 1, "a"))
    assert str(error.value) == f"4 of 5 classes: {'; '.join(few)}; and 1 more"
