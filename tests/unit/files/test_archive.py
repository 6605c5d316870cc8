"""Archives of every container, honest and hostile; nothing ever lands outside the folder."""

import gzip
import stat
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import py7zr
import pytest

from archives import COMPRESS, MAKERS, archive_of, encrypted_zip, sevenzip_of, tar_of, zip_of
from diffusion.config.parts import ArchiveLimits
from diffusion.errors import DiffusionError
from diffusion.files.archive import decompress, extract, is_archive, list_members, verify
from diffusion.files.members import Member, select_members
from diffusion.files.sniff import sniff

LIMITS = ArchiveLimits(max_size=10_000_000, max_members=100)
NOISE = b"".join(str(i * i * 7919).encode() for i in range(60_000))
FILES = {"dép/communes.csv": NOISE, "empty.txt": b""}
CONTAINERS = ["zip", "7z", "tar", *(f"tar.{kind}" for kind in COMPRESS)]
DAMAGED = "the archive is cut short or damaged: "


def write(folder: Path, data: bytes, name: str = "raw") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(path: Path, limits: ArchiveLimits = LIMITS, members: list[Member] | None = None) -> str:
    """Extract, or decompress, what must be refused; return the words of the error."""
    before = everything(path.parent)
    with pytest.raises(DiffusionError) as caught:
        if members is None:
            members = list_members(path, limits)
        extract(path, members, path.parent / "out" / "in", limits)
    assert everything(path.parent) <= before | {"out", "out/in"}
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_members_come_out_as_they_went_in(tmp_path, kind):
    path = write(tmp_path, archive_of(kind, FILES))
    members = list_members(path, LIMITS)
    assert is_archive(path)
    assert members == [Member("dép/communes.csv", len(NOISE)), Member("empty.txt", 0)]

    out = tmp_path / "new" / "folder"
    assert extract(path, members[::-1], out, LIMITS) == [out / m.name for m in members[::-1]]
    assert {m.name: (out / m.name).read_bytes() for m in members} == FILES
    assert everything(out) == {"dép", *FILES}
    extract(path, members[:1], out, LIMITS)  # a second time, over the first


@pytest.mark.parametrize("kind", CONTAINERS)
def test_only_the_members_asked_for_are_written(tmp_path, kind):
    path = write(tmp_path, archive_of(kind, {"first.csv": NOISE, "./a/b.csv": b"b", "c.csv": b"c"}))
    assert "a/b.csv" in {member.name for member in list_members(path, LIMITS)}
    extract(path, [Member("a/b.csv", 1)], tmp_path / "out", LIMITS)
    assert everything(tmp_path / "out") == {"a", "a/b.csv"}
    assert "holds no member 'z.csv'" in refused(path, members=[Member("z.csv", 1)])


@pytest.mark.parametrize("kind", COMPRESS)
def test_decompress_a_single_file(tmp_path, kind):
    half = len(NOISE) // 2
    parts = COMPRESS[kind](NOISE[:half]), COMPRESS[kind](NOISE[half:])
    path = write(tmp_path, b"".join(parts), f"communes.csv.{kind}")
    assert not is_archive(path)
    assert decompress(path, tmp_path / "out", LIMITS) == tmp_path / "out" / "communes.csv"
    assert (tmp_path / "out" / "communes.csv").read_bytes() == NOISE
    assert everything(tmp_path / "out") == {"communes.csv"}


@pytest.mark.parametrize(
    ("inside", "outside"),
    [("dép.csv", "dép.csv"), ("../dep.csv", "raw"), ("/etc/x", "raw"), ("é" * 128, "raw")],
)
def test_gzip_gives_the_name_unless_it_is_unsafe(tmp_path, inside, outside):
    header = b"\x1f\x8b\x08\x0c" + bytes(6) + b"\x02\x00xx" + inside.encode() + b"\x00"
    path = write(tmp_path, header + gzip.compress(b"data", mtime=0)[10:], "raw.gz")
    assert decompress(path, tmp_path / "out", LIMITS) == tmp_path / "out" / outside
    assert everything(tmp_path) == {"raw.gz", "out", f"out/{outside}"}


def test_the_archive_itself_is_never_replaced(tmp_path):
    data = archive_of("zip", {"raw": b"other"})
    path = write(tmp_path, data)
    with pytest.raises(DiffusionError, match="'raw' would replace the archive itself"):
        extract(path, list_members(path, LIMITS), tmp_path, LIMITS)
    assert path.read_bytes() == data
    assert everything(tmp_path) == {"raw"}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "C:\\x", "C:x", "..\\x", "a\\b", "a\nb", "é" * 128]
)
def test_unsafe_names_are_refused(tmp_path, kind, name):
    path = write(tmp_path, MAKERS[kind]([("good.csv", b"1"), (name, b"2")]))
    if kind == "7z":
        name = name.replace("\\", "/")  # as py7zr reads it: there, a\b is in the folder a
        if name == "a/b":
            return
    words = refused(path)
    assert f"the member {name!r} is a" in words
    assert " path" in words
    # Nor may it pass when the list of members was not asked for.
    assert " path" in refused(path, members=[Member("good.csv", 1), Member(name, 1)])


def test_backslashes_of_dos_are_separators(tmp_path):
    """As .NET before 4.6.1 wrote them, against the specification."""
    path = write(tmp_path, zip_of([("a\\b.csv", b"1"), ("a\\c\\d.csv", b"2")], create_system=0))
    extract(path, list_members(path, LIMITS), tmp_path / "out", LIMITS)
    assert everything(tmp_path / "out") == {"a", "a/b.csv", "a/c", "a/c/d.csv"}
    path = write(tmp_path, zip_of([("..\\x", b"1")], create_system=0))
    assert "the member '../x' is an unsafe path" in refused(path)


def test_a_name_behind_a_nul_is_refused(tmp_path):
    data = zip_of([("good.csv-../x", b"1")]).replace(b".csv-", b".csv\x00")
    assert "an unsafe path" in refused(write(tmp_path, data))


@pytest.mark.parametrize(
    "type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, b"Z"]
)
def test_tar_links_and_devices_are_refused(tmp_path, type_):
    path = write(tmp_path, tar_of([("x", b"")], type=type_, linkname="/etc/passwd"))
    assert "the member 'x' is a link or a device" in refused(path)


def test_zip_and_7z_links_are_refused(tmp_path):
    attributes = (stat.S_IFLNK | 0o777) << 16
    path = write(tmp_path, zip_of([("x", b"/etc/passwd")], external_attr=attributes))
    assert "the member 'x' is a link or a device" in refused(path)

    (tmp_path / "link").symlink_to("raw")
    with py7zr.SevenZipFile(tmp_path / "links.7z", "w") as archive:
        archive.write(tmp_path / "link", "link")
    assert "the member 'link' is a link or a device" in refused(tmp_path / "links.7z")


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    "names", [("a.csv", "a.csv"), ("a.csv", "A.CSV"), ("é", "e\u0301"), ("a", "a/b"), ("A/b", "a")]
)
def test_two_members_for_one_file_are_refused(tmp_path, kind, names):
    path = write(tmp_path, MAKERS[kind]([(name, b"1") for name in names]))
    assert f"the member {names[1]!r} is there twice" in refused(path)


def test_encrypted_archives_are_refused(tmp_path):
    assert "the member 'x' is encrypted" in refused(write(tmp_path, encrypted_zip([("x", b"1")])))
    data = sevenzip_of([("x", b"1")], password="secret")
    assert "the member 'x' is encrypted" in refused(write(tmp_path, data))
    data = sevenzip_of([("x", b"1")], password="secret", header_encryption=True)
    assert "the archive is encrypted" in refused(write(tmp_path, data))


def test_methods_that_take_unbounded_memory_are_refused(tmp_path):
    data = sevenzip_of([("x", NOISE)], filters=[{"id": py7zr.FILTER_ZSTD, "level": 3}])
    assert "compressed by ZStandard" in refused(write(tmp_path, data))
    data = zip_of([("x", NOISE)], compress_type=zipfile.ZIP_BZIP2)
    assert "compressed by method 12" in refused(write(tmp_path, data))


@pytest.mark.parametrize("kind", CONTAINERS)
def test_limits_name_the_member_and_the_key(tmp_path, kind):
    path = write(tmp_path, archive_of(kind, {"a": bytes(600), "b": bytes(600), "c": b""}))
    with pytest.raises(DiffusionError, match=r"more than 1,000 bytes \(`max_size`\), at 'b'"):
        list_members(path, ArchiveLimits(max_size=1000, max_members=3))
    with pytest.raises(DiffusionError, match=r"more than 2 members \(`max_members`\), up to 'c'"):
        list_members(path, ArchiveLimits(max_size=1200, max_members=2))
    assert len(list_members(path, ArchiveLimits(max_size=1200, max_members=3))) == 3


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_bomb_is_stopped_at_the_limit(tmp_path, kind):
    """A stream declares no size: only counting what comes out stops it."""
    path = write(tmp_path, COMPRESS[kind](bytes(50_000_000)), "bomb.csv")
    before = everything(tmp_path)
    with pytest.raises(DiffusionError, match=r"`max_size`\), at 'bomb'"):
        decompress(path, tmp_path / "out", LIMITS)
    assert everything(tmp_path) == before | {"out"}


def test_a_workbook_is_verified_as_the_zip_that_it_is(tmp_path):
    """Its texts are held in memory as it is read: it has the same limits, and the same checks."""
    parts = [("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", NOISE)]
    path = write(tmp_path, zip_of(parts))
    assert sniff(path) == "xlsx"
    verify(path, LIMITS)
    with pytest.raises(DiffusionError, match=r"`max_size`\), at 'xl/sharedStrings.xml'"):
        verify(path, ArchiveLimits(max_size=100_000, max_members=10))
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    with pytest.raises(DiffusionError, match=DAMAGED):
        verify(write(tmp_path, bytes(damaged)), LIMITS)


@pytest.mark.parametrize("declared", [10, 6_000_000])
def test_a_zip_that_lies_about_sizes_is_refused(tmp_path, declared):
    true, lie = ((n).to_bytes(4, "little") for n in (5_000_000, declared))
    data = zip_of([("bomb.csv", bytes(5_000_000))]).replace(true, lie)
    path = write(tmp_path, data)
    assert list_members(path, LIMITS) == [Member("bomb.csv", declared)]
    assert DAMAGED in refused(path)


def test_bytes_are_counted_even_when_the_list_is_not_checked(tmp_path):
    """The limit of what is written does not rest on what the headers say."""
    path = write(tmp_path, archive_of("7z", {"a": NOISE}))
    assert "`max_size`" in refused(path, ArchiveLimits(1000, 10), [Member("a", 10)])


def test_what_follows_the_end_of_a_tar_is_limited(tmp_path):
    path = write(tmp_path, gzip.compress(tar_of([("a", b"1")]) + bytes(50_000_000)))
    assert "`max_size`" in refused(path)


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("keep", [0.3, 0.6, 0.97])
def test_a_truncated_archive_is_refused(tmp_path, kind, keep):
    data = archive_of(kind, FILES)
    path = write(tmp_path, data[: int(len(data) * keep)])
    assert DAMAGED in refused(path)


@pytest.mark.parametrize("kind", COMPRESS)
@pytest.mark.parametrize("cut", [1, 5, 1000])
def test_a_truncated_stream_is_refused(tmp_path, kind, cut):
    path = write(tmp_path, COMPRESS[kind](NOISE)[:-cut], "communes.csv")
    with pytest.raises(DiffusionError, match=DAMAGED):
        decompress(path, tmp_path / "out", LIMITS)
    assert everything(tmp_path) == {"communes.csv", "out"}


@pytest.mark.parametrize("kind", [kind for kind in CONTAINERS if kind not in ("tar", "tar.zst")])
def test_a_changed_byte_is_noticed(tmp_path, kind):
    """Plain tar has no checksum of its data, nor has zst as most tools write it."""
    data = bytearray(archive_of(kind, FILES))
    data[len(data) // 3] ^= 0xFF
    words = refused(write(tmp_path, data))
    # Even the first block of a changed bz2 is another: nothing shows that it was a tar.
    assert (DAMAGED if kind != "tar.bz2" else "is bz2, not an archive") in words


@pytest.mark.parametrize("kind", [kind for kind in CONTAINERS if kind not in ("tar", "tar.zst")])
def test_what_is_inside_is_verified_before_it_is_frozen(tmp_path, kind):
    whole = archive_of(kind, FILES)
    verify(write(tmp_path, whole), LIMITS)
    broken = bytearray(whole)
    broken[len(whole) // 3] ^= 0xFF
    with pytest.raises(DiffusionError, match=DAMAGED):
        verify(write(tmp_path, broken), LIMITS)
    assert everything(tmp_path) == {"raw"}


@pytest.mark.parametrize("files", [[], [("folder/", b"")]])
def test_an_empty_archive_is_not_frozen(tmp_path, files):
    with pytest.raises(DiffusionError, match="the archive is empty"):
        verify(write(tmp_path, zip_of(files)), LIMITS)


def test_tar_must_have_its_end_and_sound_headers(tmp_path):
    data = tar_of([("a", b"1"), ("b", b"2")])
    assert DAMAGED in refused(write(tmp_path, data[:1024]))  # whole members, no end
    broken = bytearray(data)
    broken[1024] ^= 1  # tarfile would list `a` and stop there without a word
    assert DAMAGED in refused(write(tmp_path, broken))
    endless = tarfile.TarInfo("a")
    endless.size = -512  # the next header is this one
    path = write(tmp_path, endless.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    assert "a header declares -512 bytes" in refused(path)


def test_memory_does_not_follow_the_size(tmp_path):
    big = bytes(60_000_000)
    limits = ArchiveLimits(max_size=100_000_000, max_members=10)
    long_name = tar_of([("././@LongLink", big)], type=tarfile.GNUTYPE_LONGNAME)
    archives = [write(tmp_path, archive_of(kind, {"a": big}), kind) for kind in CONTAINERS[2:]]
    archives.append(write(tmp_path, zip_of([("a", big)]), "zip"))
    stream = write(tmp_path, gzip.compress(big), "stream.gz")
    bomb = write(tmp_path, gzip.compress(long_name), "bomb")
    crowd = zip_of([(f"{i:0500}", b"") for i in range(5000)])
    crowd = write(tmp_path, crowd, "crowd")
    del big, long_name

    tracemalloc.start()
    for path in archives:
        extract(path, list_members(path, limits), tmp_path / "out", limits)
    decompress(stream, tmp_path / "out", limits)
    assert "a header declares 60,000,000 bytes" in refused(bomb, limits)
    assert "list of members" in refused(crowd, limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_what_is_no_archive_is_named(tmp_path):
    assert "is html, not an archive" in refused(write(tmp_path, b"<html>"))
    with pytest.raises(DiffusionError, match="is text, not a file compressed by"):
        decompress(write(tmp_path, b"a,b"), tmp_path / "out", LIMITS)


def test_nested_archives_are_plain_files(tmp_path):
    inner = zip_of([("../x", b"1")])
    path = write(tmp_path, zip_of([("inner.zip", inner)]))
    [out] = extract(path, list_members(path, LIMITS), tmp_path / "out", LIMITS)
    assert out.read_bytes() == inner


def members(*names: str) -> list[Member]:
    return [Member(name, 1) for name in names]


SHP = members(*(f"a/DEP.{end}" for end in ("SHP", "shx", "dbf", "prj", "cpg", "shp.xml")))
OTHER = members("b/dep.shp", "b/dep.shx", "b/dep.dbf")
CLUTTER = members(
    "__MACOSX/a/DEP.SHP", "a/._DEP.SHP", "README.txt", "a/LICENCE.html", "doc.PDF", "a/.DS_Store"
)


@pytest.mark.parametrize(
    ("names", "pattern", "main"),
    [
        (SHP + CLUTTER, None, "a/DEP.SHP"),
        (SHP + CLUTTER, "*.shp", "a/DEP.SHP"),
        (SHP + OTHER, "b/*.shp", "b/dep.shp"),
        (SHP + OTHER, "**/b/dep.*", "b/dep.shp"),
        (OTHER[:3] + members("b/dep2.dbf", "readme.md"), "dep.shp", "b/dep.shp"),
        (members("a.csv", "x/y/b.csv"), "**/b.csv", "x/y/b.csv"),
        (members("a.csv", "x/b.csv"), "**/a.csv", "a.csv"),
        (members("x/a.csv", "x/y/a.csv"), "x/*.csv", "x/a.csv"),
        (members("a[1].csv", "a1.csv"), "a[1].csv", "a[1].csv"),
        (members("README.md", "a.csv"), "*.md", "README.md"),
        (members("de\u0301p.csv", "b.csv"), "dép.csv", "de\u0301p.csv"),
        (members("alone.dbf"), None, "alone.dbf"),
        (members("a.csv", "a.csv.md5", "x/desktop.ini", "metadata.xml"), None, "a.csv"),
        (members("a.csv", "style.qml", "SHA256SUMS", "creation.sql"), None, "a.csv"),
        (members("data.xml", "metadata.xml"), "metadata.xml", "metadata.xml"),
    ],
)
def test_select_one_dataset(names, pattern, main):
    [group] = select_members(names, pattern, many=False, where="sources.dep.member")
    assert group[0].name == main
    siblings = [m for m in names if main.lower().endswith(".shp") and m.name[:6] == main[:6]]
    assert sorted(m.name for m in group) == sorted(m.name for m in siblings or group[:1])


def test_select_several_datasets():
    groups = select_members(SHP + OTHER + CLUTTER, None, many=True, where="")
    assert [[m.name for m in group[:2]] for group in groups] == [
        ["a/DEP.SHP", "a/DEP.cpg"],
        ["b/dep.shp", "b/dep.dbf"],
    ]


@pytest.mark.parametrize(
    ("names", "pattern", "words"),
    [
        (SHP + OTHER, None, ["2 datasets", 'member: "a/DEP.SHP"', 'member: "b/dep.shp"', "many"]),
        (SHP + OTHER, "*.dbf", ["matches '*.dbf'", 'member: "b/dep.shp"']),
        (members(*(f"{i:02}.csv" for i in range(13))), None, ['"09.csv"', "… and 3 more"]),
        (CLUTTER, None, ["no data file in the archive", "README.txt"]),
        ([], None, ["no data file", "`url`"]),
        (OTHER[:2], None, ["'b/dep.shp' has no .dbf beside it"]),
        (OTHER[:1] + SHP, "b/*", ["has no .dbf and no .shx beside it", "complete"]),
    ],
)
def test_select_explains_what_it_cannot_choose(names, pattern, words):
    with pytest.raises(DiffusionError) as caught:
        select_members(names, pattern, many=False, where="sources.dep.member")
    assert caught.value.where == "sources.dep.member"
    for word in words:
        assert word in str(caught.value)
    assert "10.csv" not in str(caught.value)
