"""Records that are no objects, one by one as objects: lists, plain values, SPARQL results."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from diffusion.convert.completeness import readers_disagree
from diffusion.files.json_walk import VALUE, PathError, column_names, shown

# datatypes of RDF whose values are numbers (W3C, SPARQL 1.1 Query Results JSON Format, section 3)
XSD = "http://www.w3.org/2001/XMLSchema#"
WHOLE = frozenset(
    "integer int long short byte nonNegativeInteger positiveInteger nonPositiveInteger "
    "negativeInteger unsignedInt unsignedLong unsignedShort unsignedByte".split()
)
DECIMALS = frozenset(("decimal", "double", "float"))
WHOLE_NUMBER = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?")
BOOLS = {"true": True, "1": True, "false": False, "0": False}
TERMS = ("uri", "literal", "typed-literal", "bnode")


class Rows:
    """How records become objects: as they are, unless a subclass makes them."""

    missing = 0  # records that are no row

    def __init__(self, label: str):
        self.label = label

    def of(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield a row for each record."""
        for value in values:
            yield self.row(value)

    def row(self, value: Any) -> Any:
        """Return a record as an object.

        Raises:
            PathError: it has another shape.
        """
        return value

    def verify(self, came: int, written: int) -> None:
        """Refuse another number of rows than of records."""
        if came - self.missing != written:
            found = f"{came:,} records came, {written:,} rows were made of them"
            raise readers_disagree(self.label, found)


class Arrays(Rows):
    """Rows as lists; without names, the first one has them."""

    def __init__(self, label: str, names: Sequence[Any] | None):
        super().__init__(label)
        self.names = names if names is None else column_names(names)

    def of(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            if self.names is None:
                self.names, self.missing = column_names(value), 1
            else:
                yield self.row(value)

    def row(self, value: Any) -> Any:
        names = self.names or []
        if not isinstance(value, list):
            raise PathError(f"is no list, but {shown(value)}", "see `json.shape`")
        if len(value) != len(names):
            fix = "correct `json.names`, or ask its publisher for rows that are whole"
            raise PathError(f"has {len(value)} values, and there are {len(names)} names", fix)
        if value == names:
            fix = "ask its publisher for one table; of pages, `pages: {names: …}` names each one's"
            raise PathError("repeats the names of the columns", fix)
        return dict(zip(names, value, strict=True))


class Values(Rows):
    """Plain values, for one column."""

    def row(self, value: Any) -> Any:
        if isinstance(value, dict | list):
            fix = "leave out `json: {shape: values}`" if isinstance(value, dict) else ""
            fix = fix or "lists are read by `json: {shape: arrays, names: …}`"
            raise PathError(f"is no plain value, but {shown(value)}", fix)
        return {VALUE: value}


class Sparql(Rows):
    """Bindings of SPARQL results; a variable that is never bound is a column, too."""

    def __init__(self, label: str, variables: Sequence[Any] | None):
        super().__init__(label)
        self.unbound = dict.fromkeys(column_names(variables)) if variables else {}

    def row(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise PathError(f"is no binding of variables, but {shown(value)}", "see `records:`")
        return self.unbound | {name: _term(name, term) for name, term in value.items()}


def rows_of(shape: str, names: Sequence[Any] | None, label: str) -> Rows:
    """Return how records of a shape become objects.

    Args:
        names: of the columns, or variables; None where they are not known before.

    Raises:
        PathError: names that are none, or come twice.
    """
    kinds: dict[str, Callable[[], Rows]] = {
        "arrays": lambda: Arrays(label, names),
        "values": lambda: Values(label),
        "sparql": lambda: Sparql(label, names),
    }
    return kinds.get(shape, lambda: Rows(label))()


def _term(name: str, term: Any) -> Any:
    """Return an RDF term: a number or a bool where its datatype says so, else text."""
    value = term.get(VALUE) if isinstance(term, dict) else None
    if not isinstance(value, str) or term.get("type") not in TERMS:
        fix = "ask for plain values in the query, e.g. by `BIND(STR(…) AS ?name)`"
        raise PathError(f"`{name}` is no value of a variable: {shown(term)}", fix)
    datatype = str(term.get("datatype", "")).removeprefix(XSD)
    if datatype in WHOLE and WHOLE_NUMBER.fullmatch(value):
        return int(value)
    if datatype in DECIMALS and NUMBER.fullmatch(value):
        return Decimal(value)
    if datatype == "boolean":
        return BOOLS.get(value, value)
    return value
