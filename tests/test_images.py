import collections
import os
import struct

import numpy as np
import pytest
from PIL import Image

from damage import damage, write_all
from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.images import DatasetError, find_images, load_image
from small_images import class_folders, save

HEIGHT, WIDTH, _ = IMAGE_SHAPE


def names(folder):
    return [(label, path.name) for label, path in find_images(folder)]


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
    assert image.shape == IMAGE_SHAPE
    assert image.dtype == np.uint8
    assert (image == expected).all()


@pytest.mark.parametrize("size", [(700, 500), (50, 80), (333, 1000)])
def test_a_jpeg_keeps_its_colours(tmp_path, size):
    across, down = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    pixels = np.stack([across, down, 255 - (across + down) / 2], axis=-1).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "image.jpg", quality=95)
    with Image.open(tmp_path / "image.jpg") as image:
        expected = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(load_image(tmp_path / "image.jpg"), expected.astype(int), atol=6)


def test_palette_with_transparency_is_laid_on_white(tmp_path):
    image = Image.new("P", (10, 10), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 5, 10))
    image.save(tmp_path / "image.png", transparency=1)
    pixels = load_image(tmp_path / "image.png")
    assert pixels[HEIGHT // 2, 1].tolist() == [255, 255, 255]
    assert pixels[HEIGHT // 2, -2].tolist() == [255, 0, 0]


def test_cmyk_becomes_rgb(tmp_path):
    Image.new("CMYK", (300, 300), (0, 255, 255, 0)).save(tmp_path / "image.jpg", quality=95)
    middle = load_image(tmp_path / "image.jpg")[HEIGHT // 2, WIDTH // 2]
    np.testing.assert_allclose(middle, [255, 0, 0], atol=8)


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


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_16_bits_of_grey_are_scaled_to_8(tmp_path, suffix):
    path = tmp_path / f"ramp.{suffix}"
    ramp = np.linspace(0, 65535, WIDTH).astype(np.uint16)
    if suffix == "pgm":
        path.write_bytes(b"P5 %d 1 65535\n" % WIDTH + ramp.astype(">u2").tobytes())
    else:
        Image.fromarray(ramp[None, :]).save(path)
    np.testing.assert_allclose(load_image(path)[0, :, 1], ramp // 257, atol=2)


@pytest.mark.parametrize(("tag", "value"), [(262, 0), (258, 12)], ids=["inverted", "12 bits"])
def test_16_bits_of_grey_in_an_unusual_form_are_refused(tmp_path, tag, value):
    path = tmp_path / "grey.tif"
    Image.new("I;16", (20, 20), 3000).save(path)
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<HHI", tag, 3, 1))
    content[at + 8 : at + 10] = struct.pack("<H", value)
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"grey\.tif: .*in an unusual form; expected"):
        load_image(path)


def test_a_png_whose_end_was_lost_is_refused(tmp_path):
    path = tmp_path / "download.png"
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    content = path.read_bytes()
    end = len(content) * 7 // 10
    path.write_bytes(content[:end] + bytes(len(content) - end - 200) + content[-200:])
    with pytest.raises(DatasetError, match=r"download\.png: broken PNG file.*expected"):
        load_image(path)


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_pixels_without_a_known_white_are_refused(tmp_path, dtype):
    path = tmp_path / "measured.tif"
    Image.fromarray(np.ones((20, 20), dtype)).save(path)
    with pytest.raises(DatasetError, match=r"measured\.tif: pixels are 32-bit .*expected"):
        load_image(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes")
def test_a_pipe_is_no_image_to_wait_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DatasetError, match=r"pipe\.png: not a regular file"):
        load_image(tmp_path / "pipe.png")


def test_damaged_images_and_archives_are_read_or_refused_in_one_line(tmp_path):
    rng = np.random.default_rng(0)
    read = [
        damage(path, content, rng)
        for path, content in write_all(tmp_path, rng).items()
        for _ in range(12)
    ]
    assert 0.1 < np.mean(read) < 0.9


def test_images_are_found_by_content_and_in_deeper_folders(tmp_path, capsys):
    folder = class_folders(tmp_path / "images", count=4)
    save(folder / "daisy" / "summer" / "july" / "a.jpg")
    save(folder / "daisy" / "b.jpg").rename(folder / "daisy" / "no suffix")
    save(folder / "daisy" / "c.png").rename(folder / "daisy" / "c.JPG.bak")
    found = names(folder)
    assert collections.Counter(label for label, _ in found) == {"daisy": 7, "wild rose": 4}
    assert {("daisy", "a.jpg"), ("daisy", "no suffix"), ("daisy", "c.JPG.bak")} < set(found)
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes")
def test_what_is_skipped_is_counted_with_an_example(tmp_path, capsys):
    folder = class_folders(tmp_path / "images", count=4)
    expected = names(folder)
    for n in range(100):
        (folder / "daisy" / f"IMG_{n:03d}.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "daisy" / "a.txt").write_text("Name: a note\nDate: today\n")
    (folder / "daisy" / "film.mpg").write_bytes(b"\0\0\1\xb3" + bytes(100))
    os.mkfifo(folder / "daisy" / "pipe")
    save(folder / "beside.png")
    assert names(folder) == expected
    line = capsys.readouterr().out
    assert line.startswith("[INFO] skipped 104 files (100 .heic, ")
    assert "daisy/IMG_000.HEIC" in line
    assert line.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has other names")
def test_a_name_with_a_line_end_is_told_in_one_line(tmp_path, capsys):
    folder = class_folders(tmp_path / "images", count=4)
    (folder / "daisy" / "two\nlines.txt").write_text("a note")
    find_images(folder)
    assert capsys.readouterr().out.count("\n") == 1


def test_images_beside_those_of_flowers_17_are_counted(tmp_path, capsys):
    folder = tmp_path / "jpg"
    first = save(folder / "image_0001.jpg")
    for n in range(2, 1361):
        os.link(first, folder / f"image_{n:04d}.jpg")
    (folder / "files.txt").write_text("a list")
    assert len(find_images(tmp_path)) == 1360
    assert capsys.readouterr().out == ""
    save(tmp_path / "rose" / "1.jpg")
    save(folder / "mine.jpg")
    assert len(find_images(tmp_path)) == 1360
    output = capsys.readouterr().out
    assert output.startswith("[INFO] skipped 2 files (2 .jpg)")
    assert output.endswith(": not one of Flowers-17's images\n")


def test_the_parts_of_a_split_are_no_classes(tmp_path):
    for part in ("train", "Valid"):
        class_folders(tmp_path / part, count=4)
    with pytest.raises(DatasetError, match=r"Valid, train are parts of a split; expected a folder"):
        find_images(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other links")
def test_a_folder_behind_a_link_is_counted_not_followed_in_circles(tmp_path, capsys):
    folder = class_folders(tmp_path / "images", count=4)
    expected = names(folder)
    (folder / "daisy" / "again").symlink_to(folder)
    assert names(folder) == expected
    assert "skipped 1 files" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="Windows has other links")
def test_a_class_with_a_way_round_in_a_circle_keeps_its_images(tmp_path):
    folder = class_folders(tmp_path / "images", count=4, names=["daisy"])
    (folder / "daisy" / "again").symlink_to("..")
    (folder / "daisy" / "more").mkdir()
    with pytest.raises(DatasetError, match="at least two folders of images"):
        find_images(folder)


def test_clutter_is_not_worth_a_line(tmp_path, capsys):
    folder = class_folders(tmp_path / "images", count=4)
    expected = names(folder)
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "._0.png"):
        (folder / "daisy" / name).write_bytes(b"clutter")
    save(folder / "__MACOSX" / "daisy" / "._0.png")
    save(folder / ".git" / "a.png")
    assert names(folder) == expected
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has other links")
@pytest.mark.parametrize("name", ["broken.jpg", "link.png"])
def test_what_has_an_images_suffix_is_never_skipped(tmp_path, name):
    folder = class_folders(tmp_path / "images", count=4)
    if name == "link.png":
        (folder / "daisy" / name).symlink_to(tmp_path / "nowhere")
    else:
        (folder / "daisy" / name).write_text("no image")
    (path,) = (path for _, path in find_images(folder) if path.name == name)
    with pytest.raises(DatasetError, match=name):
        load_image(path)


def test_one_more_folder_round_the_classes_is_passed_through(tmp_path):
    folder = class_folders(tmp_path / "outer" / "flowers" / "inner", count=4)
    (tmp_path / "outer" / "__MACOSX").mkdir()
    (tmp_path / "outer" / "flowers" / "readme.txt").write_text("beside")
    assert find_images(tmp_path / "outer") == find_images(folder)


def test_a_class_keeps_its_images_when_our_csvs_lie_among_them(tmp_path):
    folder = class_folders(tmp_path / "images", count=4)
    expected = names(folder)
    (folder / "daisy" / "flowers17_training.csv").write_text("rows")
    assert names(folder) == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has other names")
@pytest.mark.parametrize("name", [b"ros\xe9", "\ufeffdaisy".encode(), b"a,b", b" a", b"a\tb"])
def test_folders_whose_names_can_not_be_labels_are_refused(tmp_path, name):
    class_folders(tmp_path, count=4, names=("iris", os.fsdecode(name)))
    with pytest.raises(DatasetError, match="can't be a label"):
        find_images(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may list all")
def test_a_folder_that_can_not_be_listed_is_refused(tmp_path):
    folder = class_folders(tmp_path, count=4)
    save(folder / "daisy" / "deeper" / "a.png")
    (folder / "daisy" / "deeper").chmod(0)
    with pytest.raises(DatasetError, match=r"deeper: Permission denied"):
        find_images(folder)
    (folder / "daisy" / "deeper").chmod(0o700)
