"""Archives of every container, honest and hostile, made as their own tools would refuse to."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile

import py7zr
from backports import zstd

COMPRESS = {"gz": gzip.compress, "zst": zstd.compress, "xz": lzma.compress, "bz2": bz2.compress}


def zip_of(files: list[tuple[str, bytes]], **fields: int) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names, and writes them
        for name, data in files:
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.compress_type = name, zipfile.ZIP_DEFLATED
            for field, value in fields.items():
                setattr(info, field, value)
            archive.writestr(info, data)
    return buffer.getvalue()


def tar_of(files: list[tuple[str, bytes]], **fields: object) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def sevenzip_of(files: list[tuple[str, bytes]], **options: object) -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", **options) as archive:
        for name, data in files:
            archive._writef(io.BytesIO(data), name)  # writef refuses unsafe names
    return buffer.getvalue()


def encrypted_zip(files: list[tuple[str, bytes]]) -> bytes:
    """A zip whose flag in the central directory says that its first member is encrypted."""
    data = bytearray(zip_of(files))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


MAKERS = {"zip": zip_of, "tar": tar_of, "7z": sevenzip_of}


def archive_of(kind: str, files: dict[str, bytes]) -> bytes:
    container, _, compression = kind.partition(".")
    data = MAKERS[container](list(files.items()))
    return COMPRESS[compression](data) if compression else data
