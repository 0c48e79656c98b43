import re
import shutil

import numpy as np
from PIL import Image

from programs import ROOT, run
from pyimagesearch.config import IMAGE_SHAPE


def test_another_image_shape_in_one_place_builds_trains_and_draws(tmp_path):
    shutil.copytree(ROOT / "pyimagesearch", tmp_path / "pyimagesearch")
    shutil.copy(ROOT / "train.py", tmp_path)
    config = tmp_path / "pyimagesearch" / "config.py"
    changed = config.read_text().replace(
        f"IMAGE_SHAPE = {IMAGE_SHAPE}", "IMAGE_SHAPE = (12, 20, 3)"
    )
    config.write_text(changed)
    for name in ("daisy", "iris"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for n in range(16):
            picture = np.random.default_rng(n).integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / "images" / name / f"{n}.png")

    def succeeds(*command):
        result = run(*command, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        return result.stdout

    succeeds("-m", "pyimagesearch.build_dataset", "--images", "images")
    rows = (tmp_path / "flowers17_training.csv").read_text().splitlines()
    assert {row.count(",") for row in rows} == {12 * 20 * 3}

    output = succeeds("train.py", "--epochs=1", "--batch-size=8")
    assert re.search(r"accuracy +\d\.\d\d +8\n", output)

    succeeds("-m", "pyimagesearch.contact_sheet", "flowers17_testing.csv", "-o", "sheet.png")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape[0] == 4 + 2 * (12 + 4)

    # and the drawings
    shape = "from pyimagesearch.drawings.dataset import draw_row; print(draw_row('iris', 3).shape)"
    assert succeeds("-c", shape) == "(12, 20, 3)\n"
