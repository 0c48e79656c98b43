import re
import shutil

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from programs import ROOT, run
from pyimagesearch.config import IMAGE_SHAPE, check_image_shape


@pytest.fixture
def project(tmp_path):
    """Return a function that copies the project, with another image shape in its one place."""

    def copy(shape):
        shutil.copytree(ROOT / "pyimagesearch", tmp_path / "pyimagesearch")
        shutil.copy(ROOT / "train.py", tmp_path)
        config = tmp_path / "pyimagesearch" / "config.py"
        config.write_text(config.read_text().replace(f"SHAPE = {IMAGE_SHAPE}", f"SHAPE = {shape}"))
        return tmp_path

    return copy


def succeeds(folder, *command):
    result = run(*command, cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_grey_digits_are_learned(project):
    folder = project((8, 8, 1))
    digits = load_digits()
    pixels = np.rint(digits.data * 255 / 16).astype(int)
    rows = [",".join(map(str, [n, *row])) for n, row in zip(digits.target, pixels, strict=True)]
    parts = train_test_split(rows, random_state=0, stratify=digits.target)
    for name, part in zip(("training", "testing"), parts, strict=True):
        (folder / f"flowers17_{name}.csv").write_text("\n".join(part))
    output = succeeds(folder, "train.py", "--epochs=8")
    # by chance it would be 0.1
    assert float(re.search(r"accuracy +(\d\.\d\d) +450\n", output)[1]) > 0.5
    succeeds(
        folder, "-m", "pyimagesearch.contact_sheet", "flowers17_testing.csv", "-o", "sheet.png"
    )
    sheet = np.asarray(Image.open(folder / "sheet.png").convert("RGB"))
    assert (sheet[..., 0] == sheet[..., 1]).all()


@pytest.mark.parametrize("shape", [(12, 20, 3), (12, 20, 1)])
def test_the_builder_and_the_drawings_follow_another_image_shape(project, shape):
    folder = project(shape)
    for name in ("daisy", "iris"):
        (folder / "images" / name).mkdir(parents=True)
        for n in range(4):
            picture = np.random.default_rng(n).integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(picture).save(folder / "images" / name / f"{n}.png")
    succeeds(folder, "-m", "pyimagesearch.build_dataset", "--images", "images")
    rows = (folder / "flowers17_training.csv").read_text().splitlines()
    assert {row.count(",") for row in rows} == {np.prod(shape)}
    draw = "from pyimagesearch.drawings.dataset import draw_row; print(draw_row('iris', 3).shape)"
    assert succeeds(folder, "-c", draw) == f"{shape}\n"


def test_a_wrong_image_shape_ends_each_program_with_one_line(project):
    result = run("-m", "pyimagesearch.contact_sheet", "a.csv", cwd=project((28, 28)))
    assert result.returncode != 0
    assert re.fullmatch(
        r"\[ERROR\] .*config\.py: IMAGE_SHAPE is \(28, 28\); exp.*\n", result.stderr
    )


@pytest.mark.parametrize("shape", [(28, 28, 4), (3, 28, 28), ("8", 8, 1), (8.0, 8, 1), [8, 8, 1]])
def test_what_is_no_image_shape_is_refused(shape):
    with pytest.raises(SystemExit, match=r"expected \(height, width, channels\)"):
        check_image_shape(shape)


@pytest.mark.parametrize("shape", [(4, 4, 1), (64, 64, 3), (28, 300, 1)])
def test_image_shapes_are_accepted(shape):
    check_image_shape(shape)
