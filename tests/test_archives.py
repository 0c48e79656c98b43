import contextlib
import gzip
import io
import os
import tarfile
import zipfile

import pytest

from pyimagesearch.archives import unpacked
from pyimagesearch.images import find_images
from pyimagesearch.plumbing.errors import InputError
from small_images import class_folders, pack


def names(path):
    with unpacked(path) as folder:
        return [(label, file.name) for label, file in find_images(folder)]


@pytest.fixture
def folder(tmp_path):
    return class_folders(tmp_path / "images", count=4)


def assert_refused(path, reason=""):
    with pytest.raises(InputError) as error, unpacked(path):
        pass
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith("; expected a folder, or a whole tar or zip archive of images")
    assert reason in message


@pytest.mark.parametrize("suffix", ["tar", "tgz", "tar.xz", "tar.bz2", "zip"])
def test_archives_of_each_kind_are_read(tmp_path, folder, suffix):
    # with one more folder round the classes
    path = pack(tmp_path, tmp_path.parent / f"{tmp_path.name}.{suffix}")
    assert names(path) == [
        (label, f"{n}.png") for label in ("daisy", "wild rose") for n in range(4)
    ]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_tar_cut_at_a_member_is_not_whole(tmp_path, folder, compressed):
    whole = pack(folder, tmp_path / "whole.tar")
    with tarfile.open(whole) as archive:
        offsets = [member.offset for member in archive][1:]
    for offset in offsets:
        content = whole.read_bytes()[:offset]
        cut = tmp_path / "cut.tar"
        cut.write_bytes(gzip.compress(content) if compressed else content)
        assert_refused(cut, "not a whole archive")


@pytest.mark.parametrize("damage", [b"\xff", bytes(512)])
def test_a_tar_with_a_damaged_header_is_not_whole(tmp_path, folder, damage):
    path = pack(folder, tmp_path / "damaged.tar")
    content = path.read_bytes()
    with tarfile.open(path) as archive:
        offsets = [member.offset for member in archive]
    for offset in offsets:
        path.write_bytes(content[:offset] + damage + content[offset + len(damage) :])
        assert_refused(path)


def test_a_tar_with_another_behind_it_is_refused(tmp_path, folder):
    path = pack(folder, tmp_path / "two.tar")
    path.write_bytes(path.read_bytes() * 2)
    assert_refused(path, "follows the archive's end")


def test_a_tar_is_not_taken_for_a_zip_that_it_holds(tmp_path, folder):
    pack(folder / "daisy", folder / "zip.zip")
    assert len(names(pack(folder, tmp_path / "images.tar"))) == 8


@pytest.mark.parametrize("suffix", ["tar", "zip"])
def test_two_members_of_one_name_are_refused(tmp_path, folder, suffix):
    # the second would replace the first, an image of the data set, without a word
    path = pack(folder, tmp_path / f"twice.{suffix}")
    if suffix == "tar":
        with tarfile.open(path, "a") as archive:
            archive.add(folder / "daisy" / "1.png", "daisy/0.png")
    else:
        with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
            archive.write(folder / "daisy" / "1.png", "daisy/0.png")
    assert_refused(path, "9 files, but 8 different names")


def test_a_wrong_check_sum_is_noticed(tmp_path, folder):
    tar = pack(folder, tmp_path / "images.tar").read_bytes()
    content = bytearray(gzip.compress(tar, compresslevel=0))  # stored: all bytes stand as they are
    content[content.index(b"IDAT")] ^= 255
    path = tmp_path / "changed.tgz"
    path.write_bytes(content)
    assert_refused(path, "CRC check failed")


@pytest.mark.parametrize("suffix", ["tgz", "tar.xz", "tar.bz2", "zip"])
def test_half_an_archive_is_refused(tmp_path, folder, suffix):
    path = pack(folder, tmp_path / f"half.{suffix}")
    content = path.read_bytes()
    for length in (5, len(content) // 2, len(content) - 3):
        path.write_bytes(content[:length])
        assert_refused(path)
    path.write_bytes(content[: len(content) // 2] + bytes(64) + content[len(content) // 2 + 64 :])
    assert_refused(path)


@pytest.mark.parametrize("suffix", ["tgz", "zip"])
@pytest.mark.parametrize("name", ["../outside.jpg", "{}/outside.jpg"])
def test_an_archive_can_not_write_outside_its_folder(tmp_path, suffix, name):
    path, name = tmp_path / f"evil.{suffix}", name.format(tmp_path)
    if suffix == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, b"")
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with contextlib.suppress(InputError), unpacked(path) as folder:
        assert [file.name for file in folder.rglob("*.jpg")] == ["outside.jpg"]
    assert os.listdir(tmp_path) == [path.name]


def test_a_link_in_a_tar_can_not_lead_outside(tmp_path):
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("daisy")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        archive.addfile(link)
    assert_refused(path, "daisy")
