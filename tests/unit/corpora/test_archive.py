"""A hostile zip archive is refused, and nothing is written outside the folder, or at all."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest

from sersnake.corpora.fetch.archive import ArchiveError, unpack
from sersnake.corpora.fetch.source import Limits
from sersnake.errors import SersnakeError

Change = Callable[[ZipInfo], None]


def packed(
    *names: str, change: Change | None = None, mode: int = 0, content: bytes = b"x"
) -> bytes:
    """An archive of files of these names; ``change`` edits the last entry of its directory."""
    memory = io.BytesIO()
    with ZipFile(memory, "w", ZIP_DEFLATED) as archive:
        for name in names:
            entry = ZipInfo(name)
            entry.filename = name  # ZipInfo itself would mend some of the names
            entry.external_attr = mode << 16
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, content)
        if change:
            change(archive.filelist[-1])
    return memory.getvalue()


def refused(archive: bytes, folder: Path, limits: Limits | None = None) -> str:
    """The message of an archive that has to be refused without a trace."""
    with pytest.raises(ArchiveError) as error:
        unpack(io.BytesIO(archive), folder, limits or Limits())
    assert list(folder.iterdir()) == []
    assert list(folder.parent.iterdir()) == [folder]
    return str(error.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inside" / "folder"
    made.mkdir(parents=True)
    return made


def test_files_and_folders_come_out_as_they_went_in(folder: Path) -> None:
    archive = packed("wav/", "wav/a.wav", "silb/deep/b.txt", "read me.txt")
    assert unpack(io.BytesIO(archive), folder, Limits()) == 3
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == [Path("read me.txt"), Path("silb/deep/b.txt"), Path("wav/a.wav")]
    assert (folder / "wav" / "a.wav").read_bytes() == b"x"


@pytest.mark.parametrize(
    "name",
    [
        "/tmp/evil",
        "../evil",
        "wav/../../evil",
        "..",
        "./a",
        "wav//a",
        "",
        "C:/evil",
        "a.wav:stream",
        "..\\evil",
        "\\\\host\\share",
        "bell\a",
        "two\nlines",
        "txt.\u202egnp",
        "n" * 256,
        "ü" * 128,
    ],
)
def test_names_that_lead_out_or_cannot_be_a_file(folder: Path, name: str) -> None:
    assert "entry" in refused(packed("good.wav", name), folder)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_links_and_special_files(folder: Path, mode: int) -> None:
    said = refused(packed("good.wav", "evil", mode=mode | 0o777, content=b"/etc/passwd"), folder)
    assert "is a link or a special file" in said


def test_link_that_the_next_entry_goes_through(folder: Path) -> None:
    memory = io.BytesIO()
    with ZipFile(memory, "w") as archive:
        link = ZipInfo("out")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "..")
        archive.writestr("out/evil", "x")
    assert "'out' is a link" in refused(memory.getvalue(), folder)


@pytest.mark.parametrize("bit", [0x1, 0x40, 0x2000])
def test_encrypted_entry(folder: Path, bit: int) -> None:
    def encrypt(entry: ZipInfo) -> None:
        entry.flag_bits |= bit

    assert "encrypted" in refused(packed("a", change=encrypt), folder)


def test_method_other_than_deflate(folder: Path) -> None:
    memory = io.BytesIO()
    with ZipFile(memory, "w", ZIP_BZIP2) as archive:
        archive.writestr("a", "x" * 100)
    assert "another method than deflate" in refused(memory.getvalue(), folder)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "names",
    [("a", "a"), ("wav/a", "wav/A"), ("ü", "u\u0308"), ("a", "a/"), ("ß", "SS")],
)
def test_two_entries_that_are_one_file_somewhere(folder: Path, names: tuple[str, str]) -> None:
    assert "there twice" in refused(packed(*names), folder)


@pytest.mark.parametrize("names", [("a", "a/b"), ("A/b/c", "a")])
def test_a_file_inside_a_file(folder: Path, names: tuple[str, str]) -> None:
    assert "inside a file" in refused(packed(*names), folder)


def test_too_many_entries(folder: Path) -> None:
    said = refused(packed("a", "b", "c"), folder, Limits(files=2))
    assert said == "it has 3 entries, more than 2"


def test_too_large_together(folder: Path) -> None:
    archive = packed("a", "b", content=b"x" * 600)
    assert unpack(io.BytesIO(archive), folder, Limits(unpacked=1200)) == 2
    for path in folder.iterdir():
        path.unlink()
    assert "1.2 kB, more than 1.2 kB" in refused(archive, folder, Limits(unpacked=1199))


def test_zip_bomb(folder: Path) -> None:
    assert "more than 50 times its size" in refused(packed("a", content=bytes(10**6)), folder)


def test_declared_size_is_a_lie(folder: Path) -> None:
    def shrink(entry: ZipInfo) -> None:
        entry.file_size = 10

    archive = packed("a", change=shrink, content=bytes(10**6))
    with pytest.raises(ArchiveError, match="no sound zip archive"):
        unpack(io.BytesIO(archive), folder, Limits())
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 10


def test_no_room_is_said_before_a_byte_is_written(folder: Path) -> None:
    def swell(entry: ZipInfo) -> None:
        entry.file_size = 2**50

    archive = packed("a", change=swell)
    with pytest.raises(
        SersnakeError, match=r"1125899\.9 GB more are needed and .* are free"
    ) as said:
        unpack(io.BytesIO(archive), folder, Limits(unpacked=2**60, ratio=2**60))
    assert not isinstance(said.value, ArchiveError)  # the archive is kept for the next call
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><title>Log in</title>", b"PK\x03\x04"])
def test_what_is_no_archive_at_all(folder: Path, content: bytes) -> None:
    assert "no sound zip archive" in refused(content, folder)


def test_truncated_archive(folder: Path) -> None:
    assert "no sound zip archive" in refused(packed("a", "b")[:-30], folder)


def test_altered_byte_of_a_file(folder: Path) -> None:
    memory = io.BytesIO()
    with ZipFile(memory, "w", ZIP_STORED) as archive:
        archive.writestr("a", "recording")
    with pytest.raises(ArchiveError, match="Bad CRC-32"):
        unpack(io.BytesIO(memory.getvalue().replace(b"recording", b"recorded!")), folder, Limits())


def test_names_in_an_unknown_encoding_stay_inside(folder: Path) -> None:
    gb18030 = packed("XXXX.wav").replace(b"XXXX", "你好".encode("gb18030"))
    assert unpack(io.BytesIO(gb18030), folder, Limits()) == 1
    (file,) = folder.iterdir()
    assert file.name.endswith(".wav")


def test_name_that_is_not_the_utf8_it_says(folder: Path) -> None:
    archive = packed("ü.wav").replace("ü".encode(), b"\xff\xfe")
    assert "no sound zip archive" in refused(archive, folder)


def test_name_with_a_nul(folder: Path) -> None:
    assert "cannot be shown" in refused(packed("aXb.wav").replace(b"aXb", b"a\0b"), folder)


def test_second_name_in_an_extra_field(folder: Path) -> None:
    """Newer versions of zipfile take the name from the Info-ZIP field 0x7075, older do not."""
    name = b"../evil"
    crc = np.uint32(zipfile.crc32(b"a")).tobytes()
    field = b"\x75\x70" + (5 + len(name)).to_bytes(2, "little") + b"\x01" + crc + name

    def add(entry: ZipInfo) -> None:
        entry.extra = field

    try:
        unpack(io.BytesIO(packed("a", change=add)), folder, Limits())
        assert [path.name for path in folder.iterdir()] == ["a"]
    except ArchiveError:
        assert list(folder.iterdir()) == []
    assert list(folder.parent.iterdir()) == [folder]


def test_random_damage_ends_in_a_clear_error_or_does_no_harm(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sound = np.frombuffer(packed("wav/a.wav", "wav/b.wav", "c", content=b"speech" * 9), np.uint8)
    refusals = 0
    for number in range(100):
        damaged = sound.copy()
        where = rng.integers(0, len(damaged), rng.integers(1, 4))
        damaged[where] = rng.integers(0, 256, len(where))
        folder = tmp_path / "out" / str(number)
        folder.mkdir(parents=True)
        (tmp_path / "zip").write_bytes(damaged.tobytes())
        try:
            with (tmp_path / "zip").open("rb") as archive:
                unpack(archive, folder, Limits())
        except ArchiveError:
            refusals += 1
    assert refusals > 30
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(map(str, range(100)))
    assert {path.name for path in tmp_path.iterdir()} == {"out", "zip"}
