import numpy as np
import pytest
from PIL import Image

from pyimagesearch.contact_sheet import contact_sheet, main
from pyimagesearch.csv_rows import format_row, open_csv, read_rows
from small_csvs import cycle, write_csv


@pytest.mark.usefixtures("small")
def test_it_shows_ten_images_of_each_class_in_rows(tmp_path):
    path = write_csv(tmp_path / "my.csv", cycle(25, "b", "a") + ["c"])
    names, sheet = contact_sheet(path)
    assert names == ["a", "b", "c"]
    with open_csv(path) as file:
        rows = list(read_rows(file))
    cells = sheet.reshape(3, 12, 10, 12, 3).swapaxes(1, 2)[:, :, 2:-2, 2:-2]
    for row, name in zip(cells, names, strict=True):
        images = [image for label, image in rows if label == name][:10]
        np.testing.assert_array_equal(row[: len(images)], images)
        assert (row[len(images) :] == 255).all()


@pytest.mark.parametrize("shape", [(64, 64, 3), (64, 64, 1)])
def test_the_picture_has_the_names_and_the_images(tmp_path, capsys, monkeypatch, shape):
    monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
    monkeypatch.chdir(tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (2, *shape), dtype=np.uint8)
    (tmp_path / "my.csv").write_bytes(format_row("x", images[0]) + format_row("y", images[1]))
    main(["my.csv"])
    main(["my.csv", "-o", "sheet.jpg"])
    assert capsys.readouterr().out == "[INFO] wrote my.png\n[INFO] wrote sheet.jpg\n"
    assert Image.open("sheet.jpg").format == "JPEG"
    picture = np.asarray(Image.open("my.png").convert("RGB")).astype(int)
    # the names stand left of the images, which are drawn pixel for pixel, grey ones to rounding
    assert picture.shape[1] > 10 * 68
    for image in images:
        places = np.argwhere((abs(picture - image[0, 0]) <= 1).all(axis=2))
        drawn = [picture[y : y + 64, x : x + 64] for y, x in places]
        assert any((abs(a - image) <= 1).all() for a in drawn if a.shape == (64, 64, 3))


@pytest.mark.usefixtures("small")
def test_names_of_any_kind_are_drawn_without_a_warning(tmp_path, capsys, recwarn):
    image = np.zeros((8, 8, 3), np.uint8)
    path = tmp_path / "my.csv"
    names = ["$x$", "été", "花", "नमस्ते", "x" * 60_000, r"$\frac$"]
    path.write_bytes(b"".join(format_row(name, image) for name in names))
    main([str(path), "-o", str(tmp_path / "sheet.png")])
    assert capsys.readouterr().err == ""
    assert not recwarn.list
    assert Image.open(tmp_path / "sheet.png").size[0] < 2000


def test_what_can_not_be_drawn_or_written_is_refused_and_the_old_sheet_stays(tmp_path):
    (tmp_path / "bad.csv").write_text("daisy,1,2\n")
    sheet = tmp_path / "sheet.png"
    sheet.write_text("old")
    for output, message in (
        (sheet, r"bad\.csv, line 1: 2 values"),
        (tmp_path / "sheet.gif", r"sheet\.gif: expected a name that ends in \.png or \.jpg"),
    ):
        with pytest.raises(SystemExit, match=rf"^\[ERROR\] .*{message}"):
            main([str(tmp_path / "bad.csv"), "-o", str(output)])
    assert sheet.read_text() == "old"
