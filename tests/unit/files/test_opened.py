"""Archives in an archive: opened by their names, counted with what is around them."""

from pathlib import Path

import pytest

from archives import archive_of, encrypted_zip, zip_of
from conversions import Converter, refusal
from diffusion.config.parts import ArchiveLimits
from diffusion.errors import DiffusionError
from diffusion.files.opened import open_datasets

LIMITS = ArchiveLimits(max_size=1_000_000, max_members=20)
ONE, TWO = b"code;v\n01;1\n", b"code;v\n2A;2\n"


def opened(
    tmp_path: Path, data: bytes, pattern: str | None, *, many: bool = False, limits=LIMITS
) -> dict[str, bytes]:
    """Open an archive; returns name → bytes of each dataset."""
    path = tmp_path / "raw"
    path.write_bytes(data)
    found = open_datasets(path, pattern, many, limits, tmp_path / "place", "https://x.org/a.zip")
    return {dataset.name: dataset.main.read_bytes() for dataset in found}


def refused(tmp_path: Path, data: bytes, pattern: str | None = None, **keys: object) -> str:
    with pytest.raises(DiffusionError) as error:
        opened(tmp_path, data, pattern, **keys)
    return str(error.value)


def years(*names: str) -> bytes:
    """A zip of archives, each with a table and a text about it."""
    texts = (("LISEZMOI.txt", b"about"), ("d/a.csv", ONE))
    return zip_of([(name, archive_of(name.partition(".")[2], dict(texts))) for name in names])


@pytest.mark.parametrize(
    ("pattern", "many", "names"),
    [
        ("2024.zip/*.csv", False, ["2024.zip/d/a.csv"]),
        ("2023.tar.gz/d/*.csv", False, ["2023.tar.gz/d/a.csv"]),
        ("2022.7z/**", False, ["2022.7z/d/a.csv"]),
        ("2022.7z", False, ["2022.7z/d/a.csv"]),
        ("*.zip", True, ["2024.zip/d/a.csv"]),
        ("*.tar.gz/*.csv", False, ["2023.tar.gz/d/a.csv"]),
        (None, True, ["2022.7z/d/a.csv", "2023.tar.gz/d/a.csv", "2024.zip/d/a.csv"]),
    ],
)
def test_a_glob_leads_into_archives(
    tmp_path: Path, pattern: str | None, many: bool, names: list[str]
) -> None:
    data = years("2022.7z", "2023.tar.gz", "2024.zip")
    assert list(opened(tmp_path, data, pattern, many=many)) == names


def test_the_only_one_is_opened(tmp_path: Path) -> None:
    inner = zip_of([("b.zip", zip_of([("c.csv", ONE)])), ("README.md", b"")])
    assert opened(tmp_path, zip_of([("a.zip", inner)]), None) == {"a.zip/b.zip/c.csv": ONE}


def test_a_folder_that_is_called_so_is_one(tmp_path: Path) -> None:
    data = zip_of([("x.zip/a.csv", ONE), ("b/x.zip", zip_of([("a.csv", TWO)]))])
    assert opened(tmp_path, data, "x.zip/*.csv") == {"x.zip/a.csv": ONE}


def test_tables_of_several_archives_are_one(tmp_path: Path) -> None:
    texts = {"2023.zip": ONE, "2024.zip": TWO}
    file = tmp_path / "all.zip"
    file.write_bytes(zip_of([(name, zip_of([("a.csv", t)])) for name, t in texts.items()]))
    found = Converter(tmp_path).columns(file, member="*.zip/a.csv", members="many")
    assert (found["code"], found["v"]) == (["01", "2A"], [1, 2])
    assert found["member"] == ["2023.zip/a.csv", "2024.zip/a.csv"]


@pytest.mark.parametrize(
    ("data", "pattern", "words"),
    [
        (
            years("1.zip", "2.zip"),
            "*.zip/a.csv",
            'many` to take them all):\n    member: "1.zip/d/a.csv"\n    member: "2.zip/d/a.csv"',
        ),
        (years("1.zip", "2.zip"), None, 'member: "1.zip"\n    member: "2.zip"'),
        (years("1.zip"), "1.zip/*.xlsx", 'member: "1.zip/d/a.csv"'),
        (years("1.zip"), "2.zip/*.csv", "no data file in the archive matches '2.zip/*.csv'"),
        (zip_of([("a.zip", b"a,b\n1,2\n")]), "a.zip/*.csv", "no data file in the archive"),
        (
            zip_of([("a.zip", zip_of([("../x", b"1")]))]),
            None,
            "a.zip: the member '../x' is an unsa",
        ),
        (
            zip_of([("a.zip", encrypted_zip([("x", b"1")]))]),
            None,
            "a.zip: the member 'x' is encryp",
        ),
        (zip_of([("a.zip", zip_of([("x", ONE * 99)])[:-9])]), None, "a.zip: the archive is cut sh"),
    ],
)
def test_what_is_refused_is_named(tmp_path: Path, data: bytes, pattern: str, words: str) -> None:
    assert words in refused(tmp_path, data, pattern)


def test_limits_are_of_all_archives_together(tmp_path: Path) -> None:
    many = [(f"{n}.zip", zip_of([("a.csv", bytes(300_000)), ("b.csv", b"")])) for n in range(4)]
    said = refused(tmp_path, zip_of(many), "*.zip/a.csv", many=True)
    assert "3.zip: expands to more than 1,000,000 bytes (`max_size`), at 'a.csv'" in said
    few = ArchiveLimits(max_size=10_000_000, max_members=11)
    said = refused(tmp_path, zip_of(many), "*.zip/a.csv", many=True, limits=few)
    assert "3.zip: holds more than 11 members (`max_members`)" in said


def test_archives_without_end_are_refused(tmp_path: Path) -> None:
    data = zip_of([("a.csv", ONE)])
    for _ in range(4):
        data = zip_of([("a.zip", data)])
    assert "a.zip/a.zip/a.zip: is an archive in 3 others" in refused(tmp_path, data)


def test_a_damaged_archive_leaves_no_table(tmp_path: Path) -> None:
    inner = bytearray(zip_of([("a.csv", ONE * 1000)]))
    inner[60] ^= 1
    file = tmp_path / "all.zip"
    file.write_bytes(zip_of([("i.zip", bytes(inner))]))
    said = refusal(Converter(tmp_path), file, **{"from": "archive"})
    assert said.startswith("i.zip: the archive is cut short or damaged")
