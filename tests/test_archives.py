import contextlib
import gzip
import os
import re
import tarfile
import zipfile

import pytest

from pyimagesearch.archives import unpacked
from pyimagesearch.errors import InputError
from small_images import FOUR_OF_EACH, class_folders, images_in, pack


@pytest.fixture
def folder(tmp_path):
    return class_folders(tmp_path / "images", count=4)


def add(path, name):
    """Add an empty file to an archive, whatever its name."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, b"")
    else:
        with tarfile.open(path, "a") as archive:
            archive.addfile(tarfile.TarInfo(name))


def assert_refused(path, reason=""):
    expected = "; expected a folder, or a whole tar or zip archive of images"
    pattern = rf"^{re.escape(str(path))}: .*{reason}.*{expected}$"
    with pytest.raises(InputError, match=pattern), unpacked(path):
        pass


@pytest.mark.parametrize("suffix", ["tar", "tgz", "tar.xz", "tar.bz2", "zip"])
def test_each_kind_of_archive_is_read(tmp_path, folder, suffix):
    pack(folder / "daisy", folder / "zip.zip")  # zipfile takes a tar that ends with a zip for it
    # with one more folder round the classes
    path = pack(tmp_path, tmp_path.parent / f"{tmp_path.name}.{suffix}")
    assert images_in(path) == FOUR_OF_EACH


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_tar_damaged_at_a_header_or_followed_by_another_is_refused(tmp_path, folder, compress):
    path = pack(folder, tmp_path / "images.tar")
    content = path.read_bytes()
    with tarfile.open(path) as archive:
        offsets = [member.offset for member in archive]
    for offset in offsets:
        path.write_bytes(compress(content[:offset]))
        assert_refused(path, "not a whole archive" if offset else "")
        for damage in (b"\xff", bytes(512)):
            path.write_bytes(compress(content[:offset] + damage + content[offset + len(damage) :]))
            assert_refused(path)
    path.write_bytes(compress(content[: archive.offset + 512]))  # one block of zeros will do
    assert images_in(path) == FOUR_OF_EACH
    path.write_bytes(compress(content * 2))
    assert_refused(path, "something follows the archive's end")


@pytest.mark.parametrize(
    ("name", "encoding"),
    # without a flag, as Linux's zip, Macs and Windows write them; and with one, as Python does
    [("玫瑰", "utf-8"), ("Gänse", "utf-8"), ("Gänse", "cp437"), ("G├ñnse", None)],
)
def test_class_names_in_a_zip_are_read_in_their_encoding(tmp_path, name, encoding):
    stored = "x" * len(name.encode(encoding)) if encoding else name
    path = pack(class_folders(tmp_path / stored, 4, ["iris", stored]), tmp_path / "images.zip")
    if encoding:
        path.write_bytes(path.read_bytes().replace(stored.encode(), name.encode(encoding)))
    assert {label for label, _ in images_in(path)} == {"iris", name}


@pytest.mark.skipif(os.name == "nt", reason="no name has a backslash on Windows")
def test_only_a_zip_of_windows_has_backslashes_between_folders(tmp_path, folder):
    path = pack(folder, tmp_path / "images.zip")
    content = path.read_bytes().replace(b"daisy/", b"daisy\\").replace(b"rose/", b"rose\\")
    path.write_bytes(content)
    with pytest.raises(InputError, match="at least two folders"):
        images_in(path)
    # each entry of its table begins so; then comes the system, 3 for Unix and 0 for Windows
    path.write_bytes(content.replace(b"PK\1\2\x14\3", b"PK\1\2\x14\0"))
    assert images_in(path) == FOUR_OF_EACH


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("suffix", ["tar", "zip"])
def test_two_members_of_one_name_are_refused(tmp_path, folder, suffix):
    path = pack(folder, tmp_path / f"twice.{suffix}")
    add(path, "daisy/0.png")  # it would replace an image of the data set without a word
    assert_refused(path, "9 files, but 8 different names")


@pytest.mark.parametrize("suffix", ["tgz", "tar.xz", "tar.bz2", "zip"])
def test_an_archive_that_is_cut_or_whose_check_sum_is_wrong_is_refused(tmp_path, folder, suffix):
    path = pack(folder, tmp_path / f"half.{suffix}")
    content = path.read_bytes()
    half = len(content) // 2
    hole = content[:half] + bytes(64) + content[half + 64 :]
    check_sum = content[:-8] + bytes(4) + content[-4:]  # there gzip has it
    for damaged in (content[:5], content[:half], content[:-3], hole, check_sum):
        path.write_bytes(damaged)
        assert_refused(path)


@pytest.mark.parametrize("suffix", ["tar", "zip"])
@pytest.mark.parametrize("name", ["../outside.jpg", "{}/outside.jpg"])
def test_an_archive_can_not_write_outside_its_folder(tmp_path, monkeypatch, suffix, name):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = tmp_path / f"evil.{suffix}"
    add(path, name.format(tmp_path))
    with contextlib.suppress(InputError), unpacked(path) as folder:
        assert [file.name for file in folder.rglob("*.jpg")] == ["outside.jpg"]
    assert os.listdir(tmp_path) == [path.name]


def test_a_python_that_unpacks_no_tar_safely_says_so(tmp_path, folder, monkeypatch):
    path = pack(folder, tmp_path / "images.tar")
    monkeypatch.delattr(tarfile, "data_filter")
    assert_refused(path, "this Python unpacks no tar archive safely")
