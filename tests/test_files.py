import os
import signal
import time

import pytest

from pyimagesearch.plumbing.ending import TOLD_TWICE, Ending
from pyimagesearch.plumbing.files import replacing, writing


@pytest.fixture
def paths(tmp_path):
    for name in ("first.csv", "second.csv"):
        (tmp_path / name).write_text(f"old {name}")
    return tmp_path / "first.csv", tmp_path / "second.csv"


def write(parts):
    for part in parts:
        part.write_text("new")


def test_all_files_are_replaced(tmp_path, paths):
    with replacing(*paths) as parts:
        write(parts)
        assert [path.read_text() for path in paths] == ["old first.csv", "old second.csv"]
    assert [path.read_text() for path in paths] == ["new", "new"]
    assert sorted(os.listdir(tmp_path)) == ["first.csv", "second.csv"]


@pytest.mark.parametrize("blocked", [0, 1])
def test_where_one_can_not_be_replaced_the_others_stay(tmp_path, paths, blocked):
    paths[blocked].unlink()
    with pytest.raises(OSError, match=r"not written: .*directory") as error:  # noqa: PT012, SIM117
        with replacing(*paths) as parts:
            write(parts)
            paths[blocked].mkdir()
    assert error.value.filename == str(paths[blocked])
    other = paths[1 - blocked]
    assert other.read_text() == f"old {other.name}"
    assert sorted(os.listdir(tmp_path)) == ["first.csv", "second.csv"]


def test_where_one_can_not_be_replaced_no_new_one_stays(tmp_path):
    with pytest.raises(OSError, match="not written"):  # noqa: PT012, SIM117
        with replacing(tmp_path / "first.csv", tmp_path / "second.csv") as parts:
            write(parts)
            (tmp_path / "second.csv").mkdir()
    assert os.listdir(tmp_path) == ["second.csv"]


def test_a_signal_between_two_files_puts_the_first_back(tmp_path, paths, monkeypatch):
    replace = os.replace
    signals = [signal.SIGINT]

    def replace_and_interrupt(source, target):
        replace(source, target)
        if signals:
            signal.raise_signal(signals.pop())

    monkeypatch.setattr(os, "replace", replace_and_interrupt)
    with pytest.raises(KeyboardInterrupt), replacing(*paths) as parts:
        write(parts)
    assert not signals
    assert [path.read_text() for path in paths] == ["old first.csv", "old second.csv"]
    assert sorted(os.listdir(tmp_path)) == ["first.csv", "second.csv"]


def test_who_may_read_a_file_stays_so(paths):
    paths[0].chmod(0o600)
    with replacing(*paths) as parts:
        write(parts)
    assert paths[0].stat().st_mode & 0o777 == 0o600
    assert paths[1].stat().st_mode & 0o077 != 0


def test_a_block_that_fails_changes_nothing(tmp_path, paths):
    with pytest.raises(KeyboardInterrupt), replacing(*paths) as parts:  # noqa: PT012
        write(parts)
        raise KeyboardInterrupt
    assert [path.read_text() for path in paths] == ["old first.csv", "old second.csv"]
    assert sorted(os.listdir(tmp_path)) == ["first.csv", "second.csv"]


def test_a_signal_waits_until_what_was_begun_is_done(capsys, paths):
    with Ending() as ending:
        with writing(paths[0]) as part:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.raise_signal(number)
            part.write_text("new")
        paths[1].write_text("never")
    assert [path.read_text() for path in paths] == ["new", "old second.csv"]
    assert ending.exit_code == 128 + signal.SIGTERM
    output, error = capsys.readouterr()
    assert output == f"[INFO] wrote {paths[0]}\n"
    assert error == "[ERROR] interrupted\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_waited_hides_no_error(capsys, paths):
    with Ending() as ending, ending.step(), writing(paths[0]):
        signal.raise_signal(signal.SIGINT)
        raise OSError(None, "no space", str(paths[0]))
    assert ending.exit_code == 128 + signal.SIGINT
    assert capsys.readouterr().err == f"[ERROR] {paths[0]}: not written: no space\n"
    assert paths[0].read_text() == "old first.csv"


def test_an_ending_told_twice_is_one_also_while_a_file_is_written(paths):
    with Ending() as ending:
        ending.patient = True
        signal.raise_signal(signal.SIGTERM)
        ending.patient = False
        with ending.step(), writing(paths[0]) as part:
            signal.raise_signal(signal.SIGTERM)
            time.sleep(TOLD_TWICE)
            part.write_text("new")
        paths[1].write_text("reached")
    assert [path.read_text() for path in paths] == ["new", "reached"]


def test_a_link_leads_to_the_file_that_is_replaced(tmp_path, paths):
    (tmp_path / "link.csv").symlink_to(paths[0])
    with replacing(tmp_path / "link.csv", paths[1]) as parts:
        write(parts)
    assert (tmp_path / "link.csv").is_symlink()
    assert paths[0].read_text() == "new"


def test_a_short_name_in_a_very_deep_folder_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    depth = len(str(tmp_path))
    while depth < 4040:
        name = "d" * min(200, 4060 - depth)
        os.mkdir(name)
        os.chdir(name)
        depth += len(name) + 1
    with replacing("a-name-of-some-thirty-bytes.csv") as parts:
        write(parts)
    assert os.listdir() == ["a-name-of-some-thirty-bytes.csv"]
