import os
import signal

import pytest

from pyimagesearch.plumbing.errors import ErrorHandler
from pyimagesearch.plumbing.files import replacing, writing


@pytest.fixture
def paths(tmp_path):
    for name in ("first.csv", "second.csv"):
        (tmp_path / name).write_text(f"old {name}")
    return tmp_path / "first.csv", tmp_path / "second.csv"


def write(parts):
    for part in parts:
        part.write_text("new")


def assert_old(paths):
    assert [path.read_text() for path in paths] == ["old first.csv", "old second.csv"]
    assert sorted(os.listdir(paths[0].parent)) == ["first.csv", "second.csv"]


def test_all_files_are_replaced_at_the_end(tmp_path, paths):
    with replacing(*paths) as parts:
        write(parts)
        assert [path.read_text() for path in paths] == ["old first.csv", "old second.csv"]
    assert [path.read_text() for path in paths] == ["new", "new"]
    assert sorted(os.listdir(tmp_path)) == ["first.csv", "second.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(None, "no space")])
def test_a_block_that_fails_changes_nothing(paths, error):
    with pytest.raises((KeyboardInterrupt, OSError)), replacing(*paths) as parts:  # noqa: PT012
        write(parts)
        raise error
    assert_old(paths)


def test_two_names_of_one_file_are_refused(paths):
    paths[1].unlink()
    try:
        paths[1].symlink_to(paths[0])
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(OSError, match="another name of the same file"), replacing(*paths):
        pass
    assert paths[0].read_text() == "old first.csv"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_who_may_read_a_file_stays_so(paths):
    paths[0].chmod(0o600)
    with replacing(*paths) as parts:
        write(parts)
    assert paths[0].stat().st_mode & 0o777 == 0o600
    assert paths[1].stat().st_mode & 0o077 != 0


def test_a_signal_does_not_interrupt_what_is_being_written(capsys, paths):
    with ErrorHandler() as errors, writing(paths[0]) as part:
        signal.raise_signal(signal.SIGINT)
        part.write_text("new")
    assert errors.exit_code == 0
    assert paths[0].read_text() == "new"
    assert capsys.readouterr().out == f"[INFO] wrote {paths[0]}\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_one_step_is_reported_and_the_next_step_runs(capsys, paths):
    with ErrorHandler() as errors:
        with errors.step(), writing(paths[0]):
            raise OSError(None, "no space")
        with errors.step(), writing(paths[1]) as part:
            part.write_text("new")
    assert errors.exit_code == 1
    assert capsys.readouterr().err == f"[ERROR] {paths[0]}: not written: no space\n"
    assert [path.read_text() for path in paths] == ["old first.csv", "new"]


def test_a_link_leads_to_the_file_that_is_replaced_and_the_given_suffix_counts(tmp_path, paths):
    try:
        (tmp_path / "link.KERAS").symlink_to(paths[0])
    except OSError:
        pytest.skip("no symbolic links here")
    with replacing(tmp_path / "link.KERAS") as parts:
        write(parts)
        assert parts[0].suffix == ".keras"
    assert (tmp_path / "link.KERAS").is_symlink()
    assert paths[0].read_text() == "new"
