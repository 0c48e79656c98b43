import re

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from programs import ROOT, copy_project, run
from pyimagesearch.config import check_image_shape


def succeeds(folder, *command):
    result = run(*command, cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


README = (ROOT / "README.md").read_text(encoding="utf-8")
(RECIPE,) = re.findall(r"^```python\n([^`]*theirs\.csv[^`]*)^```$", README, re.MULTILINE)
# the numbered places of the recipe, as a reader changes them
NO_HEADER = ("    next(lines)  # 1", "    # 1")
LABEL_LAST = ("fields[0], fields[1:]", "fields[-1], fields[:-1]")
INDEX = ("fields[0], fields[1:]", "fields[1], fields[2:]")
BLANKS = ("# 3. pixels with blanks between them: ", "")
SCALED = ("np.array(pixels, float)  # 4", "np.array(pixels, float) * 255  # 4")


@pytest.fixture(scope="module")
def digits():
    """Return scikit-learn's 8x8 digits: labels, and pixels from 0 to 255, `(1797, 64)` int."""
    data = load_digits()
    return data.target, np.rint(data.data * 255 / 16).astype(int)


def our_csvs(folder, monkeypatch, header, rows, *changes):
    """Write a CSV of another form, convert it by the changed recipe, and return both new ones."""
    lines = [header, *rows] if header else rows
    text = "".join(",".join(map(str, row)) + "\n" for row in lines)
    # with the byte order mark of Excel, which must not get into a label
    (folder / "theirs.csv").write_text(text, encoding="utf-8-sig")
    recipe = RECIPE
    for old, new in changes:
        assert old in recipe
        recipe = recipe.replace(old, new)
    monkeypatch.chdir(folder)
    exec(recipe, {})
    return [(folder / f"my_{part}.csv").read_text() for part in ("training", "testing")]


def test_the_recipe_makes_the_same_csvs_of_each_form(tmp_path, monkeypatch, digits):
    labels, pixels = digits[0][:200], digits[1][:200].tolist()
    rows = list(zip(labels, pixels, strict=True))
    names = [f"pixel{n}" for n in range(64)]
    blanks = [(n, " ".join(map(str, row))) for n, row in rows]
    forms = [
        (["label", *names], [[n, *row] for n, row in rows]),
        (None, [[n, *row] for n, row in rows], NO_HEADER),
        ([*names, "label"], [[*row, n] for n, row in rows], LABEL_LAST),
        (["", "label", *names], [[i, n, *row] for i, (n, row) in enumerate(rows)], INDEX),
        (["emotion", "pixels", "Usage"], [[n, row, "Training"] for n, row in blanks], BLANKS),
        (["emotion", "pixels"], [[n, f'"{row}"'] for n, row in blanks], BLANKS),
        (None, [[n, *np.divide(row, 255)] for n, row in rows], NO_HEADER, SCALED),
        (None, [[n, *map(float, row)] for n, row in rows], NO_HEADER),
    ]
    first, *others = [our_csvs(tmp_path, monkeypatch, *form) for form in forms]
    assert others == [first] * 7
    train, test = (part.splitlines() for part in first)
    assert sorted(train + test) == sorted(",".join(map(str, [n, *row])) for n, row in rows)
    assert {row[0] for row in train} == {row[0] for row in test} == set("0123456789")
    assert len(train) > 2 * len(test)


def test_grey_digits_are_learned_from_a_csv_of_another_form(tmp_path, monkeypatch, digits):
    folder = copy_project(tmp_path, (8, 8, 1))
    rows = [[n, *row] for n, row in zip(*digits, strict=True)]
    our_csvs(folder, monkeypatch, ["label", *range(64)], rows)
    csvs = ("--train-csv=my_training.csv", "--test-csv=my_testing.csv")
    output = succeeds(folder, "train.py", "--epochs=8", *csvs)
    # by chance it would be 0.1
    assert float(re.search(r"accuracy +(\d\.\d\d) +\d+\n", output)[1]) > 0.3
    succeeds(folder, "-m", "pyimagesearch.contact_sheet", "my_testing.csv", "-o", "sheet.png")
    sheet = np.asarray(Image.open(folder / "sheet.png").convert("RGB"))
    assert (sheet[..., 0] == sheet[..., 1]).all()


@pytest.mark.parametrize("shape", [(12, 20, 3), (12, 20, 1)])
def test_the_builder_and_the_drawings_follow_another_image_shape(tmp_path, shape):
    folder = copy_project(tmp_path, shape)
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


def test_a_wrong_image_shape_ends_each_program_with_one_line(tmp_path):
    result = run("-m", "pyimagesearch.contact_sheet", "a.csv", cwd=copy_project(tmp_path, (28, 28)))
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
