"""Hostile content and names of files: nothing but the file itself is read, as what it is."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely

from diffusion.errors import DiffusionError
from unit.conversions import Converter

ARCHIVE = {"from": "archive"}
CRS = {"geometry": {"crs": "EPSG:4326"}}


@pytest.fixture
def converter(tmp_path: Path) -> Converter:
    return Converter(tmp_path)


@pytest.fixture
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of this machine that GDAL could read."""
    path = tmp_path_factory.mktemp("machine") / "secret.geojson"
    path.write_text(outlines("the secret"))
    return path


def outlines(name: str) -> str:
    point = {"type": "Point", "coordinates": [1, 2]}
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": point}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def packed(**members: str | bytes) -> bytes:
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return out.getvalue()


REFERRING = {
    "GDAL's pipeline in what looks like GeoJSON": '{{"type":"FeatureCollection","type": '
    '"gdal_streamed_alg","command_line":"gdal vector pipeline ! read {path}","features":[]}}',
    "GDAL's pipeline": '{{"type": "gdal_streamed_alg","command_line":"gdal vector pipeline ! read '
    '{path}"}}',
    "a VRT": '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{path}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    "GML with an external entity": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM '
    '"file://{path}">]><FeatureCollection xmlns="http://www.opengis.net/gml"><featureMember>'
    "<a><name>&e;</name></a></featureMember></FeatureCollection>",
    "GML with a link": '<FeatureCollection xmlns="http://www.opengis.net/gml" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"><featureMember xlink:href="file://{path}"/>'
    "</FeatureCollection>",
    "a service": "<OGRWFSDataSource><URL>http://127.0.0.1:9/{path}</URL></OGRWFSDataSource>",
}


@pytest.mark.parametrize("form", ["auto", "geojson", "gpkg", "shp"])
@pytest.mark.parametrize("kind", REFERRING)
def test_content_does_not_lead_to_other_files(
    kind: str, form: str, converter: Converter, secret: Path
) -> None:
    with pytest.raises(DiffusionError) as caught:
        converter.convert(REFERRING[kind].format(path=secret), format=form, **CRS)
    assert "the secret" not in str(caught.value)
    assert not converter.target.exists()


def test_the_attack_is_real(secret: Path, tmp_path: Path) -> None:
    """Without our care GDAL opens the other file: else the test above would prove nothing.

    In a process of its own, as ours has taken from GDAL the drivers that do it.
    """
    read = "import sys, geopandas; [print(*geopandas.read_file(p)['name']) for p in sys.argv[1:]]"
    paths = [tmp_path / f"{number}.bin" for number in range(3)]
    for path, kind in zip(paths, REFERRING, strict=False):
        path.write_text(REFERRING[kind].format(path=secret))
    said = subprocess.run([sys.executable, "-c", read, *paths], stdout=subprocess.PIPE, text=True)
    assert said.stdout.splitlines() == ["the secret"] * 3


def test_a_member_does_not_name_another_file_of_the_machine(
    converter: Converter, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """To pyogrio, what stands behind a `!` is another path: here, that of another shapefile."""
    folder = tmp_path_factory.mktemp("machine")
    files = {}
    for name in ("the member's own", "the secret"):
        frame = geopandas.GeoDataFrame({"n": [name]}, geometry=[shapely.Point(1, 2)], crs=4326)
        frame.to_file(folder / "s.shp")
        files = files or {e: (folder / f"s.{e}").read_bytes() for e in ("shp", "shx", "dbf", "prj")}
    members = {f"x!{folder}/s.{e}": content for e, content in files.items()}
    assert converter.columns(packed(**members), **ARCHIVE)["n"] == ["the member's own"]


MEMBERS = {
    "csv": "a\n{}\n",
    "json": '[{{"a": {}}}]',
    "ndjson": '{{"a": {}}}\n{{"a": {}}}\n',
}


@pytest.mark.parametrize("form", MEMBERS)
@pytest.mark.parametrize(
    "name", ["x*", "x?", "x[1]", "**", "x');--", "x.csv.gz", "http:", "~", "-"]
)
def test_the_name_of_a_member_is_only_a_name(name: str, form: str, converter: Converter) -> None:
    files = {f"k=1/{name}": MEMBERS[form].format(1, 1), "k=1/x1": MEMBERS[form].format(2, 2)}
    table = converter.table(packed(**files), members="many", **ARCHIVE)
    found = set(zip(*table.to_pydict().values(), strict=True))
    assert found == {(1, f"k=1/{name}"), (2, "k=1/x1")}
    assert table.column_names == ["a", "member"]


def test_the_folder_of_the_project_is_only_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "a[1] *' \"b"
    folder.mkdir()
    work = Converter(folder)
    assert work.columns("a\n1\n") == {"a": [1]}
    assert work.columns('[{"a": 1}]') == {"a": [1]}
    assert work.columns(outlines("x"))["name"] == ["x"]


def test_a_spreadsheet_does_not_lead_to_other_files(converter: Converter, secret: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.active.append(["cell"])
    with io.BytesIO() as out:
        book.save(out)
        with zipfile.ZipFile(out) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    cells = files["xl/worksheets/sheet1.xml"].replace(b">cell<", b">&e;<")
    assert b"&e;" in cells
    files["xl/worksheets/sheet1.xml"] = entity + cells
    with pytest.raises(DiffusionError) as caught:
        converter.convert(packed(**files))
    assert "the secret" not in str(caught.value)


HOSTILE = [
    'a"b;c',
    "x'); DROP TABLE t; --",
    "}}, {{",
    "$1",
    "a\tb",
    "SELECT",
    "*",
    "ı",
    "a.b",
    "%s",
]


def test_columns_with_hostile_names(converter: Converter) -> None:
    """Renamed, sorted, partitioned, dropped, cast: a name is data everywhere."""
    header = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    data = f"{header}\n" + "\n".join(",".join(f"{i}{j}" for j in range(10)) for i in (2, 1))
    keys = {"columns": {"new'\"; --": {"from": HOSTILE[0], "type": "int"}, HOSTILE[1]: "float"}}
    keys |= {"sort_by": [HOSTILE[1]], "drop": [HOSTILE[2]], "csv": {"delimiter": ","}}
    found = converter.columns(data, **keys)
    assert list(found) == ["new'\"; --", *(HOSTILE[1:2]), *HOSTILE[3:]]
    assert found["new'\"; --"] == [10, 20]
    assert found[HOSTILE[1]] == [11.0, 21.0]
    records = [{name: {name: str(i)} for name in HOSTILE} for i in range(2)]
    nested = converter.columns(json.dumps(records))
    assert list(nested) == [f"{name}_{name}" for name in HOSTILE]
