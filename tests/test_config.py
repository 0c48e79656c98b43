import re

import numpy as np
import pytest

import train
from pyimagesearch import build_dataset, contact_sheet
from pyimagesearch.csv_rows import TEST_NAME, values_of_a_row
from pyimagesearch.drawings import __main__ as drawings
from pyimagesearch.drawings.dataset import draw_row
from pyimagesearch.errors import InputError
from small_csvs import write_both
from small_images import class_folders


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("shape", [(12, 20, 3), (12, 20, 1)])
def test_every_program_follows_another_image_shape(tmp_path, monkeypatch, capsys, shape):
    monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
    monkeypatch.chdir(tmp_path)
    build_dataset.main([f"--images={class_folders(tmp_path / 'images')}"])
    train.main(["--epochs=1", "--batch-size=4"])
    assert re.search(r"accuracy +\d\.\d\d +\d+\n", capsys.readouterr().out)
    contact_sheet.main([TEST_NAME])
    image = draw_row("iris", 3)
    assert (image.shape, image.dtype) == (shape, np.uint8)


def test_a_wrong_image_shape_ends_each_program_with_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(write_both(tmp_path))
    class_folders(tmp_path / "images")
    monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", (28, 28))
    for program, arguments in (
        (train, ["--train-csv=train.csv", "--test-csv=test.csv"]),
        (build_dataset, ["--images=images", "--output=new"]),
        (drawings, ["--output=new"]),
        (contact_sheet, ["train.csv"]),
    ):
        with pytest.raises(SystemExit, match=r"^\[ERROR\] .*config\.py: IMAGE_SHAPE is .*\Z"):
            program.main(arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "test.csv", "train.csv"]


def test_only_image_shapes_are_accepted(monkeypatch):
    for shape in ((4, 4, 1), (64, 64, 3), (28, 300, 1)):
        monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
        assert values_of_a_row() == np.prod(shape)
    sizes = ((28, 28), (28, 28, 4), (3, 28, 28), (28, 3, 1))
    for shape in (*sizes, ("8", 8, 1), (8.0, 8, 1), [8, 8, 1], 64):
        monkeypatch.setattr("pyimagesearch.config.IMAGE_SHAPE", shape)
        with pytest.raises(InputError, match=r"expected \(height, width, channels\)"):
            values_of_a_row()
