import os

import numpy as np
from PIL import Image

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.contact_sheet import contact_sheet, main
from pyimagesearch.csv_rows import format_row, open_csv, read_rows
from small_csvs import cycle, write_csv

HEIGHT, WIDTH, _ = IMAGE_SHAPE


def test_it_shows_ten_images_of_each_class_in_rows(tmp_path):
    path = write_csv(tmp_path / "my.csv", cycle(25, "b", "a") + ["c"])
    names, sheet = contact_sheet(path)
    assert names == ["a", "b", "c"]
    with open_csv(path) as file:
        rows = list(read_rows(file))
    side = HEIGHT + 4
    cells = sheet.reshape(3, side, 10, side, 3).swapaxes(1, 2)[:, :, 2:-2, 2:-2]
    for row, name in zip(cells, names, strict=True):
        images = [image for label, image in rows if label == name][:10]
        np.testing.assert_array_equal(row[: len(images)], images)
        assert (row[len(images) :] == 255).all()


def test_the_command_line_writes_a_picture_with_the_names_and_the_images(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "my.csv", ["x", "y"])
    assert main(["my.csv"]) == 0
    assert main(["my.csv", "-o", "sheet.jpg"]) == 0
    assert capsys.readouterr().out == "[INFO] wrote my.png\n[INFO] wrote sheet.jpg\n"
    assert Image.open("sheet.jpg").format == "JPEG"
    picture = np.asarray(Image.open("my.png").convert("RGB"))
    _, sheet = contact_sheet("my.csv")
    first = sheet[2 : 2 + HEIGHT, 2 : 2 + WIDTH]
    # the names stand left of the images, which are drawn pixel for pixel
    assert picture.shape[1] > sheet.shape[1]
    places = np.argwhere((picture == first[0, 0]).all(axis=2))
    drawn = [picture[y : y + HEIGHT, x : x + WIDTH] for y, x in places]
    assert any(np.array_equal(image, first) for image in drawn)


def test_names_of_any_kind_are_drawn_without_a_warning(tmp_path, capsys, recwarn):
    image = np.zeros(IMAGE_SHAPE, np.uint8)
    path = tmp_path / "my.csv"
    names = ["$x$", "été", "花", "नमस्ते", "x" * 60_000, r"$\frac$"]
    path.write_bytes(b"".join(format_row(name, image) for name in names))
    assert main([str(path), "-o", str(tmp_path / "sheet.png")]) == 0
    assert capsys.readouterr().err == ""
    assert not recwarn.list
    assert Image.open(tmp_path / "sheet.png").size[0] < 2000


def test_a_bad_csv_is_refused_and_the_old_sheet_stays(tmp_path, capsys):
    (tmp_path / "bad.csv").write_text("daisy,1,2\n")
    (tmp_path / "sheet.png").write_text("old")
    assert main([str(tmp_path / "bad.csv"), "-o", str(tmp_path / "sheet.png")]) == 2
    assert "bad.csv, line 1: 2 values" in capsys.readouterr().err
    assert (tmp_path / "sheet.png").read_text() == "old"


def test_a_csv_is_not_replaced_by_its_sheet(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = write_csv(tmp_path / "data.png", ["x", "y"]).read_bytes()
    os.link("data.png", "hard.jpg")
    if os.name != "nt":  # where only some users may make symbolic links
        os.symlink("data.png", "soft.jpg")
    for output in ("data.png", "./data.png", "hard.jpg", "soft.jpg"):
        if os.path.exists(output):
            assert main(["data.png", "-o", output]) == 2
            message = f"{output}: this is the CSV itself; expected another name"
            assert message in capsys.readouterr().err
    assert (tmp_path / "data.png").read_bytes() == content
