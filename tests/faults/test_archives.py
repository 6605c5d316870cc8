"""What archives do to a fetch: nothing of a stranger's is frozen before it is known to be sound."""

import hashlib
import stat
import tarfile

import pytest

from archives import encrypted_zip, sevenzip_of, tar_of, zip_of
from diffusion.raw.lock import LOCK, write_lock
from faults.harmful import NAMES, shapefile
from faults.rows import NEW, Row
from faults.trial import Trial
from standins import files
from standins.faults import Fault
from standins.server import Standins

CSV = files.content("communes.csv")
GOOD = zip_of([("communes.csv", CSV)])
OTHER = zip_of([("communes.csv", CSV), ("README.txt", b"version 2")])
TWO = zip_of([("communes.csv", CSV), ("regions.csv", b"code\n84\n")])
LINK = (stat.S_IFLNK | 0o777) << 16
MENDED = {"vintage": "2026-03-03"}  # what a user writes once the publisher has corrected the data
LAYER = [{"code": "01", "nom": NAMES[0]}, {"code": "2A", "nom": NAMES[1]}]

COLUMNS = {"code": "string", "population": "int"}
ZIP = {"from": "archive", "url": "{url}/good.zip", "columns": COLUMNS}
SHP = {"from": "archive", "url": "{url}/layer.zip", "member": "*.shp"}


def sent(data: bytes) -> list[Fault]:
    return [Fault(replace=data, content_type="application/zip")]


def changed(data: bytes) -> bytes:
    """One bit in the middle is another."""
    return bytes([*data[: len(data) // 2], data[len(data) // 2] ^ 1, *data[len(data) // 2 + 1 :]])


def refused(name: str, fault: str, data: bytes, *words: str, **source: object) -> Row:
    """An archive that must not be frozen: the same vintage fetches it again."""
    return Row(name, fault, ZIP | source, sent(data), words=(f"sources.{name} http", *words))


UNSAFE = [
    ("parent", "a path with ../", "../../communes.csv", "is an unsafe path"),
    ("absolute", "an absolute path", "/etc/cron.d/communes.csv", "is an absolute path"),
    ("drive", "a path with a drive letter", "C:\\communes.csv", "is an absolute path"),
    ("backslash", "a path with ..\\", "..\\communes.csv", "is an unsafe path"),
]
REPACK = "Ask the publisher for a plain archive"
ROWS = [
    *(
        refused(name, f"{fault}, in a zip", zip_of([(path, CSV)]), repr(path), words, REPACK)
        for name, fault, path, words in UNSAFE
    ),
    refused("parent_tar", "a path with ../, in a tar", tar_of([("../x", CSV)]), "an unsafe path"),
    refused("parent_7z", "a path with ../, in a 7z", sevenzip_of([("../x", CSV)]), "unsafe path"),
    refused(
        "link",
        "a symbolic link, in a zip",
        zip_of([("communes.csv", b"/etc/passwd")], external_attr=LINK),
        "is a link or a device",
        REPACK,
    ),
    refused(
        "link_tar",
        "a symbolic link, in a tar",
        tar_of([("communes.csv", b"")], type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        "is a link or a device",
    ),
    refused(
        "bomb",
        "a zip bomb",
        zip_of([("communes.csv", bytes(20_000_000))]),
        "expands to more than 1,000,000 bytes",
        "Raise `max_size`",
        max_size=1_000_000,
    ),
    refused(
        "bomb_liar",
        "a zip bomb that declares 10 bytes",
        zip_of([("communes.csv", bytes(5_000_000))]).replace(
            (5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
        ),
        "cut short or damaged",
        max_size=1_000_000,
    ),
    Row(
        "bomb_nested",
        "a zip bomb in a zip",
        ZIP | {"max_size": 1_000_000},
        sent(zip_of([("inner.zip", zip_of([("communes.csv", bytes(20_000_000))]))])),
        words=("inner.zip: expands to more than 1,000,000 bytes", "Raise `max_size`"),
        stage="convert_table",
        repair=MENDED,
    ),
    refused(
        "twice",
        "two members of one name",
        zip_of([("communes.csv", CSV), ("communes.csv", b"code\n")]),
        "'communes.csv' is there twice",
        REPACK,
    ),
    refused("encrypted", "an encrypted zip", encrypted_zip([("x.csv", CSV)]), "is encrypted"),
    refused(
        "encrypted_7z",
        "an encrypted 7z",
        sevenzip_of([("x.csv", CSV)], password="secret", header_encryption=True),
        "the archive is encrypted",
    ),
    refused("empty", "an empty zip", zip_of([]), "the archive is empty", "check `url`"),
    refused("cut", "a zip that is cut short", GOOD[:-100], "cut short or damaged"),
    refused("bit", "one bit of a member changed", changed(GOOD), "cut short or damaged"),
    Row(
        "candidates",
        "two candidates",
        ZIP | {"url": "{url}/two.zip"},
        words=("2 datasets in the archive", 'member: "communes.csv"', 'member: "regions.csv"'),
        stage="convert_table",
        repair={"member": "communes.csv"},
    ),
    Row(
        "no_prj",
        "a shapefile without .prj",
        SHP | {"url": "{url}/no_prj.zip"},
        words=("layer.shp: the file states no CRS", 'declare it: `geometry: {crs: "EPSG:4326"}`'),
        stage="convert_table",
        repair={"geometry": {"crs": "EPSG:4326"}},
        expected=LAYER,
    ),
    Row("no_cpg", "a shapefile without .cpg", SHP | {"url": "{url}/no_cpg.zip"}, expected=LAYER),
    Row("cpg_lies", "a .cpg that lies", SHP | {"url": "{url}/cpg_lies.zip"}, expected=LAYER),
    Row(
        "cpg_lies_too",
        "a .cpg that lies: Latin-1",
        SHP | {"url": "{url}/liar.zip"},
        expected=LAYER,
    ),
    Row(
        "no_dbf",
        "a shapefile without .dbf",
        SHP,
        sent(shapefile(without=".dbf")),
        words=("has no .dbf beside it", "a new `vintage`"),
        stage="convert_table",
        repair=MENDED,
        expected=LAYER,
    ),
    Row(
        "lock",
        "another archive than the lock says",
        ZIP,
        sent(OTHER),
        words=("good.zip is not what config/sources.lock.yaml says", "snakemake write_lock"),
    ),
    Row(
        "lock_new",
        "another archive than the lock says, for ever",
        ZIP | {"url": "{url}/other.zip"},
        words=("locked: sha256", "found: sha256", "should become a new `vintage`"),
        repair=MENDED,
    ),
    Row(
        "pin",
        "another archive than `sha256` pins",
        ZIP | {"sha256": hashlib.sha256(GOOD).hexdigest()},
        sent(OTHER),
        words=("sources.pin.sha256: good.zip has sha256", "is pinned", "then change the pin"),
    ),
]
SERVED = {
    "/good.zip": GOOD,
    "/other.zip": OTHER,
    "/two.zip": TWO,
    "/layer.zip": shapefile(),
    "/no_prj.zip": shapefile(without=".prj"),
    "/no_cpg.zip": shapefile(without=".cpg"),
    "/cpg_lies.zip": shapefile(cpg="ISO-8859-1"),
    "/liar.zip": shapefile(encoding="ISO-8859-1"),
}


def locked(name: str) -> dict:
    """The lock of a source whose archive was the good one."""
    entry = {"size": len(GOOD), "sha256": hashlib.sha256(GOOD).hexdigest(), "retrieved": NEW}
    return {"vintage": NEW, "partitions": {"all": [{"name": name, **entry}]}}


@pytest.fixture(scope="module")
def trial(tmp_path_factory, s3):
    with Standins() as standins:
        standins.given |= {path: (data, "application/zip") for path, data in SERVED.items()}
        trial = Trial(tmp_path_factory.mktemp("archives"), s3, standins, ROWS, "Archives")
        lock = {"lock": locked("good.zip"), "lock_new": locked("other.zip")}
        write_lock(lock, trial.project.path(str(LOCK)))
        yield trial.run()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_archives(trial, row, noted):
    noted(trial, row)
