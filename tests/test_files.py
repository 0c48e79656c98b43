import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from pyimagesearch.errors import InputError
from pyimagesearch.files import check_output, replacing

BOTH = ["first.csv", "second.csv"]


@pytest.fixture
def paths(tmp_path):
    for name in BOTH:
        (tmp_path / name).write_text(f"old {name}")
    return [tmp_path / name for name in BOTH]


def write(parts):
    for part in parts:
        part.write_text(f"new {part.name}")


def refuse(monkeypatch):
    """Refuse to replace a file, as where Docker mounts it, and to set its mode, as on a share."""
    for name in ("replace", "chmod"):
        monkeypatch.setattr(os, name, Mock(side_effect=OSError("busy")))


@pytest.mark.parametrize("refused", [False, True])
def test_all_files_or_else_their_content_are_replaced_at_the_end(paths, monkeypatch, refused):
    paths[0].chmod(0o600)
    before = paths[0].stat()
    if refused:
        refuse(monkeypatch)
    with replacing(*paths) as parts:
        write(parts)
        assert paths[0].read_text() == "old first.csv"
    assert [path.read_text() for path in paths] == ["new first.csv", "new second.csv"]
    assert sorted(os.listdir(paths[0].parent)) == BOTH
    assert paths[0].stat().st_mode == before.st_mode  # still private
    assert (paths[0].stat().st_ino == before.st_ino) == refused


def test_content_that_can_be_put_nowhere_is_kept_and_the_message_says_where(paths, monkeypatch):
    refuse(monkeypatch)
    with pytest.raises(OSError, match="is in ") as error, replacing(*paths) as parts:  # noqa: PT012
        write(parts)
        paths[0].unlink()
        paths[0].mkdir()  # meanwhile, something else has come there
    place = Path(str(error.value).partition("the new content is in ")[2])
    assert [(place / name).read_text() for name in BOTH] == ["new first.csv", "new second.csv"]
    assert paths[1].read_text() == "old second.csv"


@pytest.mark.parametrize("protected", [False, True])
def test_where_the_second_can_not_be_written_no_block_is_run(paths, monkeypatch, protected):
    if protected:  # also for root
        monkeypatch.setattr(os, "access", lambda path, _: path.name != "second.csv")
    else:
        paths[1].unlink()
        paths[1].mkdir()
    with pytest.raises(InputError, match=r"second\.csv: "), replacing(*paths):
        pytest.fail("the block was run")
    assert sorted(os.listdir(paths[0].parent)) == BOTH


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators make such links")
def test_a_symbolic_link_stays_one_and_its_suffix_counts(tmp_path, paths):
    link = tmp_path / "link.keras"
    link.symlink_to(paths[0])
    with replacing(link) as (part,):
        assert part.name == link.name
        part.write_text("new first.csv")
    assert link.is_symlink()
    assert [path.read_text() for path in paths] == ["new first.csv", "old second.csv"]
    assert set(os.listdir(tmp_path)) == {*BOTH, link.name}


def test_a_suffix_may_be_in_upper_case_but_for_keras(tmp_path):
    check_output(tmp_path / "X.PNG", ".png", ".jpg")
    with pytest.raises(InputError, match=r"X\.KERAS: expected a name that ends in \.keras"):
        check_output(tmp_path / "X.KERAS", ".keras")
