import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = {
    "train.py": ["train.py"],
    **{
        f"pyimagesearch.{name}": ["-m", f"pyimagesearch.{name}"]
        for name in ("build_dataset", "render_flowers", "contact_sheet")
    },
}


def test_there_are_examples_of_each_way_to_train():
    assert len(EXAMPLES) == 4
    for example, call in zip(
        EXAMPLES,
        ("model.fit(np.array", "model.predict(", "train_on_batch(", "MirroredStrategy("),
        strict=True,
    ):
        assert call in example


@pytest.mark.parametrize("example", EXAMPLES, ids=["fit", "generator", "train_on_batch", "gpus"])
def test_each_example_runs_as_it_stands(example):
    result = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "accuracy" in result.stdout
    losses = [float(loss) for loss in re.findall(r"loss:? (\d+\.\d+)", result.stdout)]
    assert 0 < losses[-1] < 10


def test_the_generators_example_predicts_each_test_image():
    assert (
        "(340, 17)"
        in subprocess.run(
            [sys.executable, "-c", EXAMPLES[1].replace("len(labels) // 32", "1")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )


def test_links_and_pictures_resolve():
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)|(?:src)=\"([^\"]+)\"", README)
    assert len(targets) > 4
    for link, source in targets:
        target = link or source
        if target.startswith("#"):
            headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
            anchors = [
                re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings
            ]
            assert target[1:] in anchors
        else:
            assert (ROOT / target).is_file(), target
            assert not source or (ROOT / source).stat().st_size < 300_000


def test_the_options_it_names_exist():
    offered = set()
    for command in COMMANDS.values():
        result = subprocess.run(
            [sys.executable, *command, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        offered |= set(re.findall(r"--[a-z-]+", result.stdout))
    assert set(re.findall(r"--[a-z][a-z-]*", README)) <= offered


def test_the_modules_it_names_exist_and_all_are_named():
    for module in re.findall(r"python -m ([\w.]+)", README):
        assert module in COMMANDS or module in ("venv", "pytest")
    structure = README.partition("## Project structure")[2].partition("##")[0]
    for path in ROOT.glob("pyimagesearch/*.py"):
        assert path.name in structure or path.name == "__init__.py"


def test_it_reads_well_at_80_columns():
    for line in README.splitlines():
        assert len(line) <= 80 or line.startswith("|") or line.startswith("[tutorial]: "), line
