"""The one table of the formats of layers: how they are recognised, and how GDAL reads them.

Sources of the signatures: the FlatGeobuf, KML 2.3, GML 3.2, GPX 1.1, TopoJSON, DXF, MapInfo
interchange and ArcGIS REST specifications. A line in ``LAYERS`` makes a format readable; the names
stand in the schema's ``format``, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from diffusion.base.magic import Magic


@dataclass(frozen=True)
class LayerFormat:
    """A format that GDAL reads.

    Attributes:
        driver: of GDAL; no other one is there.
        prefix: of the name that GDAL gets, where its driver has one: no other driver looks then.
        suffix: that its name must have for GDAL; where it has none, any name will do.
        needs: endings of the files beside it without which it is not whole.
        takes: endings of those that may be there. No other file is let near it.
        beside: endings of those that belong to it in an archive, and say nothing of its features.
        called: what errors call a file whose format has no place for a CRS.
        left_out: columns that GDAL makes up for how a map is drawn.
        has_encoding: whether `encoding` may say what its text is.
        signature: of the first bytes, where ``sniff`` does not know the format otherwise.
    """

    driver: str
    prefix: str = ""
    suffix: str = ""
    needs: Sequence[str] = ()
    takes: Sequence[str] = ()
    beside: Sequence[str] = ()
    called: str = "the file"
    left_out: Sequence[str] = ()
    has_encoding: bool = False
    signature: bytes | None = None


_XML = rb"(?:\xef\xbb\xbf)?(?:\s+|<!--.*?-->|<\?.*?\?>)*+<"
LAYERS = {
    "shp": LayerFormat(
        "ESRI Shapefile",
        suffix=".shp",
        needs=(".shx", ".dbf"),
        takes=(".prj", ".cpg"),
        beside=(".shp.xml", ".sbn", ".sbx", ".qix", ".qpj"),
        has_encoding=True,
    ),
    "gpkg": LayerFormat("GPKG", "GPKG:"),
    "geojson": LayerFormat("GeoJSON", "GeoJSON:", has_encoding=True),
    "geojsonseq": LayerFormat("GeoJSONSeq", "GeoJSONSeq:", has_encoding=True),
    # made GeoJSON before GDAL sees it
    "topojson": LayerFormat(
        "GeoJSON",
        "GeoJSON:",
        has_encoding=True,
        signature=rb'(?:\xef\xbb\xbf)?\s*\{(?=.*?"(?:arcs|objects|transform)"\s*:)'
        rb'(?=.*?"type"\s*:\s*"Topology")',
    ),
    "fgb": LayerFormat("FlatGeobuf", signature=rb"fgb\x03fgb"),
    "gdb": LayerFormat("OpenFileGDB"),  # a folder
    "kml": LayerFormat(
        "LIBKML",
        left_out=("altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"),
        signature=_XML + rb"(?:\w+:)?kml\b",
    ),
    "gpx": LayerFormat("GPX", signature=_XML + rb"gpx\b"),
    "gml": LayerFormat(
        "GML",
        left_out=("lowerCorner", "upperCorner"),  # of the box of a feature
        signature=_XML + rb"(?:\w+:)?FeatureCollection\b[^>]*opengis\.net/(?:gml|wfs)",
    ),
    # 999 is a comment
    "dxf": LayerFormat(
        "DXF",
        suffix=".dxf",
        called="a DXF drawing",
        signature=rb"(?:\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION\r?\n|AutoCAD Binary DXF",
    ),
    "tab": LayerFormat(
        "MapInfo File",
        suffix=".tab",
        needs=(".dat", ".map", ".id"),
        beside=(".ind",),
        has_encoding=True,
        signature=rb"!table\s*\r?\n!version",
    ),
    "mif": LayerFormat(
        "MapInfo File",
        suffix=".mif",
        needs=(".mid",),
        has_encoding=True,
        signature=rb"(?i:version)\s+\d+\s*\r?\n(?i:charset)\s",
    ),
    "esrijson": LayerFormat(
        "ESRIJSON",
        "ESRIJSON:",
        has_encoding=True,
        signature=rb'(?:\xef\xbb\xbf)?\s*\{.*?"geometryType"\s*:\s*"esriGeometry',
    ),
}
SIGNATURES = Magic(*((n, form.signature) for n, form in LAYERS.items() if form.signature))


def layer_format(head: bytes) -> str | None:
    """Return the format of a layer whose first bytes show it, if ``LAYERS`` has its signature."""
    return SIGNATURES.kind(head)
