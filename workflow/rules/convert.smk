# Convert: raw copies become typed, sorted Parquet or GeoParquet. A source with one batch is
# converted at once; with several, each batch becomes a part and the parts are combined.
# In: fetch receipts. Out: results/tables/<source>.parquet. Edit this to give a job more memory.


rule convert_table:
    input:
        receipts=receipts,
    output:
        table="results/tables/{single}.parquet",
    log:
        record("logs/convert_table/{single}.log"),
    benchmark:
        record("benchmarks/convert_table/{single}.tsv")
    conda:
        "../../envs/convert.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        source=lambda wildcards: JOBS.convert_spec(wildcards.single),
        storage=JOBS.storage,
    message:
        "Convert {wildcards.single}"
    script:
        "../../scripts/convert_table.py"


rule convert_part:
    input:
        receipts="results/raw/{dealt}/{batch}.json",
    output:
        table="results/parts/{dealt}/{batch}.parquet",
    log:
        record("logs/convert_part/{dealt}/{batch}.log"),
    benchmark:
        record("benchmarks/convert_part/{dealt}/{batch}.tsv")
    conda:
        "../../envs/convert.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        source=lambda wildcards: JOBS.convert_spec(wildcards.dealt),
        storage=JOBS.storage,
    message:
        "Convert {wildcards.dealt} ({wildcards.batch})"
    script:
        "../../scripts/convert_part.py"


rule combine_parts:
    input:
        parts=parts,
    output:
        table="results/tables/{dealt}.parquet",
    log:
        record("logs/combine_parts/{dealt}.log"),
    benchmark:
        record("benchmarks/combine_parts/{dealt}.tsv")
    conda:
        "../../envs/convert.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        source=lambda wildcards: JOBS.convert_spec(wildcards.dealt),
        batches=lambda wildcards: list(JOBS.batches[wildcards.dealt]),
    message:
        "Combine the parts of {wildcards.dealt}"
    script:
        "../../scripts/combine_parts.py"
