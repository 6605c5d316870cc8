"""Members of an archive that are compressed by themselves are read as what is in them."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest
from backports import zstd

from conversions import Converter, refusal

TEXT = b"code;v\n01;1\n2A;2\n"
FOUND = {"code": ["01", "2A"], "v": [1, 2]}


def zipped(folder: Path, **members: bytes) -> Path:
    file = folder / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return file


def named(data: bytes) -> bytes:
    """Return a gzip whose header has the name of its file: always the same."""
    out = io.BytesIO()
    with gzip.GzipFile("data.csv", "wb", fileobj=out) as file:
        file.write(data)
    return out.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, lzma.compress, bz2.compress])
def test_each_compression_in_a_zip_and_in_a_tar(tmp_path, pack):
    converter = Converter(tmp_path)
    file = zipped(tmp_path, data__csv__gz=pack(TEXT))
    assert converter.columns(file) == FOUND
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("x/data.csv.xz")
        member.size = len(pack(TEXT))
        archive.addfile(member, io.BytesIO(pack(TEXT)))
    keys = {"from": "archive", "member": "*.csv.xz"}
    assert converter.columns(tmp_path / "a.tar.gz", **keys) == FOUND


def test_each_of_several_keeps_its_place_and_name(tmp_path):
    texts = (TEXT, TEXT.replace(b"01;1", b"03;3"))
    first, second = (named(text) for text in texts)
    file = zipped(tmp_path, a__csv__gz=first, b__csv__gz=second)
    found = Converter(tmp_path).columns(file, members="many")
    assert found["code"] == ["01", "2A", "03", "2A"]
    assert found["member"] == ["a.csv.gz"] * 2 + ["b.csv.gz"] * 2


@pytest.mark.parametrize(
    ("data", "keys", "words"),
    [
        (gzip.compress(TEXT)[:-6], {}, "a.csv.gz: the archive is cut short or damaged"),
        (gzip.compress(b"a\n" * 10**6), {"max_size": 10**5}, "a.csv.gz: expands to more than"),
        (gzip.compress(gzip.compress(TEXT)), {}, "is an archive in an archive (gz)"),
    ],
    ids=["cut", "large", "twice"],
)
def test_a_member_that_cannot_be_read_is_named(tmp_path, data: bytes, keys: dict, words: str):
    file = zipped(tmp_path, a__csv__gz=data)
    said = refusal(Converter(tmp_path), file, **{"from": "archive", **keys})
    assert said.startswith("a.csv.gz: ") and words in said
