"""Broken configurations, and the words their authors read."""

START = """\
project: {name: demo}
vintage: "2025-03-19"
"""
SOURCE = """\
sources:
  dpe:
    from: api
    url: https://example.org/lines
"""
FILES = """\
sources:
  a: {from: file, url: a.csv}
  b: {from: file, url: b.csv}
"""
S3 = """\
sources:
  f:
    from: s3
    url: s3://lake/f.csv
"""


def source(*lines: str) -> str:
    return START + SOURCE + "".join(f"    {line}\n" for line in lines)


def derived(*lines: str) -> str:
    return START + FILES + "derive:\n" + "".join(f"  {line}\n" for line in lines)


# name: (YAML, what the user reads, whole); ⏎ stands for the line break and the arrow of the fix
ONE_ERROR = {
    "misspelt at the top": (
        START.replace("vintage", "vintages") + SOURCE + '    vintage: "1"\n',
        "vintages (config.yaml, line 2): unknown key ⏎ did you mean `vintage`? Allowed here: "
        "accept, derive, offline, project, sources, storage, vintage",
    ),
    "misspelt two deep": (
        START + "storage: {urll: here}\n" + SOURCE,
        "storage.urll (config.yaml, line 3): unknown key ⏎ did you mean `url`? Allowed here: "
        "endpoint, path_style, public_url, raw, region, url",
    ),
    "misspelt four deep": (
        source("pages: {styl: next_url}"),
        "sources.dpe.pages.styl (config.yaml, line 7): unknown key ⏎ did you mean `style`? Allowed "
        "here: error, estimate, hints, last, marker, max_pages, more, names, next, param, records, "
        "single, size, size_param, start, style, total",
    ),
    "misspelt five deep": (
        source("columns:", "  code: {typ: string}"),
        "sources.dpe.columns.code.typ (config.yaml, line 8): unknown key ⏎ did you mean `type`? "
        "Allowed here: decimal, description, entities, false_values, fill, first_year, format, "
        "formats, from, implied_decimals, measured_in, nulls, pad, split, thousands, true_values, "
        "type, unit",
    ),
    "a portal that is no address": (
        source("portal: www.data.gouv.fr/fr/datasets/dpe"),
        "sources.dpe.portal (config.yaml, line 7): found `www.data.gouv.fr/fr/datasets/dpe` ⏎ "
        "write the address of its description as JSON, https://…; axes have no place in it",
    ),
    "a time that is no period": (
        source('temporal: "2023-06/2019"'),
        "sources.dpe.temporal (config.yaml, line 7): `2023-06/2019` is no period ⏎ write a period, "
        "or two joined by `/`, the earlier one first: 2020-01-31, 2020-W05, 2020-01, 2020-Q1, 2020",
    ),
    "a figure's time from a column": (
        derived("m: {figure: true, script: m.py, inputs: [a], temporal: {column: day}}"),
        "derive.m.temporal (config.yaml, line 7): a figure has no columns ⏎ write the period "
        "itself, such as `2019/2023-06`",
    ),
    "whom to ask is no address": (
        source("contact: the office"),
        "sources.dpe.contact (config.yaml, line 7): found 'the office' ⏎ write an e-mail address, "
        "or the address of a page (https://…). For the catalogue: whom to ask, an e-mail address "
        "or a page (https://…). An entry without one has its project's.",
    ),
    "a page is no address": (
        source("homepage: example.org"),
        "sources.dpe.homepage (config.yaml, line 7): found 'example.org' ⏎ write the whole "
        "address: https://…. For the catalogue: the page about it (https://…). An entry without "
        "one has its project's.",
    ),
    "a type for a column of a derived table": (
        derived("t: {sql: SELECT 1 AS n, inputs: [a], columns: {n: int}}"),
        "derive.t.columns.n (config.yaml, line 7): found 'int' ⏎ must be a mapping (key: value). "
        "What a query or script gives has its name and type already; here it is described: "
        "{description: …, measured_in: …}.",
    ),
    "wrong type: a list is needed": (
        source("nulls: s"),
        "sources.dpe.nulls (config.yaml, line 7): found 's' ⏎ must be a list or a mapping "
        '(key: value). Tokens that mean "no value" (besides empty), e.g. the secrecy codes '
        "`[s, nd, ns]`; or each with its reason, `{s: secret statistique, nd: non disponible}`, "
        "which the manifest lists and `status` keeps. Numbers are compared as numbers (`-999` is "
        "also `-999.0`), dates of Parquet and of layers as they show.",
    ),
    "wrong type: a mapping is needed": (
        START + FILES.replace("url: a.csv", "url: a.csv, csv: ;"),
        "sources.a.csv (config.yaml, line 4): found ';' ⏎ must be a mapping (key: value). "
        "How delimited text is read.",
    ),
    "wrong type: a whole number": (
        source("retries: many"),
        "sources.dpe.retries (config.yaml, line 7): found 'many' ⏎ must be a whole number. "
        "New tries after a connection error or 5xx.",
    ),
    "wrong type: true or false": (
        START + "offline: 'yes'\n" + SOURCE,
        "offline (config.yaml, line 3): found 'yes' ⏎ must be true or false. Forbid the network; "
        "sources then come from raw copies only. Storage may still be S3.",
    ),
    "wrong type: true or false, as text of the command line": (
        START + "offline: 'true'\n" + SOURCE,
        "offline (config.yaml, line 3): found 'true' ⏎ write it without quotes; on the command "
        "line as Python does: --config offline=True",
    ),
    "wrong type: the number of a CRS": (
        source("geometry: {crs: 3857}"),
        "sources.dpe.geometry.crs (config.yaml, line 7): found 3857 ⏎ did you mean `EPSG:3857`?",
    ),
    "wrong type: text, where YAML sees true": (
        source("description: no"),
        "sources.dpe.description (config.yaml, line 7): found false ⏎ text is needed: put it in "
        "quotes (YAML reads yes, no, on, off as true or false)",
    ),
    "out of range": (
        source("timeout: 0"),
        "sources.dpe.timeout (config.yaml, line 7): found 0 ⏎ must be above 0. Seconds without a "
        "byte before a request is given up.",
    ),
    "missing url": (
        START + "sources:\n  dpe:\n    from: file\n",
        "sources.dpe.url (config.yaml, line 4): missing ⏎ http(s)://, s3:// or a path from the "
        "project's folder; `{axis}` is replaced by each partition's value.",
    ),
    "missing project name": (
        'project: {title: x}\nvintage: "1"\n' + SOURCE,
        "project.name (config.yaml, line 1): missing ⏎ Short name of the project, "
        "`[a-z][a-z0-9_-]*`.",
    ),
    "no source": (
        START + "sources: {}\n",
        "sources (config.yaml, line 3): found a mapping {} ⏎ needs at least one entry. One entry a "
        "source; `diffusion source URL` looks at data and writes one. The name becomes the table's "
        "name, `[a-z][a-z0-9_]*`. Each kind (`from`) has its own keys.",
    ),
    "no sources at all": (
        START,
        "sources: missing ⏎ One entry a source; `diffusion source URL` looks at data and writes "
        "one. The name becomes the table's name, `[a-z][a-z0-9_]*`. Each kind (`from`) has its own "
        "keys.",
    ),
    "an empty source": (
        START + FILES + "  c:\n",
        "sources.c (config.yaml, line 6): found nothing ⏎ must be a mapping (key: value)",
    ),
    "enum, near miss": (
        source("pages: {style: next-url}"),
        "sources.dpe.pages.style (config.yaml, line 7): found 'next-url' ⏎ did you mean "
        "`next_url`? Allowed: none, next_url, link_header, page, offset, cursor",
    ),
    "enum, no near miss": (
        source("method: DELETE"),
        "sources.dpe.method (config.yaml, line 7): found 'DELETE' ⏎ Allowed: GET, POST",
    ),
    "kind of source, near miss": (
        START + "sources:\n  dpe: {from: API, url: https://example.org}\n",
        "sources.dpe.from (config.yaml, line 4): found 'API' ⏎ did you mean `api`? Allowed: api, "
        "archive, file, s3, database",
    ),
    "column type, near miss": (
        source("columns: {n: integer}"),
        "sources.dpe.columns.n (config.yaml, line 7): found 'integer' ⏎ did you mean `int`? Types: "
        "string, int, float, bool, date, timestamp, category, json, struct, "
        "list[…] of one of the first six",
    ),
    "column type in a mapping": (
        source("columns: {n: {type: strng}}"),
        "sources.dpe.columns.n.type (config.yaml, line 7): found 'strng' ⏎ did you mean `string`? "
        "Types: string, int, float, bool, date, timestamp, category, json, struct, list[…] of one "
        "of the first six",
    ),
    "column without type": (
        source("columns:", "  n:"),
        "sources.dpe.columns.n (config.yaml, line 8): found nothing ⏎ Types: string, int, float, "
        "bool, date, timestamp, category, json, struct, list[…] of one of the first six",
    ),
    "unquoted code": (
        source("partitions:", '  commune: ["01004", 01450]', "params: {c: '{commune}'}"),
        "sources.dpe.partitions.commune.1 (config.yaml, line 8): found 808 ⏎ text is needed: put "
        "it in quotes (unquoted, YAML reads 01450 as the number 808)",
    ),
    "one value instead of a list": (
        source("partitions: {commune: '01450'}"),
        "sources.dpe.partitions.commune (config.yaml, line 7): found '01450' ⏎ must be a list or a "
        "mapping (key: value)",
    ),
    "one sheet where several are named": (
        START + "sources:\n  f: {from: file, url: f.xlsx, xlsx: {sheets: Data}}\n",
        "sources.f.xlsx.sheets (config.yaml, line 4): found 'Data' ⏎ must be `all` or a list. "
        "Several sheets of the same columns as one table: `all`, or a list of names and globs. "
        "Empty ones are left out; one of other columns is an error.",
    ),
    "one column without its list": (
        source("checks: {unique: code}"),
        "sources.dpe.checks.unique (config.yaml, line 7): found 'code' ⏎ must be a list. Columns "
        "that together identify a row: `[code, year]`; several keys as a list of lists: "
        "`[[siret], [siren, nic]]`.",
    ),
    "axis without values": (
        source("partitions: {commune: []}"),
        "sources.dpe.partitions.commune (config.yaml, line 7): found a list [] ⏎ needs at least "
        "1 item",
    ),
    "value twice": (
        source("partitions: {year: ['2020', '2020']}"),
        "sources.dpe.partitions.year (config.yaml, line 7): found a list ['2020', '2020'] ⏎ must "
        "not repeat an item",
    ),
    "unquoted key": (
        source("columns: {no: string}"),
        "sources.dpe.columns.no (config.yaml, line 7): the key is read as true or false ⏎ put "
        "it in quotes",
    ),
    "null for nulls": (
        source("null: ['s']"),
        "sources.dpe.null (config.yaml, line 7): unknown key ⏎ did you mean `nulls`? Every key: "
        "config/README.md",
    ),
    "a key of the schema that is read as true": (
        source("params: {a: b}", "checks:", "  on: [a]"),
        "sources.dpe.checks.on (config.yaml, line 9): unknown key ⏎ Allowed here: …",
    ),
    "unquoted number as key": (
        source("columns: {01450: string}"),
        "sources.dpe.columns.01450 (config.yaml, line 7): the key is read as the number 808 ⏎ put "
        "it in quotes",
    ),
    "axis not declared": (
        source("params: {q: 'code:{commune}'}", "partitions: {year: ['2020']}").replace(
            "/lines", "/{year}"
        ),
        "sources.dpe.params (config.yaml, line 7): uses {commune}, which is not an axis ⏎ "
        'declare it: partitions: {commune: ["…"]} (declared axes: year)',
    ),
    "axis not used": (
        source("partitions:", "  year: ['2020', '2021']"),
        "sources.dpe.partitions.year (config.yaml, line 8): the axis is used nowhere ⏎ write "
        "{year} in url or params, or every partition would hold the same data",
    ),
    "bad value of an axis": (
        source("partitions: {year: ['../x']}").replace("/lines", "/{year}"),
        "sources.dpe.partitions.year.0 (config.yaml, line 7): found '../x' ⏎ a value must not "
        "begin with a dot or hold control characters",
    ),
    "value of an axis that makes too long a file name": (
        source(f"partitions: {{year: ['{'é' * 40}']}}").replace("/lines", "/{year}"),
        "sources.dpe.partitions (config.yaml, line 7): the name of a partition has more than 200 "
        "characters ⏎ use codes instead of long texts",
    ),
    "derive input that is no table": (
        derived("t: {sql: t.sql, inputs: [a, bb]}"),
        "derive.t.inputs.1 (config.yaml, line 7): `bb` is not a table ⏎ did you mean `b`? "
        "Tables: a, b",
    ),
    "Spark for a script": (
        derived("t: {script: t.py, engine: spark, inputs: [a]}"),
        "derive.t.engine (config.yaml, line 7): `spark` runs `sql:`, and no script ⏎ write the "
        "query as `sql: …`, or leave `engine` out",
    ),
    "derive input that is a figure": (
        derived("m: {script: m.py, figure: true, inputs: [a]}", "t: {sql: t.sql, inputs: [a, m]}"),
        "derive.t.inputs.1 (config.yaml, line 8): `m` is a figure, not a table ⏎ Tables: a, b",
    ),
    "circle": (
        derived(
            "z: {sql: z.sql, inputs: [x]}",
            "x: {sql: x.sql, inputs: [a, y]}",
            "y: {sql: y.sql, inputs: [x]}",
        ),
        "derive.x.inputs (config.yaml, line 8): a circle: x ← y ← x ⏎ an entry cannot need itself, "
        "not even through others",
    ),
    "circle of one": (
        derived("x: {sql: x.sql, inputs: [x]}"),
        "derive.x.inputs (config.yaml, line 7): a circle: x ← x ⏎ an entry cannot need itself, not "
        "even through others",
    ),
    "neither sql nor script": (
        derived("x: {inputs: [a]}"),
        "derive.x (config.yaml, line 7): found none ⏎ write one of `sql: …` and `script: …`",
    ),
    "both sql and script": (
        derived("x: {sql: x.sql, script: x.py, inputs: [a]}"),
        "derive.x (config.yaml, line 7): found both ⏎ write one of `sql: …` and `script: …`",
    ),
    "a path as script": (
        derived("x: {script: ../x.py, inputs: [a]}"),
        "derive.x.script (config.yaml, line 7): found `../x.py` ⏎ write the name of a file in "
        "scripts/derive/, e.g. my_table.py (or its path)",
    ),
    "a file of another kind as SQL": (
        derived("x: {sql: x.py, inputs: [a]}"),
        "derive.x.sql (config.yaml, line 7): found `x.py` ⏎ write the name of a file in "
        "scripts/derive/, e.g. my_table.sql (or its path)",
    ),
    "a figure in SQL": (
        derived("x: {sql: x.sql, script: x.py, figure: true, inputs: [a]}"),
        "derive.x.sql (config.yaml, line 7): unknown key ⏎ only with `figure: false`. Allowed "
        "here: …",
    ),
    "bad name": (
        START + "sources:\n  DPE-1: {from: file, url: a.csv}\n",
        "sources.DPE-1 (config.yaml, line 4): not a valid name ⏎ names are lower case letters, "
        "digits and _, and begin with a letter",
    ),
    "a source called as what snakemake does": (
        START + "sources:\n  fetch: {from: file, url: a.csv}\n",
        "sources.fetch (config.yaml, line 4): `snakemake fetch` means the work of all, and not "
        "this entry ⏎ give it another name (of one that was published before, `publish_as: fetch` "
        "keeps its published name, `was: fetch` its raw copies)",
    ),
    "a derived table called as a rule": (
        derived('write_lock: {sql: "SELECT 1", inputs: [a]}'),
        "derive.write_lock (config.yaml, line 7): `snakemake write_lock` means the work of all, "
        "and not this entry ⏎ give it another name (of one that was published before, "
        "`publish_as: write_lock` keeps its published name)",
    ),
    "made of a draft": (
        derived('x: {sql: "SELECT * FROM b", inputs: [a, b]}').replace(
            "url: b.csv", "url: b.csv, draft: true"
        ),
        "derive.x.inputs.1 (config.yaml, line 7): `x` is made of `b`, of which nothing is "
        "published: it is a draft ⏎ take `draft: true` out of sources.b, or leave x out until "
        "then; `publish: false` in its place keeps b unpublished, and can be read",
    ),
    "checked against a draft": (
        START
        + FILES.replace("b.csv", "b.csv, draft: true").replace(
            "a.csv", "a.csv, checks: {foreign_keys: {n: b.n}}"
        ),
        "sources.a.checks (config.yaml, line 4): `a` is checked against `b`, of which nothing is "
        "published: it is a draft ⏎ take `draft: true` out of sources.b, or leave a out until "
        "then; `publish: false` in its place keeps b unpublished, and can be read",
    ),
    "bad project name": (
        START.replace("demo", "My Project") + SOURCE,
        "project.name (config.yaml, line 1): found 'My Project' ⏎ lower case letters, digits, _ "
        "and -, beginning with a letter. Short name of the project, `[a-z][a-z0-9_-]*`.",
    ),
    "a source and a derived table of one name": (
        derived("a: {sql: a.sql, inputs: [b], publish_as: other}"),
        "derive.a (config.yaml, line 7): a source has the same name ⏎ rename one",
    ),
    "vintage missing": (
        "project: {name: demo}\n" + SOURCE,
        "sources.dpe.vintage (config.yaml, line 3): missing ⏎ write the date of the data, quoted: "
        'vintage: "2025-03-19" (here or at the top)',
    ),
    "vintage that is a number": (
        START.replace('"2025-03-19"', "2025") + SOURCE,
        "vintage (config.yaml, line 2): found 2025 ⏎ text is needed: put it in quotes "
        "(unquoted, YAML reads 01450 as the number 808)",
    ),
    "vintage with a slash": (
        START.replace("2025-03-19", "2025/03") + SOURCE,
        "vintage (config.yaml, line 2): found '2025/03' ⏎ letters, digits, `.`, `_` and `-`, no "
        'spaces. Name under which raw bytes are frozen, usually the date of the data such as "2025-'
        '03-19". Never "today". A source may set its own.',
    ),
    "two sources published as one": (
        START + FILES + "  c: {from: file, url: c.csv, publish_as: a}\n",
        "sources.c.publish_as (config.yaml, line 6): sources.a and sources.c would both be "
        "published as `a` ⏎ give one of them another name",
    ),
    "published as the manifest": (
        START + FILES + "  manifest: {from: file, url: c.csv}\n",
        "sources.manifest.publish_as (config.yaml, line 6): `manifest` is taken ⏎ choose another "
        "name",
    ),
    "raw inside url": (
        START + "storage: {url: s3://lake/diffusion, raw: s3://lake/diffusion/raw/}\n" + SOURCE,
        "storage.raw (config.yaml, line 3): `s3://lake/diffusion/raw/` and storage.url "
        "`s3://lake/diffusion` overlap ⏎ raw copies are kept forever and not for readers: give "
        "them a place of their own",
    ),
    "raw inside url, otherwise spelt": (
        START + "storage: {url: published/, raw: ./x/../published/raw}\n" + SOURCE,
        "storage.raw (config.yaml, line 3): `./x/../published/raw` and storage.url `published/` "
        "overlap ⏎ raw copies are kept forever and not for readers: give them a place of their "
        "own",
    ),
    "url inside raw": (
        START + "storage: {url: s3://lake/x, raw: s3://lake}\n" + SOURCE,
        "storage.raw (config.yaml, line 3): `s3://lake` and storage.url `s3://lake/x` overlap ⏎ "
        "raw copies are kept forever and not for readers: give them a place of their own",
    ),
    "storage that is neither S3 nor a folder": (
        START + "storage: {url: https://minio.example.org/bucket}\n" + SOURCE,
        "storage.url (config.yaml, line 3): found `https://minio.example.org/bucket` ⏎ write "
        "s3://bucket/prefix, or a folder",
    ),
    "storage without a bucket": (
        START + "storage: {url: 's3:///prefix'}\n" + SOURCE,
        "storage.url (config.yaml, line 3): found `s3:///prefix` ⏎ write s3://bucket/prefix, or a "
        "folder",
    ),
    "storage in a home folder": (
        START + "storage: {raw: ~/raw}\n" + SOURCE,
        "storage.raw (config.yaml, line 3): found `~/raw` ⏎ `~` is not expanded: write ${HOME}/raw",
    ),
    "from: s3 with https": (
        START + "sources:\n  f: {from: s3, url: https://minio.example.org/b/f.csv}\n",
        "sources.f.url (config.yaml, line 4): found `https://minio.example.org/b/f.csv` with "
        "`from: s3` ⏎ an s3:// URL goes with `from: s3`, and `from: s3` with an s3:// URL",
    ),
    "from: file with s3": (
        START + "sources:\n  f: {from: file, url: s3://lake/f.csv}\n",
        "sources.f.url (config.yaml, line 4): found `s3://lake/f.csv` with `from: file` ⏎ an s3:// "
        "URL goes with `from: s3`, and `from: s3` with an s3:// URL",
    ),
    "from: s3 without a key": (
        START + "sources:\n  f: {from: s3, url: s3://lake}\n",
        "sources.f.url (config.yaml, line 4): found `s3://lake` ⏎ write s3://bucket/key",
    ),
    "from: api with a path": (
        START + "sources:\n  f: {from: api, url: lines.json}\n",
        "sources.f.url (config.yaml, line 4): found `lines.json` ⏎ an API has an http:// or "
        "https:// URL",
    ),
    "from: api without a scheme": (
        START + "sources:\n  f: {from: api, url: example.org/lines}\n",
        "sources.f.url (config.yaml, line 4): found `example.org/lines` ⏎ an API has an http:// or "
        "https:// URL: write `url: https://example.org/lines`",
    ),
    "a CRS by a name of one's own": (
        START + FILES.replace("url: a.csv", "url: a.csv, geometry: {to_crs: lambert93}"),
        "sources.a.geometry.to_crs (config.yaml, line 4): there is no CRS `lambert93` ⏎ did you "
        'mean "EPSG:2154"? Write the code of the register EPSG, e.g. "EPSG:2154" (Lambert-93) or '
        '"EPSG:4326" (degrees)',
    ),
    "a CRS without its register": (
        START + FILES.replace("url: a.csv", "url: a.csv, geometry: {crs: epsg32631}"),
        "sources.a.geometry.crs (config.yaml, line 4): there is no CRS `epsg32631` ⏎ did you "
        'mean "EPSG:32631"? Write the code of the register EPSG, e.g. "EPSG:2154" (Lambert-93) or '
        '"EPSG:4326" (degrees)',
    ),
    "a CRS of a derived table that does not exist": (
        derived("d: {sql: d.sql, inputs: [a], geometry: {to_crs: 'EPSG:99999'}}"),
        "derive.d.geometry.to_crs (config.yaml, line 7): there is no CRS `EPSG:99999` ⏎ write the "
        'code of the register EPSG, e.g. "EPSG:2154" (Lambert-93) or "EPSG:4326" (degrees)',
    ),
    "geometries of two forms": (
        START + FILES.replace("url: a.csv", "url: a.csv, geometry: {from: {latlon: x, lonlat: x}}"),
        "sources.a.geometry.from (config.yaml, line 4): has several forms: latlon, lonlat ⏎ write "
        "`{lon: …, lat: …}`, or one of `latlon`, `lonlat`, `wkt`, `wkb`, `hex`, `geojson`",
    ),
    "columns that say which is x, and that they do not": (
        START
        + FILES.replace(
            "url: a.csv", "url: a.csv, geometry: {from: {lon: x, lat: y}, swap_xy: true}"
        ),
        "sources.a.geometry.swap_xy (config.yaml, line 4): `from.lon` says already which is which "
        "⏎ remove it; name the columns the other way round",
    ),
    "from: with the name of a format": (
        START + "sources:\n  f: {from: csv, url: f.csv}\n",
        "sources.f.from (config.yaml, line 4): found 'csv' ⏎ did you mean `file`? Allowed: api, "
        "archive, file, s3, database",
    ),
    "from: file with ftp": (
        START + "sources:\n  f: {from: file, url: ftp://example.org/f}\n",
        "sources.f.url (config.yaml, line 4): found `ftp://example.org/f` ⏎ write http://…, "
        "https://… or a path; for s3://… also `from: s3`",
    ),
    "sha256 with several partitions": (
        source(f"sha256: {'a' * 64}", "partitions: {y: ['1', '2']}", "params: {y: '{y}'}"),
        "sources.dpe.sha256 (config.yaml, line 7): one hash for several partitions ⏎ pin the "
        "hashes of several partitions in the lock: `diffusion lock`",
    ),
    "sha256 cut off": (
        source("sha256: abc"),
        "sources.dpe.sha256 (config.yaml, line 7): found 'abc' ⏎ 64 digits of 0-9 a-f, as "
        "`sha256sum` prints them. Hash that the raw bytes must have (one partition only).",
    ),
    "foreign key to no table": (
        START + FILES + "    \n  c: {from: file, url: c, checks: {foreign_keys: {x: aa.id}}}\n",
        "sources.c.checks.foreign_keys.x (config.yaml, line 7): `aa` is not another source ⏎ did "
        "you mean `a`? Tables: a, b",
    ),
    "foreign key to itself": (
        source("checks: {foreign_keys: {x: dpe.id}}"),
        "sources.dpe.checks.foreign_keys.x (config.yaml, line 7): `dpe` is not another source ⏎ "
        "Tables: none",
    ),
    "foreign key without a column": (
        source("checks: {foreign_keys: {x: communes}}"),
        "sources.dpe.checks.foreign_keys.x (config.yaml, line 7): found 'communes' ⏎ write "
        "table.column",
    ),
    "foreign key of a derived table to no input": (
        derived("t: {sql: t.sql, inputs: [a], checks: {foreign_keys: {x: b.id}}}"),
        "derive.t.checks.foreign_keys.x (config.yaml, line 7): `b` is not another of its inputs ⏎ "
        "Tables: a",
    ),
    "sort by a column that is left out": (
        source("keep: declared", "columns: {code: string}", "sort_by: [cod]"),
        "sources.dpe.sort_by (config.yaml, line 9): `cod` is not kept ⏎ did you mean `code`? "
        "Declare it under columns, or write keep: all",
    ),
    "check of a column that is left out": (
        source("keep: declared", "columns: {code: string}", "checks: {not_null: [geometry, cod]}"),
        "sources.dpe.checks.not_null (config.yaml, line 9): `cod` is not kept ⏎ did you mean "
        "`code`? Declare it under columns, or write keep: all",
    ),
    "range the wrong way round": (
        source("checks:", "  range: {x: [10, 1]}"),
        "sources.dpe.checks.range.x (config.yaml, line 8): found [10, 1] ⏎ write [lowest, highest]",
    ),
    "rows that are no numbers": (
        source("checks: {rows: [1, many]}"),
        "sources.dpe.checks.rows.1 (config.yaml, line 7): found 'many' ⏎ must be a whole number",
    ),
    "a key at the wrong depth": (
        START + FILES.replace("url: a.csv", "url: a.csv, delimiter: ;"),
        "sources.a.delimiter (config.yaml, line 4): unknown key ⏎ did you mean `csv.delimiter`? "
        "Every key: config/README.md",
    ),
    "pages of a file": (
        START + "sources:\n  f: {from: file, url: f, pages: {style: page}}\n",
        "sources.f.pages (config.yaml, line 4): unknown key ⏎ only with `from: api`. "
        "Every key: config/README.md",
    ),
    "endpoint of an API": (
        source("endpoint: minio.example.org"),
        "sources.dpe.endpoint (config.yaml, line 7): unknown key ⏎ only with `from: s3`. "
        "Every key: config/README.md",
    ),
    "auth of an S3 source": (
        START + S3 + "    auth: {env: MY_TOKEN}\n",
        "sources.f.auth (config.yaml, line 7): unknown key ⏎ only with `from: api` or "
        "`from: archive` or `from: file`. Every key: config/README.md",
    ),
    "auth without the variable": (
        source("auth: {style: header}"),
        "sources.dpe.auth.env (config.yaml, line 7): missing ⏎ name the environment variable that "
        "holds the secret",
    ),
    "one of two credentials": (
        START + S3 + "    credentials: {access_key_env: MY_KEY}\n",
        "sources.f.credentials (config.yaml, line 7): one of the two keys is missing ⏎ name both "
        "variables, access_key_env and secret_key_env",
    ),
    "the secret itself instead of its variable": (
        source("auth: {env: s3cr3t-value}"),
        "sources.dpe.auth.env (config.yaml, line 7): not the name of a variable ⏎ write the NAME "
        "of an environment variable (capitals, digits, _), never the secret itself. Name of the "
        "environment variable that holds the secret: key, password, or client secret.",
    ),
    "oauth2 without its server": (
        source("auth: {env: A, style: oauth2, user_env: B}"),
        "sources.dpe.auth.token_url (config.yaml, line 7): missing ⏎ `style: oauth2` asks "
        "`token_url` for a token, as the client in `user_env`",
    ),
    "a secret of two without its variable": (
        source("auth: [{env: A}, {style: basic}]"),
        "sources.dpe.auth.1.env (config.yaml, line 7): missing ⏎ name the environment variable "
        "that holds the secret",
    ),
    "a form that is not posted": (
        source("form: {a: b}"),
        "sources.dpe.form (config.yaml, line 7): only a POST sends a form ⏎ write method: POST",
    ),
    "a form beside a body": (
        source("method: POST", "form: {a: b}", "body: {a: b}"),
        "sources.dpe.form (config.yaml, line 8): set together with `body` ⏎ keep `body` (JSON) or "
        "`form` (as a web page sends it)",
    ),
    "a check of one's own without SQL": (
        source("checks: {sql: {mine: {warn: true}}}"),
        "sources.dpe.checks.sql.mine (config.yaml, line 7): no SQL is written ⏎ write a condition "
        "of rows, such as `a <= b`; or a `query:` for what is wrong",
    ),
    "a query as a condition of rows": (
        source("checks: {sql: {mine: SELECT 1}}"),
        "sources.dpe.checks.sql.mine (config.yaml, line 7): a condition of rows is no query ⏎ "
        "write it as `query:`; it must give no row where all is well",
    ),
    "a check of one's own over an unknown table": (
        source("checks: {sql: {mine: {query: SELECT 1 FROM x, tables: [x]}}}"),
        "sources.dpe.checks.sql.mine.tables (config.yaml, line 7): `x` is not another source ⏎ "
        "Tables: none",
    ),
    "a key twice": (
        START + SOURCE + "    timeout: 1\n    retries: 1\n    timeout: 2\n",
        "sources.dpe.timeout (config.yaml, line 9): given twice, at config.yaml, line 7 and at "
        "config.yaml, line 9; YAML would silently keep the last ⏎ keep one of the two",
    ),
    "a source twice": (
        START + FILES + "  a: {from: file, url: c.csv}\n",
        "sources.a (config.yaml, line 6): given twice, at config.yaml, line 4 and at config.yaml, "
        "line 6; YAML would silently keep the last ⏎ keep one of the two",
    ),
}
