import numpy as np
import pytest
from PIL import Image

from pyimagesearch.contact_sheet import draw_contact_sheet, main
from pyimagesearch.csv_rows import format_row, open_csv, read_rows
from small_csvs import cycle, write_csv


def test_it_shows_ten_images_of_each_class_in_rows(tmp_path):
    path = write_csv(tmp_path / "my.csv", cycle(25, "a rather long name", "b"))
    sheet = np.asarray(draw_contact_sheet(path))
    with open_csv(path) as file:
        rows = list(read_rows(file))
    left = sheet.shape[1] - 10 * 68
    for row, name in enumerate(("a rather long name", "b")):
        images = [image for label, image in rows if label == name][:10]
        top = 4 + 68 * row
        for column, image in enumerate(images):
            at = left + 68 * column
            np.testing.assert_array_equal(sheet[top : top + 64, at : at + 64], image)
        # the name, in black on white, before them
        assert sheet[top : top + 64, : left - 4].min() < 60
        assert (sheet[top : top + 64, left - 4 : left] == 255).all()
    assert sheet.shape[0] == 4 + 2 * 68


def test_a_class_with_fewer_images_leaves_the_rest_white(tmp_path):
    path = tmp_path / "my.csv"
    path.write_bytes(format_row("one", np.zeros((64, 64, 3), np.uint8)))
    sheet = np.asarray(draw_contact_sheet(path))
    assert (sheet[4:68, -9 * 68 :] == 255).all()
    assert (sheet[4:68, -10 * 68 : -9 * 68 - 4] == 0).all()


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
