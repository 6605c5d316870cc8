# Publish: put tables and figures to storage.url, over the old objects, verified, and note them in
# manifest.json there. In: the table and its checks (all sources' checks: they are published together
# or not at all). Out: a receipt that says what was put where. Nothing here is a Snakemake storage
# output: Snakemake deletes those before it makes them anew.
# On a cluster this runs beside the main process, where the lock of manifest.json holds.


rule publish_table:
    input:
        table="results/tables/{table}.parquet",
        check="results/checks/{table}.json",
        all_checks=all_checks,
        receipts=member_receipts,
    output:
        receipt="results/published/{table}.json",
    log:
        local("logs/publish_table/{table}.log"),
    benchmark:
        local("benchmarks/publish_table/{table}.tsv")
    localrule: True
    conda:
        "../../envs/convert.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
    params:
        publish=lambda wildcards: JOBS.text(wildcards.table, "publish"),
        write=lambda wildcards: JOBS.text(wildcards.table, "write"),
        credit=lambda wildcards: JOBS.text(wildcards.table, "credit"),
        members=lambda wildcards: JOBS.members(wildcards.table),
        project=as_text(JOBS.config.project),
        url=JOBS.place("url"),
        spec=lambda wildcards: JOBS.spec(wildcards.table),
        code=lambda wildcards: JOBS.made_by(wildcards.table),
    message:
        "Publish {wildcards.table}"
    script:
        "../../scripts/publish_table.py"


rule publish_figure:
    input:
        png="results/figures/{figure}.png",
        svg="results/figures/{figure}.svg",
        inputs=published_inputs,
    output:
        receipt="results/published/{figure}.json",
    log:
        local("logs/publish_figure/{figure}.log"),
    benchmark:
        local("benchmarks/publish_figure/{figure}.tsv")
    localrule: True
    conda:
        "../../envs/convert.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
    params:
        publish=lambda wildcards: JOBS.text(wildcards.figure, "publish"),
        credit=lambda wildcards: JOBS.text(wildcards.figure, "credit"),
        project=as_text(JOBS.config.project),
        url=JOBS.place("url"),
        code=lambda wildcards: JOBS.made_by(wildcards.figure),
    message:
        "Publish {wildcards.figure}"
    script:
        "../../scripts/publish_figure.py"


rule write_summary:
    input:
        receipts=[f"results/published/{name}.json" for name in JOBS.entries],
    output:
        summary="results/summary.json",
        config="results/config.yaml",
    log:
        local("logs/write_summary.log"),
    benchmark:
        local("benchmarks/write_summary.tsv")
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    params:
        config=JOBS.config_hash(),
    message:
        "List what is published"
    script:
        "../../scripts/write_summary.py"
