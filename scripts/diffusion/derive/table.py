"""Derive tables and figures from published tables, read in place.

Inputs are lazy: only the columns and row groups that a query needs leave the server.
"""

import importlib.util
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from diffusion.config.names import derive_file, is_query
from diffusion.derive.inputs import PublishedTable
from diffusion.errors import DiffusionError
from diffusion.tables.engine import explained
from diffusion.tables.types import identifier
from diffusion.tables.write import table_facts, write_table

logger = logging.getLogger(__name__)


def derive_sql(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Mapping,
    inputs: Mapping[str, PublishedTable],
    project: Path,
    target: Path,
) -> None:
    """Run one SELECT over the inputs, each a view of its name, and write the result.

    Args:
        project: the folder that file names start from.
    """
    where = f"derive.{name}.sql"
    query = (
        entry["sql"]
        if is_query(entry["sql"])
        else derive_file(project, entry["sql"]).read_text("utf-8")
    )
    query = query.strip().rstrip(";")
    facts, rows = table_facts(name, entry, _origin(inputs)), f"SELECT * FROM ({query})"
    with explained(where, _refused(inputs)):
        _show(con, inputs)
        names = con.sql(query).columns
        write_table(con, where, rows, names, entry, facts, None, target, keep_order=False)


def _refused(inputs: Mapping[str, PublishedTable]) -> Callable[[str, str], DiffusionError]:
    columns = "\n".join(f"{name}: {', '.join(table.columns)}" for name, table in inputs.items())

    def say(where: str, text: str) -> DiffusionError:
        # what went wrong while a published file was read comes with its Python traceback
        if reading := re.search(r"^\w+Error: (.+)", text, re.MULTILINE):
            found = f"a published table cannot be read: {reading[1][:400]}"
            return DiffusionError(where, found, "check server and keys, then run `snakemake` again")
        return _said(where, text, columns)

    return say


def _said(where: str, text: str, fix: str = "") -> DiffusionError:
    return DiffusionError(where, " ".join(text.split())[:600], fix)


def _show(con: duckdb.DuckDBPyConnection, inputs: Mapping[str, PublishedTable]) -> None:
    """Let a query read its inputs, each a view of its name, and nothing else."""
    from diffusion.derive.ranges import PublishedFiles

    files = PublishedFiles()
    con.register_filesystem(files)
    known = []
    for name, table in inputs.items():
        paths = [files.add(table.filesystem, path, size) for path, size in table.files.items()]
        select = f"SELECT * FROM read_parquet({paths}, hive_partitioning = false)"
        con.execute(f"CREATE VIEW {identifier(name)} AS {select}")
        known += paths
    con.execute(f"SET allowed_paths = {known}")
    con.execute("SET enable_external_access = false")


def derive_script(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Mapping,
    inputs: Mapping[str, PublishedTable],
    project: Path,
    target: Path,
) -> None:
    """Call ``derive(inputs, params)`` of a script and write the table it returns.

    It may return a pandas DataFrame, a GeoDataFrame, or a pyarrow Table.
    """
    result = load_function(derive_file(project, entry["script"]), "derive")(
        dict(inputs), entry["params"]
    )
    where, geo = f"derive.{name} ({entry['script']})", None
    if hasattr(result, "geometry") and hasattr(result, "to_crs"):
        from diffusion.convert.vectors import frame_to_arrow

        result, geo = frame_to_arrow(result, entry["geometry"], where)
    elif hasattr(result, "to_parquet"):
        result = pa.Table.from_pandas(result, preserve_index=False)
    if not isinstance(result, pa.Table):
        fix = "return a pandas DataFrame, a GeoDataFrame or a pyarrow Table"
        raise DiffusionError(where, f"`derive` returned {type(result).__name__}", fix)
    facts, rows = table_facts(name, entry, _origin(inputs)), "SELECT * FROM result"
    with explained(where, _said):
        con.register("result", result.replace_schema_metadata())
        names = result.column_names
        write_table(con, where, rows, names, entry, facts, geo, target, keep_order=False)


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
