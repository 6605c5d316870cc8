# Check: what `checks:` declares, on a finished table, where the job that made the table has not checked
# it: foreign keys, and checks that were changed since. In: the table, and the tables its foreign keys
# point to. Out: a JSON with counts and examples; a failed check stops publishing, not this job, so that
# its result can be read. Edit this when checks need more memory.


rule check_table:
    input:
        table="results/tables/{table}.parquet",
        others=foreign_tables,
    output:
        result="results/checks/{table}.json",
    log:
        record("logs/check_table/{table}.log"),
    benchmark:
        record("benchmarks/check_table/{table}.tsv")
    conda:
        "../../envs/convert.yaml"
    threads: cores
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        checks=lambda wildcards: JOBS.text(wildcards.table, "checks"),
        others=lambda wildcards: JOBS.foreign_tables(wildcards.table),
        code=check_code(),
    message:
        "Check {wildcards.table}"
    script:
        "../../scripts/check_table.py"
