"""Write config/README.md from the schema: every key with its type, default and description.

    python scripts/dev/make_config_docs.py

Edit this for the introduction, and workflow/schemas/config.schema.yaml for the keys; a test keeps
the page and the schema equal.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]
SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
PAGE = PROJECT / "config" / "README.md"
CHOSEN = {  # names that users give
    "sources": "<name>",
    "derive": "<name>",
    "columns": "<column>",
    "partitions": "<axis>",
    "sql": "<check>",
}
OTHER = "#"  # between a key and the kind of entry for which it differs
INTRODUCTION = """\
# Configuration

*Made by `python scripts/dev/make_config_docs.py` from `workflow/schemas/config.schema.yaml`.*

## What to edit

`config/config.yaml` states what is fetched, checked, published and derived; it is the file you
edit. It ships with a small project that works: `diffusion new` puts your own in its place, and
`diffusion source URL` adds sources to it ([docs/source.md](../docs/source.md)).
`config/examples/` has a small file for each kind of source and of pagination, and a whole project
in `chapter/`. The SQL and Python of derived tables and figures go into `scripts/derive/`. Nothing
else needs to change.

What differs between your laptop and a cluster (the bucket, say) goes into a second file, which is
merged over the first: `snakemake --configfile config/mine.yaml`. It extends `config/config.yaml`
and never stands in its place; so do the files that `diffusion doctor`, `lock` and `try` are given.

The first line of a file names its schema, so that an editor with a YAML language server completes
keys and marks mistakes as you type.

## How to read an error

All mistakes are reported at once, before anything runs. Each error states where it is (path of the
key, file, line), what was found there and, after the arrow, what to write. The code in brackets is
that of a section in [docs/troubleshooting.md](../docs/troubleshooting.md):

```
storage.ulr (config/config.yaml, line 24): unknown key [option]
  → did you mean `url`? Allowed here: endpoint, path_style, public_url, raw, region, url
```

A key left empty (or `null`) is not set: its default applies. Codes are text: write `"01450"`,
because YAML reads an unquoted 01450 as the number 808. Keys such as `no`, `on` or `2014` need
quotes too.

## Vintages and the lock

The bytes received from a source are kept forever, under the source's `vintage`: a name that you
choose, usually the date of the data. As long as it stays the same, the source is not contacted
again, so that what was published can be reproduced even after the source has changed or vanished.
For newer data, set a new vintage: `diffusion outdated` tells when, and `diffusion update` what it
would change.

`diffusion lock` (or `snakemake write_lock`) records the hash and size of every raw copy in
`config/sources.lock.yaml`. Commit that file: anyone who clones the project then learns when the
bytes they get differ from yours.

## Variables and secrets

`${VAR}` and `${VAR:-default}` are replaced by environment variables in `storage.url`,
`storage.raw`, `storage.public_url`, `storage.endpoint` and `storage.region`, and in `url`,
`endpoint`, `region` and `portal` of a source; nowhere else. What a source has as `${VAR}` is shown
and kept as `${VAR}` (provenance, `results/config.yaml`, logs, Snakemake's records), as an address
may be secret by its place, and is replaced in the job that asks. Provenance has a hash of what it
meant: another value is another request, and asks for a new vintage. Values of fewer than 6
characters are no secrets, and stand in the addresses that were asked; so does what `storage:`
names, which readers need.

Secrets are never written to a file. The storage is accessed with the usual `AWS_*` variables (or
`~/.aws`); an API's key stays in a variable of your choice, which `auth: {env: NAME}` names; the
keys of another S3 server stay in those that `credentials:` names; for databases see below. Anything
that looks like a secret is refused: by its name (`token`, `password`, `api_key`), by its form, or,
under a name that ordinary parameters have too (`key`, `code`, `auth`, `…_key`), as a long random
value. An identifier that is refused by mistake can be sent in the same way, `auth: {env: NAME,
style: param, name: key}`.

## Databases

`from: database` reads a table, a view or one SELECT of PostgreSQL, MySQL or MariaDB, or of a file
of SQLite or DuckDB, in a read-only transaction that sees one state of the base. Addresses are
spelled as SQLAlchemy spells them. The URL has no password, and need not name a user:

- PostgreSQL: `PGUSER` and `PGPASSWORD`, `~/.pgpass`, or a service (`PGSERVICE`, `?service=…`);
  certificates and the like are options of the URL (`?sslmode=verify-full&sslrootcert=…`);
- MySQL, MariaDB: `MYSQL_USER` and `MYSQL_PWD`, or `user` and `password` under `[client]` in
  `~/.my.cnf`; options of the URL are `?ssl_ca=…` (TLS) and `?unix_socket=…`;
- all: the whole URL, with or without a password, in the variable that `url_env: NAME` names.

An axis of `partitions:` in a `query` is a value that is bound: `WHERE dep = {dep}`, without quotes.
In a `table` it is a part of the name: `rents_{year}`. Each partition is a statement, and a
snapshot, of its own; what must be of one moment is one partition.

Kept forever is what the server sent: CSV in which a missing value and an empty text differ, with
the statement, the server's version, the moment of the snapshot, and the columns with the server's
types; who asked is noted nowhere. The rows that the server counted must all come out. Rows without
`ORDER BY` may come in another order each time; the table is sorted, but the hash of the raw copy
differs.

A column that is not declared has the server's type: `numeric(10,2)` is a decimal, moments with a
zone are UTC, dates, booleans and bytes are such. Text stays text, and so do times, intervals, JSON,
arrays, UUIDs, enumerations and all types that are not known. `numeric` without a number of digits
is an int or a float where all values are. The blanks that fill a `char(n)` are left out, and an
empty text is no value, as in every source. What no table holds is an error that shows it: a day
that is `infinity` or before our era, MySQL's `0000-00-00`, a decimal that is `NaN`. Geometries of
PostGIS, MySQL and MariaDB have the CRS of their SRID. SQLite keeps a type with each value, not with
a column: one whose values are whole numbers is an int, and so on; several kinds together are text.

A query may take `timeout` seconds. Only where the server is away, busy or restarts, or the
connection breaks, is it asked again (`retries`), and then for all rows: half of one answer and half
of another are no table. Nothing is frozen before the last row has come.

## Types of columns

A column under `columns:` has the type you declare; values that cannot be read as that type are
counted and shown, and fail the checks beyond `checks.cast_failures`. A column that is not
declared stays text unless every value proves to be a bool, int, float, date or timestamp. What is a
code stays text: numbers with a leading zero, with more than 15 digits or with an exponent (`1E5`),
SIREN and SIRET (by their check digit), and columns whose name is a code's, or begins or ends with
one (`code_insee`, `siret`, `dep`, `num_siret` …; not `nb_siret`, `pop_iris`, `taux_iris`), unless
the file itself says that they are numbers, as JSON and Parquet do. Files in which a column is whole
and others in which it has decimals give floats, if these hold each whole number exactly. A negative
zero is 0.0.

Where values are written in a way of their own, the column says so: `decimal`, `thousands` and
`unit` of numbers (`{type: float, decimal: ",", thousands: " ", unit: "%"}` makes 1234.5 of
`1 234,5 %`: the number is not divided), `implied_decimals: 2` of amounts in cents and COBOL's
`9(5)V99` (`0012345` is 123.45), `true_values` and `false_values` of a bool, several
`formats` of dates, `split` for a list in one cell, `pad: 5` for codes that lost their zeros
(`1001`; `[2, 3]` where codes have several lengths), `entities: true` for text with signs as HTML
writes them (`&eacute;`). All are strict: another unit, blanks elsewhere than between thousands, a
date that two formats read differently, or a code that is too long, could not be read, and are
counted.
`decimal(12,2)` keeps every digit exactly as it is written; a value with more of them could not be
read. `format: excel` takes the numbers by which Excel counts days, from 61 on (March 1900): those
before are other days in other programs.

In a `format`, `%Y` is four digits; `%y` is two, of which 00 to 68 are 2000 to 2068: where that
gives a day after the vintage, `first_year` has to say which hundred years are meant (with 1926,
`45` is 1945). `%z` takes `+02:00` and `Z`. A format is for text: cells of a workbook that are dates
are read as they are.
Names of columns are in Unicode's NFC, whatever form the file has them in (a Mac's `é` is two
characters): what looks the same is one name.

A `timestamp` has no time zone in the table. Text that states an offset (`+02:00`, `Z`) is turned to
UTC; text that states none is taken as it stands, in whatever zone its publisher means. A column in
which some values state one and others do not stays text, and declared `timestamp` is an error. The
moments of Parquet and of layers (GeoPackage, GeoJSON …) that state a zone are UTC, and said to be.

## Rows and names

`where:` states which rows of the files are rows of the table, as one condition in SQL over their
columns as they are in the file, all of them text in CSV and workbooks: `"commune <> 'Total'"`,
`"genre = 'geolocalisation'"`, `"try_cast(annee AS INTEGER) >= 2015"`. The other rows are counted,
told below the table, and noted in the manifest (`left_out`). Nothing is left out for what is not
known: where the condition is neither true nor false, as a value is missing, the run stops, and
`coalesce(…, true)` or `coalesce(…, false)` says what is meant. A condition that leaves no row is an
error; one that leaves out none is noted. Rows are numbered as in the file, wherever an example of a
value is shown.

`names: snake` makes small letters, digits and `_` of the names in CSV, workbooks, JSON, Parquet and
layers (`Libellé commune` and `libelléCommune`: `libelle_commune`), and all other keys then name
these: `columns`, `drop`, `where`, `geometry`. Two names that become one are an error. A name that
begins with a digit keeps it (`2020_pop`): readers find what the file says, and SQL needs quotes for
it; `columns: {pop_2020: {from: "2020_pop", type: int}}` gives it another one.

## Geometries of columns

`geometry: {from: {lon: x, lat: y}}`, or `latlon`, `lonlat`, `wkt`, `hex`, `wkb`, `geojson`, makes
geometries of ordinary columns, of CSV, workbooks, JSON, APIs, Parquet and databases; the table is
then GeoParquet, and is checked and reprojected as all others. A row without a value has no geometry
(`checks.missing_geometry`). What is no geometry, half a pair of coordinates, or beyond ±180/±90
degrees counts as a value of `geometry` that could not be read; where most coordinates are, their
CRS is another, and the run stops. The CRS is `crs`, else what the values state (`SRID=2154;…`),
else EPSG:4326 for coordinates and GeoJSON; WKT and WKB that state none need `crs`. Latitude and
longitude that are exchanged are often degrees as well: look at the first rows that `diffusion try`
shows.

Each table with geometries has two columns for them: `geometry`, and `bbox`, the box around each
shape (`xmin`, `ymin`, `xmax`, `ymax`), by which readers skip what lies elsewhere (GeoParquet 1.1).
A column of the data that is called so has a `_` after its name.

## Layers

The key of a layer's rows, which GDAL takes for no column, is one where it has a name of its own or
is more than 1, 2, 3 … (GeoPackage's `fid`, often the only key of what QGIS wrote; `OBJECTID` of a
File Geodatabase). Else it is left out. Both are noted, as the next vintage may differ: `columns:
{fid: int}` keeps it whatever it holds, `drop: [fid]` leaves it out. The `id` of GeoJSON's features
is a column `id`, or `feature_id` where a property has that name. Measures (M) are left out and
noted, as GeoParquet has none; heights are kept. Moments of GeoJSON are read to the microsecond.
Shapes that cross the 180th meridian are cut there when they are reprojected to degrees; where a
file's own longitudes go on beyond it (182 for -178), `geometry: {wrap: true}` has them cut.

Shapefiles, GeoPackage, GeoJSON and lines of it, TopoJSON (each of its `objects` is a layer),
FlatGeobuf, File Geodatabases, KML, GML, GPX, MapInfo (TAB, MIF), DXF and EsriJSON are layers. A
format of several files needs all of them in its archive, and one that is missing is named. A KMZ is
an archive; its images are no data. Of a GPX, the only layer that is not empty is meant. What other
files a KML names (`NetworkLink`) is told, and not read. Formats that state no CRS need
`geometry: {crs: …}` (DXF), or are WGS 84 where their coordinates can be (GeoJSON, TopoJSON).

## Files of other families

What a file is shows in its bytes; `format:` is for what shows in none. Columns of Arrow files and
streams, Feather and ORC keep their types, as those of Parquet do. What no table holds (a union, an
interval) is refused by its name, until it is left out by `drop`.

`table:` names the table, or the view, of an SQLite or DuckDB file that is fetched, of a File
Geodatabase, or of a GeoPackage where it has no geometries; without it, the only table is meant.
A database with a journal beside it (`-wal`, `.wal`) is refused: its last changes are there. SQLite
keeps a type with each value, whatever its column is declared as: a column whose values are all of
one type has it, whole numbers among floats are floats where none loses a digit, and any other
mixture is text and told with its counts. Texts that are not UTF-8 need `encoding`. Of DuckDB, types
that Parquet has not (intervals, enumerations, UUIDs, unions) are text, and long whole numbers
(HUGEINT) are ints where all of them fit. Its views read no other file. What a program still writes
to is read by `from: database`.

Text of fixed width has its positions from a codebook, `fixed: {columns: {code: [1, 5], sex: 6}}`:
counted from 1, the last one included. They count characters, which are bytes in the one-byte
encodings (`encoding: cp1252`) that most codebooks are about. `count: bytes` is for UTF-8 whose
lines are of one width in bytes; where the lines show that and `count` is not stated, the run stops.
A line that is shorter than the last position, or has something behind it, is an error with its
number; `pad: true` is for files without the blanks at the ends of their lines. Positions of no
column that hold something are told. Of several kinds of records in one file, `where` keeps one.

A .dbf that is no part of a shapefile is a table. Memo fields and FoxPro's own types (integers,
moments) are refused until they are left out. A member of an archive that is compressed by itself
(`data.csv.gz` in a zip) is read as what is in it, and so is an archive in an archive that `member`
names or that is the only one: `member: "communes.zip/*.csv"` leads into it, `"*.zip/*.csv"` into
each. What is in all of them counts for `max_size` and `max_members`; one that is in three others
stays closed.

## JSON and XML

Each record is a row; objects in it become columns whose names are joined by `separator`, lists stay
text in JSON unless they are declared. Where the records stand, `records:` says (of pages,
`pages: {records: …}`), by one language:

```yaml
records: data.items                # the list at that place
records: '"a.b".items'             # the same, below a name that has a dot
records: "[1]"                     # the second element of a list: World Bank's rows
records: "data.*"                  # all values of an object; their keys become the column `key`
records: "data.*:dep.*:year"       # two levels of keys, each named; plain values are `value`
records: response.rows.row         # in XML: each element `row`, named from the root on
```

What is no list of objects is declared, never guessed: `json: {shape: …}` for rows as lists, objects
of columns, plain values, SPARQL results, JSON-stat, SDMX; of pages, `pages: {names: …}` names the
values of rows that are lists. All are streamed, in bounded memory; lists of other lengths than
their names or each other are errors, and of a cube, the cells that hold nothing are counted.
`shape: columns`, `jsonstat` and `sdmx` are one document each: `from: file`, which takes `params`,
`headers`, `auth`, and `method: POST` with a `body` or a `form`, as an API does.

Of XML, attributes are columns with an `@`, what comes several times in any record is a list in all
of them, text among elements is refused unless its column is declared as text, namespaces are left
out, and one name in two of them is an error. Entities are refused; nothing outside of the file is
read.

What stands around the records is no column by itself. `columns: {bank: {from: "../@IDBANK", type:
string}}` takes an attribute of the element that each record stands in (of a series of SDMX, whose
observations are the records), `../../@…` one of the element around that. Such attributes that are
in no column are told below the table, until `drop: ["../@FREQ"]` says that they are not wanted. Of
pages, those of the root are about the page, and are not kept.

Pages of XML (`format: xml`) are read alike: `pages: {records: reponse.lignes.ligne}` names the
element of each record, and `next`, `total` and the like lead through elements and attributes
(`total: reponse.@total`). A root that is an error (`Error`, `ExceptionReport`) is shown in its
words.

Keys that are values (years, codes) make a column each: above 200 columns the objects that look so
are named below the table, with what to write. `drop: [geo]` leaves out all of an object, `drop:
["geo_*"]` what matches.

## How text is read

UTF-8 unless `encoding` or a byte order mark says otherwise; the delimiter that alone cuts the
header and all of the first rows alike; names in the first row that holds something. Where that is
in doubt (a title or merged cells above the header, units below it, two delimiters that both fit, no
header, rows that have names while their column has none, an encoding that is not UTF-8), the run
stops and shows the rows with each reading and the keys that state it. Line ends of several kinds,
byte order marks within, blank lines, DOS's end-of-file character, Excel's `sep=;` and headers that
come again are read right and noted. What was found is in the log, below the table of what was
published, and in the manifest (`read`, `notes`). The records of every file are counted a second
time, by other means than its reader, and must all have come out; the first and the last one of CSV,
JSON, GeoJSON, workbooks, APIs and GeoPackages must come out as another reader sees them.

Where the header is stated (`csv.header`, `xlsx.header`), it holds for every file of the source: one
in which that row is no header, or in which the names of the others stand elsewhere, is an error,
which prints how it is stated by file: `header: {"2019*.csv": 3, "*": 1}`.

A header of several rows is stated as a list, `header: [1, 2]`: what stands in these rows above one
another is joined by `_`. A group (a merged cell) holds for the columns to its right: as far as the
cell is merged in a sheet, else up to the next text; a name with nothing below it holds for its own
column. `| |2020| |2021| |` above `|code|H|F|H|F|` gives `code`, `2020_H`, `2020_F`, `2021_H`,
`2021_F`.

## Workbooks

The keys of `xlsx:` are for every family: .xlsx and .xlsm, .xls (Excel 5 to 2003), .ods, .xlsb, and
the strict variant of .xlsx. Each cell is the text that it shows where that tells more than its
value: a number shown as 01001 is `01001`, a day is `2024-02-29`, a duration `30:05:00`; an error is
its sign (`#N/A`), which `nulls` may name; 12.5 % is 0.125. A hidden sheet is a sheet. Of cells that
are merged over several rows the first has the value, which is noted; `fill: down` of a column gives
it to the others, as in any list of CSV or a sheet that names each group once. Formulas have the
values that were stored; where none was, the workbook is refused, as is one with a password. Memory
holds an .xls whole, and an .ods or .xlsb while it is counted a second time: some 100 bytes a cell.

## SAS, Stata, SPSS and R

Files of SAS (.sas7bdat, .xpt), Stata (.dta) and SPSS (.sav, .zsav, .por) need one more package:
`pip install -r envs/requirements-statistics.txt`. They are read in chunks, whatever their size.

- A number is an int where all values of the file are whole, else a float. One that is shown with
  leading zeros (`Z5.`, `N5`, `%05.0f`) is a code: `01001`.
- What is a date or a moment by its format is one; of Stata's months, quarters and weeks, the first
  day. A time is text, `09:30:00`, which `columns: {h: time}` makes a time.
- A value that is declared missing (`.A`, `.a`, ranges of SPSS) is none; how many there are of each
  code is noted, as are labels of variables.
- Labels of values are left out unless asked for: `labels: true`, or `both`.

A date that is declared `int` or `float` stays the number that it is. Stata up to version 13 and
SAS' transport files do not say which encoding their text has: UTF-8 where all of it is, else
Windows-1252, which is noted; or state `encoding`. Kinds of missing values are not told apart in
.xpt and .por, whose files do not state their number of rows either. SAS keeps labels of values in a
file of its own (.sas7bcat), which is not read. A transport file of several tables needs `table:`.

Files of R (.rds, .RData) need no package. A factor is its labels, a POSIXct a moment in UTC, a
difftime a number whose unit is noted; names of rows are the column `rowname`. What is no data
frame, and columns that are lists, are refused by name; `table:` names one of several objects. A
file of more than 2 GiB without its compression is refused: it is read whole.

## Partitions

A source with `partitions:` is asked once for each combination of the values of its axes, which
stand in `url`, `params`, `body` or `member` as `{axis}`. The values are a list; or a column of a
CSV, so that thousands of codes need not stand in the configuration; or windows of time:

```yaml
partitions:
  commune: {file: config/communes.csv, column: code}          # diffusion partitions communes code
  month: {from: "2020-01", to: vintage, every: month}         # 2020-01, 2020-02 …
params: {insee: "{commune}", since: "{month.first}", until: "{month.last}"}
```

The plan of a run is static: a file of codes is committed and reviewed like the lock, and `diffusion
partitions TABLE COLUMN` writes it from what is published, with what was added and removed. Where a
value is a period (`2020`, `2020-Q1`, `2020-01`, `2020-W05`, `2020-01-31`), `{month.first}` and
`{month.last}` are its first and last day, and `{month.next}` is the day after it, for servers whose
upper bound is not included.

## What is asked for once

Sources that make the same request under the same vintage share the bytes: what two tables read from
one archive is downloaded once; so is the archive of all partitions of a source, where their axis
stands in `member` alone. A new vintage asks for everything again, but for

- `reuse: {axis: month}`: windows that were over at an earlier vintage come from its raw copy;
  `after: 30` where data are revised for thirty days more;
- `if_changed: true` (files, archives, S3): the server is asked whether the file changed since the
  newest earlier vintage. If not, or if the same bytes come, the old ones are shared.

Which vintage is earlier, their names say: each begins with a day, or is a week, a month, a quarter
or a year (`2026-11`). Of a month and a day in it, neither is earlier. A raw copy that shares its
bytes has a provenance of its own (`shared_with`), and `diffusion prune` keeps what another one
needs.

## Checks of one's own

```yaml
checks:
  sql:
    parts: women + men = population            # each row must fulfil it; what is missing passes
    no_jump:
      query: |                                 # it must give no row
        SELECT code, this.population, before.population AS was FROM this JOIN before USING (code)
        WHERE this.population NOT BETWEEN 0.8 * before.population AND 1.2 * before.population
      warn: true
    known: {query: SELECT code FROM this ANTI JOIN communes USING (code), tables: [communes]}
```

A query is one SELECT of DuckDB. It reads the table as `this`, other tables by the names under
`tables:`, and what is published of the table as `before`; where nothing is published yet, a check
that names `before` passes. Ten rows that break a check are shown, and kept with its result.

## Folders of files

With `partition_by: [departement]` a table is published as
`<name>/by_departement=_01/data-<hash>.parquet` and so on, one file for each value, so that readers
fetch only what they need. The column itself stays in each file; the underscore keeps readers from
turning `01` into a number.

## Every key

Each kind of source has its own keys: "for" says which. A key of another kind, or one that would
have no effect where it stands, is an error. `<name>` and `<column>` are names that you choose.
Where the default is "not set", the description explains what applies.
"""


def main() -> None:
    PAGE.write_text(render(yaml.safe_load(SCHEMA.read_text("utf-8"))), "utf-8")
    print(f"{PAGE} written")


def render(schema: Mapping) -> str:
    """Return the page of a schema."""
    parts = [INTRODUCTION]
    told: dict[int, str] = {}
    for path, section in sections(schema, ""):
        if id(section) in told:  # a YAML alias: the same keys stand elsewhere
            continue
        told[id(section)] = path
        parts.append(f"### {f'`{path}`' if path else 'Top level'}\n\n{_table(path, section, told)}")
    return "\n".join(parts)


def sections(section: Mapping, path: str) -> Iterator[tuple[str, Mapping]]:
    """Yield (dotted path, schema) of every mapping with known keys, parents first."""
    if "properties" in section:
        yield path, section
    for branch in section.get("anyOf", ()):  # alone, or in a list
        yield from sections(branch, path)
    for key, sub in section.get("properties", {}).items():
        inner = f"{path}.{key}".lstrip(".")
        yield from sections(sub, inner)
        if chosen := chosen_names(sub):
            yield from sections(chosen, f"{inner}.{CHOSEN[key]}")


def chosen_names(section: Mapping) -> Mapping | None:
    """Return the schema below names that users choose, where it has known keys itself."""
    extra = section.get("additionalProperties")
    branches = extra.get("anyOf", [extra]) if isinstance(extra, dict) else []
    known = [branch for branch in branches if "properties" in branch]
    return _together(known) if len(known) > 1 else next(iter(known), None)


def _together(branches: list[Mapping]) -> Mapping:
    """Return kinds of entries as one table: each key says which kinds have it."""
    properties: dict[str, Mapping] = {}
    kinds: dict[str, list[str]] = {}
    named = {_name(branch): branch for branch in branches}
    for name, branch in named.items():
        for key, sub in branch["properties"].items():
            if "const" not in sub and properties.get(key, sub) != sub:
                key += f"{OTHER}{name}"  # the same word, with a default or a meaning of its own
            properties.setdefault(key, sub)
            kinds.setdefault(key, []).append(f"`{name}`")
    consts = {key for key, sub in properties.items() if "const" in sub}
    for key in consts:
        subs = [branch["properties"][key] for branch in branches]
        values = [sub["const"] for sub in subs]
        words = [f"`{v}`: {s['description']}" for v, s in zip(values, subs, strict=True)]
        if isinstance(values[0], bool):
            properties[key] = {**subs[0], "type": "boolean"}
        else:
            properties[key] = {"enum": values, "description": " ".join(words)}
    needing = {
        key: {f"`{name}`" for name, branch in named.items() if key in branch.get("required", [])}
        for key in kinds
    }
    shared = {key for key, names in needing.items() if names and names.issuperset(kinds[key])}
    every = {
        key: "all" if len(kinds[key]) == len(branches) else ", ".join(kinds[key]) for key in kinds
    }
    return {"properties": properties, "required": sorted(shared), "kinds": every}


def _name(branch: Mapping) -> str:
    """Return which kind of entry a branch is for, by its constant."""
    told = next(sub["const"] for sub in branch["properties"].values() if "const" in sub)
    return told if isinstance(told, str) else "figure" if told else "table"


def _table(path: str, section: Mapping, told: Mapping[int, str]) -> str:
    kinds = section.get("kinds", {})
    lines = ["| key | for | type | default | description |", "|---|---|---|---|---|"]
    if not kinds:
        lines = ["| key | type | default | description |", "|---|---|---|---|"]
    required = section.get("required", section.get("x-required", []))
    for key, sub in section["properties"].items():
        name = f"{path}.{key.partition(OTHER)[0]}".lstrip(".")
        default, text = _default(sub.get("default")), sub.get("description", "")
        if "properties" in sub:
            default = "see below"
        if id(sub) in told:
            text += f" Keys: see `{told[id(sub)]}`."
        if key in required:
            default = "**required**"
        cells = [f"`{name}`", *([kinds[key]] if kinds else []), _type(sub), default, text]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if value is None:
        return "not set"
    if value in ("", [], {}):
        return "empty"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _type(section: Mapping) -> str:
    if "enum" in section:
        return ", ".join(f"`{value}`" for value in section["enum"])
    if "anyOf" in section:
        return " or ".join(_type(branch) for branch in section["anyOf"])
    given = section.get("type", "any")
    names = [name for name in ([given] if isinstance(given, str) else given) if name != "null"]
    words = {"string": "text", "integer": "whole number", "boolean": "true/false"}
    words |= {"object": "mapping", "array": "list"}
    items = section.get("items", {})
    if names == ["array"] and "type" in items and "properties" not in items:
        return f"list of {_type(items)}"
    return " or ".join(words.get(name, name) for name in names)


if __name__ == "__main__":
    main()
