import errno
import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from pyimagesearch.errors import InputError
from pyimagesearch.files import replacing

BOTH = ["first.csv", "second.csv"]


@pytest.fixture
def paths(tmp_path):
    for name in BOTH:
        (tmp_path / name).write_text(f"old {name}")
    return [tmp_path / name for name in BOTH]


def write(parts):
    for part in parts:
        part.write_text(f"new {part.name}")


def assert_content(paths, *ages):
    """Check how old the files are, and that no other is beside them."""
    expected = [f"{age} {name}" for age, name in zip(ages, BOTH, strict=True)]
    assert [path.read_text() for path in paths] == expected
    assert sorted(os.listdir(paths[0].parent)) == BOTH


def test_all_files_are_replaced_at_the_end(paths):
    paths[0].chmod(0o600)
    with replacing(*paths) as parts:
        write(parts)
        assert paths[0].read_text() == "old first.csv"
    assert_content(paths, "new", "new")
    assert os.name == "nt" or paths[0].stat().st_mode & 0o777 == 0o600  # still private


def test_a_block_that_fails_changes_nothing_and_leaves_nothing_behind(paths):
    with pytest.raises(KeyboardInterrupt), replacing(*paths) as parts:  # noqa: PT012
        write(parts)
        raise KeyboardInterrupt
    assert_content(paths, "old", "old")


def make_folder(path):
    path.unlink()
    path.mkdir()


def protect(path):
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        pytest.skip("nothing is write-protected for root")


@pytest.mark.parametrize("block", [make_folder, protect])
def test_where_the_second_can_not_be_written_neither_is_replaced(paths, block):
    block(paths[1])
    with pytest.raises(InputError, match=r"second\.csv: "), replacing(*paths):
        pytest.fail("the block was run")
    assert paths[0].read_text() == "old first.csv"
    assert sorted(os.listdir(paths[0].parent)) == BOTH


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators make such links")
def test_a_symbolic_link_stays_one_and_its_suffix_counts(tmp_path, paths):
    (tmp_path / "link.keras").symlink_to(paths[0])
    with replacing(tmp_path / "link.keras") as (part,):
        assert part.name == "link.keras"
        part.write_text("new first.csv")
    assert (tmp_path / "link.keras").is_symlink()
    (tmp_path / "link.keras").unlink()
    assert_content(paths, "new", "old")


@pytest.fixture
def busy(monkeypatch):
    """Let the system refuse to replace a file, as it does one that Docker mounts."""
    refusal = OSError(errno.EBUSY, os.strerror(errno.EBUSY))
    monkeypatch.setattr(os, "replace", Mock(side_effect=refusal))


@pytest.mark.usefixtures("busy")
def test_where_a_file_can_not_be_replaced_its_content_is(paths):
    inode = paths[0].stat().st_ino
    with replacing(*paths) as parts:
        write(parts)
    assert_content(paths, "new", "new")
    assert paths[0].stat().st_ino == inode


@pytest.mark.usefixtures("busy")
def test_what_can_be_put_nowhere_is_kept_and_the_message_says_where(paths):
    with pytest.raises(OSError, match="is in ") as error, replacing(*paths) as parts:  # noqa: PT012
        write(parts)
        make_folder(paths[0])  # meanwhile, something else has come there
    place = Path(str(error.value).partition("the new content is in ")[2])
    assert [(place / name).read_text() for name in BOTH] == ["new first.csv", "new second.csv"]
    assert paths[1].read_text() == "old second.csv"
