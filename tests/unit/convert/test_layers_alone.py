"""A layer is read from its own bytes: no address that it names is asked, no file beside it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conversions import refusal
from diffusion.convert.layers.gdal import DRIVERS, pyogrio

XSD = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml"
  xmlns:app="http://app.example" targetNamespace="http://app.example">
<xs:import namespace="http://www.opengis.net/gml" schemaLocation="{url}/gml.xsd"/>
<xs:include schemaLocation="{url}/included.xsd"/>
<xs:element name="p" type="app:pT" substitutionGroup="gml:_Feature"/>
<xs:complexType name="pT"><xs:complexContent><xs:extension base="gml:AbstractFeatureType">
<xs:sequence><xs:element name="code" type="xs:string"/>
<xs:element name="geom" type="gml:PointPropertyType"/></xs:sequence>
</xs:extension></xs:complexContent></xs:complexType></xs:schema>"""
GML = """<?xml version="1.0"?>
<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:app="http://app.example"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xlink="http://www.w3.org/1999/xlink" xsi:schemaLocation="{schema}">
<gml:featureMember><app:p fid="p.1"><app:code>01</app:code><app:more xlink:href="{url}/more"/>
<app:geom xlink:href="{url}/geom"><gml:Point srsName="EPSG:4326">
<gml:coordinates>2,48</gml:coordinates></gml:Point></app:geom></app:p></gml:featureMember>
</gml:FeatureCollection>"""
WFS = "{url}/wfs?SERVICE=WFS&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=p"
KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<NetworkLink><Link><href>{url}/more.kml</href></Link></NetworkLink>
<Style id="s"><IconStyle><Icon><href>{url}/icon.png</href></Icon></IconStyle></Style>
<Placemark><styleUrl>{url}/style.kml#s</styleUrl><name>a</name>
<Point><coordinates>2,48</coordinates></Point></Placemark></Document></kml>"""
GPX = """<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://x {url}/g.xsd">
<wpt lat="48" lon="2"><name>a</name><link href="{url}/l"/></wpt></gpx>"""
POINT = {"type": "Point", "coordinates": [2, 48]}
FEATURE = {"type": "Feature", "properties": {"code": "01"}, "geometry": POINT}


@pytest.fixture(scope="module")
def server():
    """A server that knows nothing, and notes what it is asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as it:
        threading.Thread(target=it.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{it.server_port}", asked
        it.shutdown()


def crs_link(kind: str) -> str:
    crs = {"type": "link", "properties": {"href": "{url}/crs", "type": kind}}
    given = {"type": "FeatureCollection", "crs": crs, "features": [FEATURE]}
    return json.dumps(given).replace("{url}", "URL")


@pytest.mark.parametrize(
    ("data", "beside"),
    [
        (GML.replace("{schema}", "http://app.example {url}/app.xsd"), None),
        (GML.replace("{schema}", f"http://app.example {WFS}"), None),
        (GML.replace("{schema}", f"http://app.example {WFS} http://b.example {WFS}"), None),
        (GML.replace("{schema}", "http://app.example layer.xsd"), "layer.xsd"),
        (GML.replace("{schema}", "http://app.example other.xsd"), "other.xsd"),
        (KML, None),
        (GPX, None),
    ],
)
def test_no_address_is_asked(converter, server, data, beside):
    url, asked = server
    if beside:
        (converter.folder / beside).write_text(XSD.replace("{url}", url))
    converter.file(data.replace("{url}", url), "layer.gml")
    keys = {"layer": "waypoints"} if data is GPX else {}
    asked.clear()
    table = converter.table(converter.folder / "layer.gml", **keys)
    assert asked == []
    assert table.num_rows == 1
    here = {path.name for path in converter.folder.iterdir()}
    assert here == {"layer.gml", "t.parquet", "scratch"} | ({beside} if beside else set())


@pytest.mark.parametrize("beside", ["layer.xsd", "layer.gfs"])
def test_no_file_beside_gml_changes_its_table(converter, beside):
    """A schema would make the number 1 of the code `01`."""
    files = {
        "layer.xsd": XSD.replace("xs:string", "xs:integer").replace("{url}", "nowhere"),
        "layer.gfs": "<GMLFeatureClassList><GMLFeatureClass><Name>p</Name><ElementPath>p"
        "</ElementPath><PropertyDefn><Name>code</Name><ElementPath>code</ElementPath><Type>Integer"
        "</Type></PropertyDefn></GMLFeatureClass></GMLFeatureClassList>",
    }
    file = converter.file(GML, "layer.gml")
    alone = converter.table(file)
    (converter.folder / beside).write_text(files[beside])
    assert converter.table(file).equals(alone)
    assert alone["code"].to_pylist() == ["01"]


@pytest.mark.parametrize("kind", ["proj4", "ogcwkt"])
def test_a_crs_of_geojson_that_is_an_address(converter, server, kind):
    url, asked = server
    asked.clear()
    data = crs_link(kind).replace("URL", url)
    said = refusal(converter, data)
    assert f"its CRS is an address, {url}/crs" in said and "geometry: {crs:" in said
    assert converter.table(data, geometry={"crs": "EPSG:4326"}).num_rows == 1
    assert asked == []


@pytest.mark.parametrize("root", ["kml", "gml:FeatureCollection", "gpx"])
def test_entities_are_not_followed(converter, server, root):
    url, asked = server
    text = {"kml": KML, "gpx": GPX}.get(root, GML).replace("{url}", url)
    named = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{url}/e"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    text = text.replace(f"<{root}", f"{named}<{root}", 1).replace(">a<", ">&e;&f;<")
    asked.clear()
    assert "this is XML, and nothing says which" in refusal(
        converter, text.replace(">01<", ">&e;&f;<")
    )
    assert asked == []


def test_only_drivers_of_the_formats_are_there():
    assert set(pyogrio.list_drivers()) == set(DRIVERS)
