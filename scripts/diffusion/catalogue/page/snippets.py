"""The code that reads a table, with its place filled in, for the clients that people have.

No key stands in it: each client takes them from the environment.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from diffusion.catalogue.page.place import Place

FEW = 2  # columns that are asked for, to show that no more is sent
GEOMETRY = "geometry"


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
    asked = _Asked(
        place, key, plain, parts[0].rpartition("/")[0] + "/" if parts else "", "geo" in entry
    )
    found = list(asked.all())
    if place.s3 and place.public:
        keyless = replace(asked, place=Place(place.public)).all()
        found += [replace(snippet, keyless=True) for snippet in keyless]
    return found


def _is_plain(kind: str) -> bool:
    return not kind.startswith(("binary", "large_binary", "struct", "list", "large_list", "map"))


@dataclass(frozen=True)
class _Asked:
    place: Place
    key: str
    columns: list[str]
    one: str  # the first folder of a table in several files; empty for a table in one
    is_geo: bool

    @property
    def is_folder(self) -> bool:
        return bool(self.one)

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
            yield Snippet("s3fs", self._s3fs())
            if not self.is_folder:
                yield Snippet("boto3", self._boto3())
            yield Snippet("mc", self._mc())
            yield Snippet("Spark", self._spark())

    @property
    def _url(self) -> str:
        """S3 where it is one: there only the columns asked for are sent."""
        if self.place.s3:
            return f"s3://{self.place.s3}{self.key}"
        return f"{self.place.public}{quote(self.key)}" if self.place.public else self.key

    def _or_one(self, sign: str = "#") -> str:
        """Return the line that says how to open one folder only."""
        return (
            f"{sign} one folder only: {_text(self.one)} for {_text(self.key)}\n" if self.one else ""
        )

    @property
    def _arguments(self) -> str:
        return f", endpoint_url={_text(self.place.endpoint)}" if self.place.endpoint else ""

    def _frame(self, library: str, short: str) -> str:
        columns = [*self.columns, GEOMETRY] if library == "geopandas" else self.columns
        lines = [f"    {_text(self._url)},"]
        lines += [f"    columns={_list(columns)},"] if columns else []
        if self.place.s3 and self.place.endpoint:
            # s3fs reads megabytes ahead, of columns that nobody asked for
            options = f'"endpoint_url": {_text(self.place.endpoint)}, "default_cache_type": "none"'
            lines.append(f"    storage_options={{{options}}},")
        if self.is_folder:
            lines.append("    partitioning=None,  # the columns are in the files")
        head = f"import {library} as {short}\n\n{self._or_one()}df = {short}.read_parquet("
        return "\n".join([head, *lines, ")"])

    def _pyarrow(self) -> str:
        columns = f"columns={_list(self.columns)}" if self.columns else ""
        if self.place.s3:
            given = [f"region={_text(self.place.region)}"]
            if self.place.endpoint:
                scheme, _, host = self.place.endpoint.partition("://")
                given += [f"scheme={_text(scheme)}", f"endpoint_override={_text(host)}"]
            if not self.place.path_style:
                given.append("force_virtual_addressing=True")
            head = f"from pyarrow.fs import S3FileSystem\n\ns3 = S3FileSystem({', '.join(given)})\n"
            where = f"{_text(self.place.s3 + self.key)}, filesystem=s3"
        elif self.place.public:
            head = "from fsspec.implementations.http import HTTPFileSystem\n\n"
            head += "web = HTTPFileSystem()\n"
            where = f"{_text(self._url)}, filesystem=web"
        else:
            head, where = "\n", _text(self.key)
        return (
            f"import pyarrow.dataset as ds\n{head}{self._or_one()}"
            f"table = ds.dataset({where}).to_table({columns})"
        )

    def _duckdb(self) -> str:
        names = ", ".join('"' + c.replace('"', '""') + '"' for c in self.columns) or "*"
        where = f"{self._url}**/*.parquet" if self.is_folder else self._url
        quoted = where.replace("'", "''")
        select = f"{self._or_one('--')}SELECT {names}\n"
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
        select = f".select({_list(self.columns)})" if self.columns else ""
        return (
            f"import polars as pl\n\n{self._or_one()}"
            f"df = pl.scan_parquet(\n    {_text(where)}{given},\n"
            f"    hive_partitioning=False,\n){select}.collect()"
        )

    def _r(self) -> str:
        columns = ", ".join(map(_text, self.columns))
        select = f", col_select = c({columns})" if columns else ""
        if self.place.s3:
            scheme, _, host = self.place.endpoint.partition("://")
            given = [f"region = {_text(self.place.region)}"]
            if host:
                given += [f"scheme = {_text(scheme)}", f"endpoint_override = {_text(host)}"]
            head = f"s3 <- S3FileSystem$create({', '.join(given)})\n"
            where = f"s3$path({_text(self.place.s3 + self.key)})"
        else:
            head, where = "", _text(self._url)
        if self.is_folder:
            call = f"open_dataset({where}, partitioning = NULL, hive_style = FALSE)"
        else:
            call = f"read_parquet({where}{select})"
        return f"library(arrow)\n\n{head}{self._or_one()}table <- {call}"

    def _s3fs(self) -> str:
        where, lines = self.place.s3 + self.key, []
        lines.append(f"import s3fs\n\nfs = s3fs.S3FileSystem({self._arguments.lstrip(', ')})")
        lines.append(f"fs.ls({_text(self.place.s3.rstrip('/'))})")
        target = self.key.rstrip("/")
        deep = ", recursive=True" if self.is_folder else ""
        return "\n".join([*lines, f"fs.get({_text(where)}, {_text(target)}{deep})"])

    def _boto3(self) -> str:
        bucket, _, prefix = self.place.s3.partition("/")
        return (
            f'import boto3\n\ns3 = boto3.client("s3"{self._arguments})\n'
            f"s3.download_file({_text(bucket)}, {_text(prefix + self.key)}, {_text(self.key)})"
        )

    def _mc(self) -> str:
        """With a session token, which `mc alias set` does not take."""
        scheme, _, host = (self.place.endpoint or "https://s3.amazonaws.com").partition("://")
        keys = "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY${AWS_SESSION_TOKEN:+:$AWS_SESSION_TOKEN}"
        deep = "--recursive " if self.is_folder else ""
        return (
            f'export MC_HOST_data="{scheme}://{keys}@{host}"\n'
            f"mc cp {deep}data/{self.place.s3}{self.key} ."
        )

    def _spark(self) -> str:
        """Spark takes the keys from AWS_* by itself, but no endpoint."""
        given = {"endpoint.region": self.place.region}
        if self.place.endpoint:
            given = {"endpoint": self.place.endpoint} | given
            given["path.style.access"] = str(self.place.path_style).lower()
        # what Hadoop 3.5 has instead reads ahead, of columns that nobody asked for
        given["input.stream.type"] = "classic"
        lines = [
            f"    .config({_text(f'spark.hadoop.fs.s3a.{name}')}, {_text(value)})"
            for name, value in given.items()
        ]
        head = "# on Spark's class path: hadoop-aws, of the version of its Hadoop\n"
        head += "from pyspark.sql import SparkSession\n\nspark = (\n    SparkSession.builder\n"
        head += "\n".join([*lines, "    .getOrCreate()", ")"])
        columns = ", ".join(_text(_spark_name(name)) for name in self.columns)
        chosen = f".select({columns})" if columns else ""
        where = _text(f"s3a://{self.place.s3}{self.key}")
        return f"{head}\n{self._or_one()}df = spark.read.parquet(\n    {where}\n){chosen}"

    def _public_parts(self) -> str:
        name = self.key.rstrip("/")
        columns = f", columns={_list(self.columns)}" if self.columns else ""
        return (
            "import json\nfrom urllib.parse import quote\nfrom urllib.request import urlopen\n\n"
            f"import pandas as pd\n\nbase = {_text(self.place.public)}\n"
            'with urlopen(base + "manifest.json") as answer:\n'
            f'    objects = json.load(answer)["tables"][{_text(name)}]["objects"]\n'
            'keys = [item["key"] for item in objects if "values" in item]\n'
            "df = pd.concat(\n"
            f"    pd.read_parquet(base + quote(key){columns})\n"
            "    for key in keys\n)"
        )


def _spark_name(column: str) -> str:
    """Return a column's name as Spark reads it, to which a dot is a field of a struct."""
    return column if column.isidentifier() else "`" + column.replace("`", "``") + "`"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: list[str]) -> str:
    return json.dumps(values, ensure_ascii=False)
