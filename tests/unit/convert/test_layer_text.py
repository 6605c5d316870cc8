"""The text of shapefiles: read as what it is, or refused; never with signs in its place."""

import geopandas
import pyarrow as pa
import pytest
from shapely import Point

from conversions import refusal
from diffusion.convert.layers.layer_text import Texts
from diffusion.errors import EncodingError

WORDS = {"nom": ["Rhone", "Herault"]}
ACCENTS = {"Rhone": "Rhône", "Herault": "Hérault"}


def shapefile(converter, codec: str, byte: int, cpg: str | None = None, accents=ACCENTS, **columns):
    """Write a shapefile with words in a codec, its language byte, and what its .cpg says."""
    file = converter.folder / "a.shp"
    points = [Point(2, 48), Point(3, 44)]
    geopandas.GeoDataFrame(columns or WORDS, geometry=points, crs=4326).to_file(file)
    file.with_suffix(".cpg").unlink()
    if cpg:
        file.with_suffix(".cpg").write_text(cpg)
    data = bytearray(file.with_suffix(".dbf").read_bytes())
    data[29] = byte
    data = bytes(data)
    for plain, word in accents.items():
        data = data.replace(plain.encode(), word.encode(codec) if codec else word)
    file.with_suffix(".dbf").write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("codec", "byte", "cpg", "declared"),
    [
        ("cp850", 2, None, "auto"),
        ("cp437", 1, None, "auto"),
        ("cp850", 0, None, "cp850"),
        ("cp850", 0x57, "1252", "cp850"),  # what is declared counts before all else
        ("mac_roman", 0, None, "mac_roman"),
        ("cp1252", 0, None, "auto"),
        ("latin-1", 0, None, "latin-1"),
        ("iso8859-15", 2, "ISO 8859-15", "auto"),  # a .cpg before the byte
        ("mac_roman", 0, "macroman", "auto"),
    ],
)
def test_text_is_what_it_is_stated_to_be(converter, codec, byte, cpg, declared):
    table = converter.table(shapefile(converter, codec, byte, cpg), encoding=declared)
    assert sorted(table["nom"].to_pylist()) == ["Hérault", "Rhône"]


def test_names_of_columns_and_values_that_repeat(converter):
    columns = {"Libelle": ["Rhone", "Rhone"], "Rhone": [None, "x"]}
    accents = {"Libelle": "Libellé"} | ACCENTS
    table = converter.table(shapefile(converter, "cp1252", 0, accents=accents, **columns))
    assert table["Libellé"].to_pylist() == ["Rhône", "Rhône"]
    assert table["Rhône"].to_pylist() == [None, "x"]


@pytest.mark.parametrize(
    ("codec", "byte", "cpg", "declared", "words"),
    [
        ("cp850", 0, None, "auto", "would be Rh“ne"),  # nothing states it, and it is not CP1252
        ("cp850", 0x57, None, "auto", "would be Rh“ne"),
        ("mac_roman", 0, None, "auto", "would be Rh™ne"),
        ("cp850", 0, "8859-15", "auto", "has control characters"),
        ("cp850", 0, None, "iso-8859-15", "has control characters"),
        ("cp1252", 0, None, "utf-8", "cannot be read"),
        ("cp1252", 0, None, "ascii", "cannot be read"),
    ],
)
def test_text_that_is_something_else(converter, codec, byte, cpg, declared, words):
    """The row is shown as others read it, and each remedy that is right gives the right table."""
    file = shapefile(converter, codec, byte, cpg)
    said = refusal(converter, file, encoding=declared)
    assert words in said and "`nom` of record 1" in said
    assert f"`encoding: {codec}` reads Rhône" in said
    table = converter.table(file, encoding=codec)
    assert sorted(table["nom"].to_pylist()) == ["Hérault", "Rhône"]


def test_codecs_in_which_no_dbf_is_written(converter):
    file = shapefile(converter, "cp1252", 0)
    assert "never written in utf-16" in refusal(converter, file, encoding="utf-16")


def test_utf_8_declared_as_something_else(converter):
    """It would be published as `RhÃ´ne`."""
    file = shapefile(converter, "utf-8", 0)
    said = refusal(converter, file, encoding="cp1252")
    assert "declared as cp1252, but the text is UTF-8" in said


def test_utf_8_that_is_broken_in_the_middle(converter):
    many = {"nom": ["Rhone", "Herault"], "b": ["Rhone", "Herault"], "c": ["Cafe x", "Rhone"]}
    accents = {"Rhone": "Rhône".encode(), "Herault": "Hérault".encode(), "Cafe": b"Caf\xe9"}
    said = refusal(converter, shapefile(converter, "", 0, accents=accents, **many))
    assert "`c` of record 1 is not utf-8" in said


def test_geojson_that_is_not_utf_8(converter):
    point = '{"type":"Point","coordinates":[2,48]}'
    data = f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{point},'
    data = (data + '"properties":{"nom":"Rhône"}}]}').encode("cp1252")
    assert "`encoding: cp1252` reads" in refusal(converter, data)
    assert converter.table(data, encoding="cp1252")["nom"].to_pylist() == ["Rhône"]


def test_many_values_are_read_as_each_is_alone():
    words = ["Rhône", None, "", "Hérault", "日本", "plain", None, "𝒳", "Œuvre"] * 3
    bytewise = [word and word.encode().decode("latin-1") for word in words]
    for kind in (pa.string(), pa.large_string()):
        values = pa.array(bytewise, kind)
        texts = Texts("a.shp", bytewise=True)
        assert texts.column(values, "nom").to_pylist() == words
        assert texts.column(values.slice(3, 11), "nom").to_pylist() == words[3:14]
        assert texts.notes() == ()


def test_bytes_behind_a_missing_value_are_of_no_other():
    words = pa.array(["Ã©", "Ã¨", "Ãª"])
    _, ends, data = words.buffers()
    hidden = pa.StringArray.from_buffers(3, ends, data, pa.py_buffer(b"\x05"))
    assert Texts("a.shp", bytewise=True).column(hidden, "nom").to_pylist() == ["é", None, "ê"]


def test_characters_that_only_neighbours_make_are_none():
    """The bytes of both together are UTF-8: what one ends with, the other begins with."""
    halves = [half.decode("latin-1") for half in (b"Rh\xc3", b"\xb4ne")]
    with pytest.raises(EncodingError, match="cannot be read as it"):
        Texts("a.shp", bytewise=True).column(pa.array(halves), "nom")


def test_control_characters_are_no_text():
    with pytest.raises(EncodingError, match="has control characters"):
        Texts("a.shp", bytewise=True).column(pa.array(["plain", "Ã©", "Â\x80"]), "nom")
