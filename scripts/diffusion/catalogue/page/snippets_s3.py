"""The code of clients that speak to S3 itself: copies of the files, Spark, and a workflow."""

from diffusion.catalogue.page.asked import Asked, text


def s3fs_code(asked: Asked) -> str:
    """Return code that lists the prefix, and copies the table."""
    where, lines = asked.place.s3 + asked.key, []
    lines.append(f"import s3fs\n\nfs = s3fs.S3FileSystem({_arguments(asked).lstrip(', ')})")
    lines.append(f"fs.ls({text(asked.place.s3.rstrip('/'))})")
    target = asked.key.rstrip("/")
    deep = ", recursive=True" if asked.is_folder else ""
    return "\n".join([*lines, f"fs.get({text(where)}, {text(target)}{deep})"])


def boto3_code(asked: Asked) -> str:
    """Return code that copies a table in one file."""
    bucket, _, prefix = asked.place.s3.partition("/")
    return (
        f'import boto3\n\ns3 = boto3.client("s3"{_arguments(asked)})\n'
        f"s3.download_file({text(bucket)}, {text(prefix + asked.key)}, {text(asked.key)})"
    )


def mc_code(asked: Asked) -> str:
    """Return commands with a session token, which `mc alias set` does not take."""
    scheme, _, host = (asked.place.endpoint or "https://s3.amazonaws.com").partition("://")
    keys = "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY${AWS_SESSION_TOKEN:+:$AWS_SESSION_TOKEN}"
    deep = "--recursive " if asked.is_folder else ""
    return (
        f'export MC_HOST_data="{scheme}://{keys}@{host}"\n'
        f"mc cp {deep}data/{asked.place.s3}{asked.key} ."
    )


def spark_code(asked: Asked) -> str:
    """Return code with the endpoint: Spark takes the keys from AWS_* by itself, and no more."""
    given = {"endpoint.region": asked.place.region}
    if asked.place.endpoint:
        given = {"endpoint": asked.place.endpoint} | given
        given["path.style.access"] = str(asked.place.path_style).lower()
    # what Hadoop 3.5 has instead reads ahead, of columns that nobody asked for
    given["input.stream.type"] = "classic"
    settings = {f"spark.hadoop.fs.s3a.{name}": value for name, value in given.items()}
    settings |= {"spark.sql.timeType.enabled": "true"} if asked.has_time else {}
    lines = [f"    .config({text(name)}, {text(value)})" for name, value in settings.items()]
    head = "# on Spark's class path: hadoop-aws, of the version of its Hadoop\n"
    head += "from pyspark.sql import SparkSession\n\nspark = (\n    SparkSession.builder\n"
    head += "\n".join([*lines, "    .getOrCreate()", ")"])
    columns = ", ".join(text(_spark_name(name)) for name in asked.columns)
    chosen = f".select({columns})" if columns else ""
    where = text(f"s3a://{asked.place.s3}{asked.key}")
    return f"{head}\n{asked.or_one()}df = spark.read.parquet(\n    {where}\n){chosen}"


def snakemake_code(asked: Asked) -> str:
    """Return a Snakefile that is given the table as a file, by Snakemake's storage plugin."""
    lines = ["storage published:", '    provider="s3",']
    if asked.place.endpoint:
        lines.append(f"    endpoint_url={text(asked.place.endpoint)},")
    url = text(f"s3://{asked.place.s3}{asked.key}")
    return "\n".join(
        [
            *lines,
            "\nrule table:",
            f"    input:\n        storage.published({url}),",
            f"    output:\n        {text(asked.key)},",
            '    shell:\n        "cp {input} {output}"',
        ]
    )


def _arguments(asked: Asked) -> str:
    return f", endpoint_url={text(asked.place.endpoint)}" if asked.place.endpoint else ""


def _spark_name(column: str) -> str:
    """Return a column's name as Spark reads it, to which a dot is a field of a struct."""
    return column if column.isidentifier() else "`" + column.replace("`", "``") + "`"
