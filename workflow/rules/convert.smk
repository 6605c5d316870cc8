# Convert: raw copies become typed, sorted Parquet or GeoParquet. A source with one batch is
# converted at once; with several, each batch becomes a part and the parts are combined.
# In: fetch receipts. Out: results/tables/<source>.parquet, and beside it the table's facts as JSON, with
# the results of its checks. Edit this to give a job more memory.


rule convert_table:
    input:
        receipts=receipts,
    output:
        table="results/tables/{unbatched}.parquet",
        facts="results/tables/{unbatched}.json",
    log:
        record("logs/convert_table/{unbatched}.log"),
    benchmark:
        record("benchmarks/convert_table/{unbatched}.tsv")
    conda:
        "../../envs/convert.yaml"
    threads: cores
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        vintage=lambda wildcards: JOBS.sources[wildcards.unbatched].vintage,
        read=lambda wildcards: JOBS.text(wildcards.unbatched, "read"),
        convert=lambda wildcards: JOBS.text(wildcards.unbatched, "convert"),
        write=lambda wildcards: JOBS.text(wildcards.unbatched, "write"),
        credit=lambda wildcards: JOBS.text(wildcards.unbatched, "credit"),
        code=JOBS.code("convert_table"),
    message:
        "Convert {wildcards.unbatched}"
    script:
        "../../scripts/convert_table.py"


rule convert_part:
    input:
        receipts="results/raw/{batched}/{batch}.json",
    output:
        table="results/parts/{batched}/{batch}.parquet",
    log:
        record("logs/convert_part/{batched}/{batch}.log"),
    benchmark:
        record("benchmarks/convert_part/{batched}/{batch}.tsv")
    conda:
        "../../envs/convert.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        vintage=lambda wildcards: JOBS.sources[wildcards.batched].vintage,
        read=lambda wildcards: JOBS.text(wildcards.batched, "read"),
        convert=lambda wildcards: JOBS.text(wildcards.batched, "convert"),
        write=lambda wildcards: JOBS.text(wildcards.batched, "write"),
        credit=lambda wildcards: JOBS.text(wildcards.batched, "credit"),
        code=JOBS.code("convert_part"),
    message:
        "Convert {wildcards.batched} ({wildcards.batch})"
    script:
        "../../scripts/convert_part.py"


rule combine_parts:
    input:
        parts=parts,
    output:
        table="results/tables/{batched}.parquet",
        facts="results/tables/{batched}.json",
    log:
        record("logs/combine_parts/{batched}.log"),
    benchmark:
        record("benchmarks/combine_parts/{batched}.tsv")
    conda:
        "../../envs/convert.yaml"
    threads: cores
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        vintage=lambda wildcards: JOBS.sources[wildcards.batched].vintage,
        read=lambda wildcards: JOBS.text(wildcards.batched, "read"),
        convert=lambda wildcards: JOBS.text(wildcards.batched, "convert"),
        write=lambda wildcards: JOBS.text(wildcards.batched, "write"),
        credit=lambda wildcards: JOBS.text(wildcards.batched, "credit"),
        code=JOBS.code("combine_parts"),
        batches=lambda wildcards: list(JOBS.batches[wildcards.batched]),
    message:
        "Combine the parts of {wildcards.batched}"
    script:
        "../../scripts/combine_parts.py"
