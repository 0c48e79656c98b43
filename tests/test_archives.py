import contextlib
import gzip
import io
import os
import tarfile
import zipfile

import pytest
from PIL import Image

from pyimagesearch.archives import unpacked
from pyimagesearch.images import DatasetError, find_images
from small_images import class_folders, pack, save


def names(path):
    with unpacked(path) as folder:
        return [(label, file.name) for label, file in find_images(folder)]


@pytest.fixture
def folder(tmp_path):
    return class_folders(tmp_path / "images", count=4)


def assert_refused(path, reason=""):
    with pytest.raises(DatasetError) as error, unpacked(path):
        pass
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith("; expected a folder, or a whole tar or zip archive of images")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize("suffix", ["tar", "tgz", "tar.xz", "tar.bz2", "zip"])
@pytest.mark.parametrize("outer", [False, True])
def test_archives_of_each_kind_are_read(tmp_path, folder, suffix, outer):
    path = pack(tmp_path if outer else folder, tmp_path.parent / f"{tmp_path.name}.{suffix}")
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


def test_a_tar_with_a_single_block_of_zeros_at_its_end_is_whole(tmp_path, folder):
    # as old versions of GNU tar wrote them
    path = pack(folder, tmp_path / "old.tar")
    with tarfile.open(path) as archive:
        *_, last = archive
    end = last.offset_data + -(-last.size // 512) * 512
    path.write_bytes(path.read_bytes()[: end + 512])
    assert len(names(path)) == 8


def test_a_tar_with_another_behind_it_is_refused(tmp_path, folder):
    path = pack(folder, tmp_path / "two.tar")
    path.write_bytes(path.read_bytes() * 2)
    assert_refused(path, "follows the archive's end")


def test_an_encrypted_zip_is_said(tmp_path, folder):
    content = bytearray(pack(folder, tmp_path / "secret.zip").read_bytes())
    for signature, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        # of the first file, in the archive's directory and before its content
        name = content.index(b"daisy/0.png", content.index(signature))
        content[content.rindex(signature, 0, name) + flags] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(content)
    assert_refused(path, "is encrypted")


def test_a_wrong_check_sum_is_noticed(tmp_path):
    for label in ("daisy", "iris"):
        for n in range(4):
            save(tmp_path / "images" / label / f"{n}.bmp")
    tar = pack(tmp_path / "images", tmp_path / "images.tar").read_bytes()
    content = bytearray(gzip.compress(tar, compresslevel=0))  # stored: pixels stand as they are
    pixel = content.index(bytes((30, 200, 10)) * 10)
    content[pixel] ^= 255
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


def test_a_hard_link_to_nowhere_is_refused(tmp_path):
    path = tmp_path / "link.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("daisy/1.png")
        link.type, link.linkname = tarfile.LNKTYPE, "daisy/0.png"
        archive.addfile(link)
    assert_refused(path, "daisy/0.png")


def pack_one(path, name):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, b"")
    else:
        with tarfile.open(path, "w:gz") as archive:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return path


@pytest.mark.parametrize("suffix", ["tgz", "zip"])
def test_an_archive_can_not_write_outside_its_folder(tmp_path, suffix):
    path = tmp_path / f"evil.{suffix}"
    for name in ("../outside.jpg", str(tmp_path / "outside.jpg")):
        with contextlib.suppress(DatasetError), unpacked(pack_one(path, name)) as folder:
            assert [file.name for file in folder.rglob("*.jpg")] == ["outside.jpg"]
    assert os.listdir(tmp_path) == [path.name]


def test_a_link_in_a_tar_can_not_lead_outside(tmp_path):
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("daisy")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        archive.addfile(link)
    assert_refused(path, "daisy")


def test_a_link_in_a_zip_leads_nowhere(tmp_path, folder):
    save(tmp_path / "secret.png")
    path = pack(folder, tmp_path / "link.zip")
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("daisy/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(tmp_path / "secret.png"))
    assert ("daisy", "link") not in names(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes")
def test_a_pipe_is_no_archive_to_wait_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.tgz")
    with (
        pytest.raises(DatasetError, match="no such file or folder"),
        unpacked(tmp_path / "pipe.tgz"),
    ):
        pass


def test_an_error_names_the_archive_and_its_file_not_where_it_was_unpacked(tmp_path, folder):
    path = pack(folder, tmp_path / "flowers.zip")
    with pytest.raises(DatasetError) as error, unpacked(path) as where:
        raise DatasetError(f"{where / 'daisy' / '1.png'}: bad; expected good")
    assert str(error.value) == f"{path}: daisy/1.png: bad; expected good"
    Image.new("L", (1, 1)).save(tmp_path / "one.png")
    path = pack(tmp_path / "images" / "daisy", tmp_path / "flat.zip")
    with pytest.raises(DatasetError) as error:
        names(path)
    assert str(error.value).startswith(f"{path}: expected image_0001.jpg")
