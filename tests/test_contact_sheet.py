import os
import re

import numpy as np
import pytest
from PIL import Image

from pyimagesearch.config import IMAGE_SHAPE
from pyimagesearch.contact_sheet import LONGEST_JPEG, draw_contact_sheet, main
from pyimagesearch.csv_rows import format_row, open_csv, read_rows
from small_csvs import cycle, write_csv

HEIGHT, WIDTH, _ = IMAGE_SHAPE


def test_it_shows_ten_images_of_each_class_in_rows(tmp_path):
    path = write_csv(tmp_path / "my.csv", cycle(25, "a rather long name", "b"))
    sheet = np.asarray(draw_contact_sheet(path))
    with open_csv(path) as file:
        rows = list(read_rows(file))
    left = sheet.shape[1] - 10 * (WIDTH + 4)
    for row, name in enumerate(("a rather long name", "b")):
        images = [image for label, image in rows if label == name][:10]
        top = 4 + (HEIGHT + 4) * row
        for column, image in enumerate(images):
            at = left + (WIDTH + 4) * column
            np.testing.assert_array_equal(sheet[top : top + HEIGHT, at : at + WIDTH], image)
        # the name, in black on white, before them
        assert sheet[top : top + HEIGHT, : left - 4].min() < 60
        assert (sheet[top : top + HEIGHT, left - 4 : left] == 255).all()
    assert sheet.shape[0] == 4 + 2 * (HEIGHT + 4)


def test_a_class_with_fewer_images_leaves_the_rest_white(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes(format_row("one", np.zeros(IMAGE_SHAPE, np.uint8)))
    sheet = np.asarray(draw_contact_sheet(path))
    (first, rest) = np.split(sheet[4:-4, -10 * (WIDTH + 4) :], [WIDTH], axis=1)
    assert (first == 0).all()
    assert (rest == 255).all()


def test_the_command_line_writes_a_png(tmp_path, capsys, monkeypatch):
    path = write_csv(tmp_path / "my.csv", ["x", "y"])
    assert main([str(path), "-o", str(tmp_path / "sheet.png")]) == 0
    assert Image.open(tmp_path / "sheet.png").format == "PNG"
    monkeypatch.chdir(tmp_path)
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.endswith("[INFO] wrote my.png\n")
    assert (tmp_path / "my.png").exists()


def test_a_bad_csv_is_refused_and_the_old_sheet_stays(tmp_path, capsys):
    (tmp_path / "bad.csv").write_text("daisy,1,2\n")
    (tmp_path / "sheet.png").write_text("old")
    assert main([str(tmp_path / "bad.csv"), "-o", str(tmp_path / "sheet.png")]) == 2
    assert "bad.csv, line 1: 2 values" in capsys.readouterr().err
    assert (tmp_path / "sheet.png").read_text() == "old"
    with pytest.raises(SystemExit):
        main([str(tmp_path / "bad.csv"), "-o", str(tmp_path / "sheet.txt")])


def names_drawn(tmp_path, *labels):
    """Return the part of the sheet with each label, as bytes."""
    image = np.zeros(IMAGE_SHAPE, np.uint8)
    path = tmp_path / "my.csv"
    path.write_bytes(b"".join(format_row(label, image) for label in labels))
    sheet = np.asarray(draw_contact_sheet(path))[:, : -10 * (WIDTH + 4)]
    tops = range(4, len(sheet), HEIGHT + 4)
    return [sheet[top : top + HEIGHT].tobytes() for top in tops]


def test_names_that_the_font_lacks_can_be_told_apart(tmp_path):
    labels = ["Ромашка", "Роза", "花", "菊", "🌼", "🌷", "नमस्ते", "\\u", "a b", "a\xa0b", "a\u200bb"]
    assert len(set(names_drawn(tmp_path, *labels))) == len(labels)


def test_letters_that_the_font_has_are_drawn_and_others_escaped(tmp_path):
    narrow, _ = names_drawn(tmp_path, "Роза", "ab")
    wide, _ = names_drawn(tmp_path, "花花花花", "ab")
    assert len(narrow) < len(wide) / 2
    assert names_drawn(tmp_path, "花") == names_drawn(tmp_path, r"\u82b1")


def test_a_very_long_name_is_shortened(tmp_path):
    name, _ = names_drawn(tmp_path, "x" * 60_000, "ab")
    assert names_drawn(tmp_path, "x" * 60 + "...", "ab")[0] == name


def test_a_csv_is_not_replaced_by_its_sheet(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = write_csv(tmp_path / "data.png", ["x", "y"]).read_bytes()
    os.link("data.png", "link.jpg")
    for arguments in (
        ["data.png"],
        ["data.png", "-o", "link.jpg"],
        ["./data.png", "-o", "data.png"],
    ):
        assert main(arguments) == 2
        assert "this is the CSV itself; expected another name" in capsys.readouterr().err
    assert (tmp_path / "data.png").read_bytes() == content


def test_a_sheet_too_large_for_a_jpeg_says_so(tmp_path, capfd):
    image = np.zeros(IMAGE_SHAPE, np.uint8)
    count = 1 + LONGEST_JPEG // (HEIGHT + 4)
    path = tmp_path / "my.csv"
    path.write_bytes(b"".join(format_row(f"class {n}", image) for n in range(count)))
    assert main([str(path), "-o", str(tmp_path / "sheet.jpg")]) == 1
    error = capfd.readouterr().err
    assert re.fullmatch(r"\[ERROR] .*sheet\.jpg: the sheet has .* pixels, too many .*\n", error)
    assert not (tmp_path / "sheet.jpg").exists()


def test_a_pipe_is_no_csv_to_wait_for(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.csv")
    assert main([str(tmp_path / "pipe.csv"), "-o", str(tmp_path / "sheet.png")]) == 2
    assert "pipe.csv: expected a CSV file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".png", ".png: expected a name before .png, .jpg"),
        ("", "'': expected a name that ends in .png, .jpg"),
        ("sheet.txt", "sheet.txt: expected a name that ends in .png, .jpg"),
        ("folder.png", "folder.png: can't be written: is not a regular file"),
        ("none/sheet.png", "none/sheet.png: can't be written: No such file or directory"),
        ("x" * 300 + ".png", ".png: can't be written: File name too long"),
    ],
)
def test_a_name_that_can_not_be_written_is_said_plainly(
    tmp_path, capsys, monkeypatch, name, reason
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(SystemExit):
        main(["my.csv", "-o", name])
    assert capsys.readouterr().err.endswith(f"{reason}\n")
