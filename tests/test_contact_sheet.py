import numpy as np
import pytest
from PIL import Image

from pyimagesearch.contact_sheet import contact_sheet, main
from small_csvs import cycle, rows_of, write_csv


@pytest.mark.usefixtures("small")
def test_it_shows_ten_images_of_each_class_in_rows(tmp_path):
    path = write_csv(tmp_path / "my.csv", cycle(25, "b", "a") + ["c"])
    names, sheet = contact_sheet(path)
    assert names == ["a", "b", "c"]
    cells = sheet.reshape(3, 12, 10, 12, 3).swapaxes(1, 2)[:, :, 2:-2, 2:-2]
    for row, name in zip(cells, names, strict=True):
        images = [image for label, image in rows_of(path) if label == name][:10]
        np.testing.assert_array_equal(row[: len(images)], images)
        assert (row[len(images) :] == 255).all()


@pytest.mark.parametrize("shape", [(64, 64, 3), (64, 64, 1)])
def test_the_picture_has_the_names_and_the_images(tmp_path, capsys, monkeypatch, shape):
    monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
    monkeypatch.chdir(tmp_path)
    main([str(write_csv(tmp_path / "my.csv", ["x", "y"]))])
    main(["my.csv", "-o", "sheet.jpg"])
    assert capsys.readouterr().out == "[INFO] wrote my.png\n[INFO] wrote sheet.jpg\n"
    with Image.open("sheet.jpg") as jpeg, Image.open("my.png") as png:
        assert jpeg.format == "JPEG"
        picture = np.asarray(png.convert("RGB")).astype(int)
    # the names stand left of the images, which are drawn pixel for pixel, grey ones to rounding
    assert picture.shape[1] > 10 * 68
    for _, image in rows_of("my.csv"):
        places = np.argwhere((abs(picture - image[0, 0]) <= 1).all(axis=2))
        drawn = [picture[y : y + 64, x : x + 64] for y, x in places]
        assert any((abs(a - image) <= 1).all() for a in drawn if a.shape == (64, 64, 3))


@pytest.mark.usefixtures("small")
def test_names_of_any_kind_are_drawn_without_a_warning(tmp_path, capsys, recwarn):
    path = write_csv(tmp_path / "my.csv", ["$x$", "été", "花", "नमस्ते", "x" * 60_000, r"$\frac$"])
    main([str(path), "-o", str(tmp_path / "sheet.png")])
    assert capsys.readouterr().err == ""
    assert not recwarn.list
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size[0] < 2000


def test_a_sheet_that_can_not_be_drawn_or_written_leaves_the_old_one(tmp_path, capsys):
    (tmp_path / "bad.csv").write_text("daisy,1,2\n")
    sheet = tmp_path / "sheet.png"
    sheet.write_text("old")
    with pytest.raises(SystemExit, match=r"^\[ERROR\] .*bad\.csv, line 1: 2 values"):
        main([str(tmp_path / "bad.csv"), "-o", str(sheet)])
    with pytest.raises(SystemExit, match=r"^2$"):
        main([str(tmp_path / "bad.csv"), "-o", str(tmp_path / "sheet.gif")])
    assert "sheet.gif: expected a name that ends in .png or .jpg\n" in capsys.readouterr().err
    assert sheet.read_text() == "old"
