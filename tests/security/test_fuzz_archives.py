"""Any bytes in place of an archive: its true members in their folder, or an error of ours."""

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import zipfile
from pathlib import Path

import py7zr
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from diffusion.config.parts import ArchiveLimits
from diffusion.errors import DiffusionError
from diffusion.files.archive import decompress, extract, is_archive, list_members
from fuzzing import fuzz, no_hang

FILES = {"a.csv": b"a;b\n1;2\n" * 30, "d/b.bin": bytes(range(256)), "d/e/empty": b"", "é.txt": b"x"}
LIMITS = ArchiveLimits(1_000_000, 50)


def zipped(method: int) -> bytes:
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, content in FILES.items():
                archive.writestr(name, content)
        return out.getvalue()


def tarred(form: int) -> bytes:
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w", format=form) as archive:
            for name, content in FILES.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return out.getvalue()


def sevenzipped() -> bytes:
    with io.BytesIO() as out:
        with py7zr.SevenZipFile(out, "w") as archive:
            for name, content in FILES.items():
                archive.writestr(content, name)
        return out.getvalue()


TAR = tarred(tarfile.PAX_FORMAT)
CHECKED = {  # their content has a checksum: what comes out is what went in
    "zip": zipped(zipfile.ZIP_DEFLATED),
    "zip stored": zipped(zipfile.ZIP_STORED),
    "7z": sevenzipped(),
    "tar.gz": gzip.compress(TAR, mtime=0),
    "tar.xz": lzma.compress(TAR),
    "tar.bz2": bz2.compress(TAR),
}
ALL = CHECKED | {
    "tar": TAR,
    "tar gnu": tarred(tarfile.GNU_FORMAT),
    "tar.zst": zstd.compress(TAR),
    "gz": gzip.compress(FILES["a.csv"], mtime=0),
    "zst": zstd.compress(FILES["a.csv"]),
}

STARTS = [b"", b"PK\3\4", b"PK\5\6", b"7z\xbc\xaf\x27\x1c\0\4", b"\x1f\x8b\x08", b"BZh91AY&SY"]
STARTS += [b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"]

change = st.tuples(
    st.sampled_from(["flip", "cut", "insert", "drop", "double", "copy"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 255),
    st.integers(1, 40),
)


def changed(data: bytes, how: str, where: float, value: int, size: int) -> bytes:
    # most of the structure stands at both ends: half of the changes go there
    place = int(where * len(data)) if value % 2 else int(where * 120) * (1 if value % 4 else -1)
    place %= max(len(data), 1)
    head, tail = data[:place], data[place:]
    return {
        "flip": head + bytes([(tail[0] if tail else 0) ^ (value or 255)]) + tail[1:],
        "cut": head,
        "insert": head + bytes([value]) * size + tail,
        "drop": head + tail[size:],
        "double": head + tail[:size] + tail,
        "copy": head + data[:size] + tail[size:],
    }[how]


def opened(data: bytes, folder: Path) -> dict[str, bytes] | None:
    """Return what an archive gives, by name; None where it is refused."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path, out = folder / "archive", folder / "out"
    path.write_bytes(data)
    with no_hang():
        try:
            if is_archive(path):
                extract(path, list_members(path, LIMITS), out, LIMITS)
            else:
                decompress(path, out, LIMITS)
        except DiffusionError:
            assert not out.exists() or not any(out.iterdir())
            found = None
        else:
            files = [file for file in out.rglob("*") if not file.is_dir()]
            assert not any(file.is_symlink() for file in files)
            found = {str(file.relative_to(out)): file.read_bytes() for file in files}
    assert {entry.name for entry in folder.iterdir()} <= {"archive", "out"}
    return found


@pytest.mark.parametrize("kind", ALL)
def test_unchanged_they_give_what_went_in(kind: str, tmp_path: Path) -> None:
    found = opened(ALL[kind], tmp_path / "here")
    assert found == (FILES if kind not in ("gz", "zst") else {"archive": FILES["a.csv"]})


@given(st.sampled_from(sorted(ALL)), st.lists(change, min_size=1, max_size=3))
@fuzz(700)
def test_fuzz_a_changed_archive(tmp_path_factory, kind: str, changes: list) -> None:
    data = ALL[kind]
    for one in changes:
        data = changed(data, *one)
    found = opened(data, tmp_path_factory.getbasetemp() / "archives")
    if found is not None and kind in CHECKED:
        assert set(found.values()) <= {*FILES.values(), FILES["a.csv"], TAR}


@given(st.sampled_from(STARTS), st.binary(max_size=600))
@fuzz(200)
def test_fuzz_any_bytes(tmp_path_factory, start: bytes, rest: bytes) -> None:
    opened(start + rest, tmp_path_factory.getbasetemp() / "archives")
