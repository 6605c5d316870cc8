"""The formats of layers: how they are recognised, and how GDAL reads them.

Sources of the signatures: the FlatGeobuf, KML 2.3, GML 3.2, GPX 1.1, DXF, MapInfo interchange and
ArcGIS REST specifications. A line in
``LAYERS`` makes a format readable; the names stand in the schema's ``format``, too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LayerFormat:
    """A format that GDAL reads.

    Attributes:
        prefix: of the name that GDAL gets, where its driver has one: no other driver looks then.
        suffix: that its name must have for GDAL; where it has none, any name will do.
        needs: endings of the files beside it without which it is not whole.
        takes: endings of those that may be there. No other file is let near it.
        called: what errors call a file whose format has no place for a CRS.
        left_out: columns that GDAL makes up for how a map is drawn.
        signature: of the first bytes, where ``sniff`` does not know the format otherwise.
    """

    prefix: str = ""
    suffix: str = ""
    needs: Sequence[str] = ()
    takes: Sequence[str] = ()
    called: str = "the file"
    left_out: Sequence[str] = ()
    signature: bytes | None = None


_XML = rb"(?:\xef\xbb\xbf)?(?:\s+|<!--.*?-->|<\?.*?\?>)*+<"
LAYERS = {
    "shp": LayerFormat(suffix=".shp", needs=(".shx", ".dbf"), takes=(".prj", ".cpg")),
    "gpkg": LayerFormat("GPKG:"),
    "geojson": LayerFormat("GeoJSON:"),
    "geojsonseq": LayerFormat("GeoJSONSeq:"),
    "fgb": LayerFormat(signature=rb"fgb\x03fgb"),
    "gdb": LayerFormat(),  # a folder
    "kml": LayerFormat(
        left_out=("altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"),
        signature=_XML + rb"(?:\w+:)?kml\b",
    ),
    "gpx": LayerFormat(signature=_XML + rb"gpx\b"),
    "gml": LayerFormat(
        signature=_XML + rb"(?:\w+:)?FeatureCollection\b[^>]*opengis\.net/(?:gml|wfs)",
    ),
    # 999 is a comment
    "dxf": LayerFormat(
        suffix=".dxf",
        called="a DXF drawing",
        signature=rb"(?:\s*999\r?\n[^\n]*\n)*\s*0\r?\n\s*SECTION\r?\n|AutoCAD Binary DXF",
    ),
    "tab": LayerFormat(
        suffix=".tab",
        needs=(".dat", ".map", ".id"),
        signature=rb"!table\s*\r?\n!version",
    ),
    "mif": LayerFormat(
        suffix=".mif",
        needs=(".mid",),
        signature=rb"(?i:version)\s+\d+\s*\r?\n(?i:charset)\s",
    ),
    "esrijson": LayerFormat(
        "ESRIJSON:",
        signature=rb'(?:\xef\xbb\xbf)?\s*\{.*?"geometryType"\s*:\s*"esriGeometry',
    ),
}


def layer_format(head: bytes) -> str | None:
    """Return the format of a layer whose first bytes show it, if ``LAYERS`` has its signature."""
    return next(
        (
            name
            for name, form in LAYERS.items()
            if form.signature and re.match(form.signature, head, re.DOTALL)
        ),
        None,
    )
