# Publish: put tables and figures to storage.url, over the old objects, verified, and note them in
# manifest.json there. In: tables and their facts, with the results of their checks. The sources are
# published by one job, together or not at all. Out: receipts that say what was put where. No published
# object is a Snakemake output: Snakemake deletes those before it makes them anew.
# On a cluster this runs beside the main process, where the lock of manifest.json holds.


rule publish_sources:
    input:
        tables=[f"results/tables/{name}.parquet" for name in JOBS.sources],
        facts=[f"results/tables/{name}.json" for name in JOBS.sources],
        checks=lambda wildcards: STATE.checked_apart(JOBS.sources),
        receipts=[path for name in JOBS.sources for path in JOBS.receipts(name)],
    output:
        receipts=SOURCES,
    log:
        local("logs/publish_sources.log"),
    benchmark:
        local("benchmarks/publish_sources.tsv")
    localrule: True
    conda:
        "../../envs/convert.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
    params:
        publications=lambda wildcards: JOBS.publications(),
        project=as_text(JOBS.config.project.owner),
        url=JOBS.place("url"),
    message:
        "Publish all sources"
    script:
        "../../scripts/publish_sources.py"


rule publish_derived:
    input:
        tables=["results/tables/{derived}.parquet"],
        facts=["results/tables/{derived}.json"],
        checks=lambda wildcards: STATE.checked_apart([wildcards.derived]),
        receipts=[],
    output:
        receipt="results/published/{derived}.json",
    log:
        local("logs/publish_derived/{derived}.log"),
    benchmark:
        local("benchmarks/publish_derived/{derived}.tsv")
    localrule: True
    conda:
        "../../envs/convert.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
    params:
        publication=lambda wildcards: JOBS.publication(wildcards.derived),
        project=as_text(JOBS.config.project.owner),
        url=JOBS.place("url"),
    message:
        "Publish {wildcards.derived}"
    script:
        "../../scripts/publish_derived.py"


rule publish_figure:
    input:
        png="results/figures/{figure}.png",
        svg="results/figures/{figure}.svg",
        facts="results/figures/{figure}.json",
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
        project=as_text(JOBS.config.project.owner),
        url=JOBS.place("url"),
        spec=lambda wildcards: JOBS.spec(wildcards.figure),
        code=lambda wildcards: JOBS.made_by(wildcards.figure),
    message:
        "Publish {wildcards.figure}"
    script:
        "../../scripts/publish_figure.py"


rule write_summary:
    input:
        sources=[SOURCES],
        derived=[f"results/published/{name}.json" for name in JOBS.derive],
    output:
        summary=SUMMARY,
        config="results/config.yaml",
    log:
        local("logs/write_summary.log"),
    benchmark:
        local("benchmarks/write_summary.tsv")
    localrule: True
    conda:
        "../../envs/convert.yaml"
    params:
        config=JOBS.config_hash(),
        code=JOBS.code("write_summary"),
    message:
        "List what is published, and write its catalogue"
    script:
        "../../scripts/write_summary.py"
