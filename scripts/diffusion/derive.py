"""Derive tables and figures from published tables, read in place.

Inputs are lazy: only the columns and row groups that a query needs leave the server.
"""

import importlib.util
import logging
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from diffusion.errors import DiffusionError
from diffusion.names import is_query
from diffusion.output import table_facts, write_table
from diffusion.published import PublishedTable

logger = logging.getLogger(__name__)


def derive_sql(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Mapping,
    inputs: Mapping[str, PublishedTable],
    folder: Path,
    target: Path,
) -> None:
    """Run one SELECT over the inputs, each a view of its name, and write the result.

    Args:
        folder: where the file of the query is, unless ``sql`` is the query itself.
    """
    where = f"derive.{name}.sql"
    query = entry["sql"] if is_query(entry["sql"]) else (folder / entry["sql"]).read_text("utf-8")
    query = query.strip().rstrip(";")
    for table, published in inputs.items():
        con.register(table, published.dataset())
    con.execute("SET enable_external_access = false")  # a query reads its inputs, nothing else
    try:
        relation = con.sql(query)
        names = relation.columns
    except duckdb.Error as error:
        fix = "\n".join(f"{table}: {', '.join(p.columns)}" for table, p in inputs.items())
        raise DiffusionError(where, " ".join(str(error).split())[:600], fix) from error
    facts = table_facts(name, entry, _origin(inputs))
    write_table(
        con, where, f"SELECT * FROM ({query})", names, entry, facts, None, target, keep_order=False
    )


def derive_script(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Mapping,
    inputs: Mapping[str, PublishedTable],
    folder: Path,
    target: Path,
) -> None:
    """Call ``derive(inputs, params)`` of a script and write the table it returns.

    It may return a pandas DataFrame, a GeoDataFrame, or a pyarrow Table.
    """
    result = load_function(folder / entry["script"], "derive")(dict(inputs), entry["params"])
    where, geo = f"derive.{name} ({entry['script']})", None
    if hasattr(result, "geometry") and hasattr(result, "to_crs"):
        from diffusion.vectors import frame_to_arrow

        result, geo = frame_to_arrow(result, entry["geometry"], where)
    elif hasattr(result, "to_parquet"):
        result = pa.Table.from_pandas(result, preserve_index=False)
    if not isinstance(result, pa.Table):
        fix = "return a pandas DataFrame, a GeoDataFrame or a pyarrow Table"
        raise DiffusionError(where, f"`derive` returned {type(result).__name__}", fix)
    con.register("result", result.replace_schema_metadata())
    facts = table_facts(name, entry, _origin(inputs))
    write_table(
        con,
        where,
        "SELECT * FROM result",
        result.column_names,
        entry,
        facts,
        geo,
        target,
        keep_order=False,
    )


def _origin(inputs: Mapping[str, PublishedTable]) -> dict:
    credit = dict.fromkeys(line for table in inputs.values() for line in table.credits)
    return {
        "inputs": {name: table.sha256 for name, table in inputs.items()},
        "credits": list(credit),
    }


def draw_figure(
    name: str,
    entry: Mapping,
    inputs: Mapping[str, PublishedTable],
    script: Path,
    png: Path,
    svg: Path,
) -> None:
    """Call ``draw(inputs, params)`` of a script and save its figure, with source and licence."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = name  # the same identifiers in every run
    figure = load_function(script, "draw")(dict(inputs), entry["params"])
    if not hasattr(figure, "savefig"):
        fix = "return the matplotlib figure"
        raise DiffusionError(
            f"derive.{name} ({script.name})", f"`draw` returned {type(figure).__name__}", fix
        )
    figure.text(
        0.01, 0.01, credits_of(inputs, entry), fontsize=7, color="#555555", ha="left", va="bottom"
    )
    png.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(png, dpi=150, metadata={"Software": None})
    figure.savefig(svg, metadata={"Date": None})


def credits_of(inputs: Mapping[str, PublishedTable], entry: Mapping) -> str:
    """Return the line that credits the sources of a figure and states their licences."""
    found = [entry["attribution"]] if entry["attribution"] else []
    found += [line for table in inputs.values() for line in table.credits]
    # an input that is itself derived credits its own sources: keep the longest of what contains it
    kept = [a for a in dict.fromkeys(found) if not any(a != b and a in b for b in found)]
    return "Sources : " + " ; ".join(kept)


def load_function(script: Path, function: str):
    """Return a function of a user's script."""
    if not script.exists():
        raise DiffusionError(str(script), "there is no such file", "see `script:` under `derive:`")
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, function):
        fix = f"define `def {function}(inputs, params):`"
        raise DiffusionError(str(script), f"there is no function `{function}`", fix)
    return getattr(module, function)
