"""The communes as statistical offices and graphs give them: no list of objects."""

import json
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from standins.records import records

NAMESPACE = "https://communes.example/2025"
XSD = "http://www.w3.org/2001/XMLSchema#"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def keyed() -> bytes:
    """An object keyed by code, as data of the web's maps are."""
    values = {row["code"]: {k: v for k, v in row.items() if k != "code"} for row in records()}
    return _json({"millesime": 2025, "communes": values})


def arrays() -> bytes:
    """Rows as lists, and beside them what their columns are."""
    names = list(records()[0])
    rows = [list(row.values()) for row in records()]
    return _json({"columns": [{"name": name, "type": "text"} for name in names], "data": rows})


def json_stat() -> bytes:
    """A cube as Eurostat's dissemination API has it: values by their place, before the dimensions.

    Every tenth population is provisional; a second year has none.
    """
    rows = records()
    codes = {row["code"]: place for place, row in enumerate(rows)}
    labels = {row["code"]: row["nom"] for row in rows}
    return _json(
        {
            "version": "2.0",
            "class": "dataset",
            "label": "Population",
            "value": {str(2 * place): row["population"] for place, row in enumerate(rows)},
            "status": {str(2 * place): "p" for place in range(0, len(rows), 10)},
            "id": ["unit", "geo", "time"],
            "size": [1, len(rows), 2],
            "dimension": {
                "unit": {"category": {"label": {"NR": "Number"}}},
                "geo": {"category": {"index": codes, "label": labels}},
                "time": {"category": {"index": {"2024": 0, "2025": 1}}},
            },
        }
    )


def sparql() -> bytes:
    """SPARQL 1.1 Query Results JSON: only numbers have a datatype."""
    bindings = []
    for row in records():
        terms: dict = {
            name: {"type": "literal", "value": str(value)} for name, value in row.items()
        }
        terms["population"]["datatype"] = XSD + "integer"
        bindings.append(terms)
    return _json({"head": {"vars": [*records()[0]]}, "results": {"bindings": bindings}})


def xml() -> bytes:
    """XML with a namespace, attributes, and what is nested."""
    rows = [
        f"<commune code={quoteattr(row['code'])}><nom>{escape(row['nom'])}</nom>"
        f"<departement><code>{row['departement']}</code></departement>"
        f'<population unite="habitants">{row["population"]}</population></commune>'
        for row in records()
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    head += f'<reponse xmlns="{NAMESPACE}"><total>{len(rows)}</total><communes>\n'
    return (head + "\n".join(rows) + "\n</communes></reponse>\n").encode()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "communes_keyed.json": ("application/json", keyed),
    "communes_arrays.json": ("application/json", arrays),
    "communes_stat.json": ("application/json", json_stat),
    "communes_sparql.json": ("application/sparql-results+json", sparql),
    "communes.xml": ("application/xml", xml),
}
