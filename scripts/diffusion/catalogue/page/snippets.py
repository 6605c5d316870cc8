"""The code that reads a table, with its place filled in, for the clients that people have.

No key stands in it: each client takes them from the environment.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from diffusion.catalogue.page.asked import Asked, listed, text
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.snippets_s3 import (
    boto3_code,
    mc_code,
    s3fs_code,
    snakemake_code,
    spark_code,
)

FEW = 2  # columns that are asked for, to show that no more is sent
GEOMETRY = "geometry"
TIME = re.compile(r"time\d")  # of Arrow: of a day, and no moment


@dataclass(frozen=True)
class Snippet:
    """Code for one client; ``keyless``: for readers without an account, where others need one."""

    tool: str
    text: str
    keyless: bool = False


def snippets(place: Place, name: str, entry: Mapping) -> list[Snippet]:
    """Return the code that reads a table."""
    parts = [item["key"] for item in entry["objects"] if "values" in item]
    key = f"{name}/" if parts else f"{name}.parquet"
    plain = [c["name"] for c in entry.get("columns", []) if _is_plain(c["type"])][:FEW]
    one = parts[0].rpartition("/")[0] + "/" if parts else ""
    has_time = any(TIME.match(column["type"]) for column in entry.get("columns", []))
    asked = _Reader(place, key, plain, one, "geo" in entry, has_time)
    found = list(asked.all())
    if place.s3 and place.public:
        keyless = replace(asked, place=Place(place.public)).all()
        found += [replace(snippet, keyless=True) for snippet in keyless]
    return found


def _is_plain(kind: str) -> bool:
    return not kind.startswith(("binary", "large_binary", "struct", "list", "large_list", "map"))


@dataclass(frozen=True)
class _Reader(Asked):
    """The code of the clients that read tables, wherever these are."""

    def all(self) -> Iterator[Snippet]:
        if self.is_folder and not self.place.s3 and self.place.public:
            yield Snippet("pandas", self._public_parts())
            return
        yield Snippet("pandas", self._frame("pandas", "pd"))
        yield Snippet("pyarrow", self._pyarrow())
        yield Snippet("DuckDB", self._duckdb())
        yield Snippet("polars", self._polars())
        if self.is_geo:
            yield Snippet("geopandas", self._frame("geopandas", "gpd"))
        yield Snippet("R (arrow)", self._r())
        if self.place.s3:
            yield Snippet("s3fs", s3fs_code(self))
            if not self.is_folder:
                yield Snippet("boto3", boto3_code(self))
                yield Snippet("Snakemake", snakemake_code(self))
            yield Snippet("mc", mc_code(self))
            yield Snippet("Spark", spark_code(self))

    @property
    def _url(self) -> str:
        """S3 where it is one: there only the columns asked for are sent."""
        if self.place.s3:
            return f"s3://{self.place.s3}{self.key}"
        return f"{self.place.public}{quote(self.key)}" if self.place.public else self.key

    def _frame(self, library: str, short: str) -> str:
        columns = [*self.columns, GEOMETRY] if library == "geopandas" else self.columns
        lines = [f"    {text(self._url)},"]
        lines += [f"    columns={listed(columns)},"] if columns else []
        if self.place.s3 and self.place.endpoint:
            # s3fs reads megabytes ahead, of columns that nobody asked for
            options = f'"endpoint_url": {text(self.place.endpoint)}, "default_cache_type": "none"'
            lines.append(f"    storage_options={{{options}}},")
        if self.is_folder:
            lines.append("    partitioning=None,  # the columns are in the files")
        head = f"import {library} as {short}\n\n{self.or_one()}df = {short}.read_parquet("
        return "\n".join([head, *lines, ")"])

    def _pyarrow(self) -> str:
        columns = f"columns={listed(self.columns)}" if self.columns else ""
        if self.place.s3:
            given = [f"region={text(self.place.region)}"]
            if self.place.endpoint:
                scheme, _, host = self.place.endpoint.partition("://")
                given += [f"scheme={text(scheme)}", f"endpoint_override={text(host)}"]
            if not self.place.path_style:
                given.append("force_virtual_addressing=True")
            head = f"from pyarrow.fs import S3FileSystem\n\ns3 = S3FileSystem({', '.join(given)})\n"
            where = f"{text(self.place.s3 + self.key)}, filesystem=s3"
        elif self.place.public:
            head = "from fsspec.implementations.http import HTTPFileSystem\n\n"
            head += "web = HTTPFileSystem()\n"
            where = f"{text(self._url)}, filesystem=web"
        else:
            head, where = "\n", text(self.key)
        return (
            f"import pyarrow.dataset as ds\n{head}{self.or_one()}"
            f"table = ds.dataset({where}).to_table({columns})"
        )

    def _duckdb(self) -> str:
        names = ", ".join('"' + c.replace('"', '""') + '"' for c in self.columns) or "*"
        where = f"{self._url}**/*.parquet" if self.is_folder else self._url
        quoted = where.replace("'", "''")
        select = f"{self.or_one('--')}SELECT {names}\n"
        select += f"FROM read_parquet('{quoted}', hive_partitioning = false);"
        if not self.place.s3:
            return select
        scheme, _, host = self.place.endpoint.partition("://")
        given = ["TYPE s3", "PROVIDER credential_chain", f"REGION '{self.place.region}'"]
        if host:
            style = "path" if self.place.path_style else "vhost"
            given += [f"ENDPOINT '{host}'", f"URL_STYLE '{style}'"]
            given += ["USE_SSL false"] if scheme == "http" else []
        return f"CREATE SECRET ({', '.join(given)});\n{select}"

    def _polars(self) -> str:
        where = f"{self._url}**/*.parquet" if self.is_folder else self._url
        options = {}
        if self.place.s3 and self.place.endpoint:
            options["aws_endpoint_url"] = self.place.endpoint
            if self.place.endpoint.startswith("http://"):
                options["aws_allow_http"] = "true"
        given = f",\n    storage_options={json.dumps(options)}" if options else ""
        select = f".select({listed(self.columns)})" if self.columns else ""
        return (
            f"import polars as pl\n\n{self.or_one()}"
            f"df = pl.scan_parquet(\n    {text(where)}{given},\n"
            f"    hive_partitioning=False,\n){select}.collect()"
        )

    def _r(self) -> str:
        columns = ", ".join(map(text, self.columns))
        select = f", col_select = c({columns})" if columns else ""
        if self.place.s3:
            scheme, _, host = self.place.endpoint.partition("://")
            given = [f"region = {text(self.place.region)}"]
            if host:
                given += [f"scheme = {text(scheme)}", f"endpoint_override = {text(host)}"]
            head = f"s3 <- S3FileSystem$create({', '.join(given)})\n"
            where = f"s3$path({text(self.place.s3 + self.key)})"
        else:
            head, where = "", text(self._url)
        if self.is_folder:
            call = f"open_dataset({where}, partitioning = NULL, hive_style = FALSE)"
        else:
            call = f"read_parquet({where}{select})"
        return f"library(arrow)\n\n{head}{self.or_one()}table <- {call}"

    def _public_parts(self) -> str:
        name = self.key.rstrip("/")
        columns = f", columns={listed(self.columns)}" if self.columns else ""
        return (
            "import json\nfrom urllib.parse import quote\nfrom urllib.request import urlopen\n\n"
            f"import pandas as pd\n\nbase = {text(self.place.public)}\n"
            'with urlopen(base + "manifest.json") as answer:\n'
            f'    objects = json.load(answer)["tables"][{text(name)}]["objects"]\n'
            'keys = [item["key"] for item in objects if "values" in item]\n'
            "df = pd.concat(\n"
            f"    pd.read_parquet(base + quote(key){columns})\n"
            "    for key in keys\n)"
        )
