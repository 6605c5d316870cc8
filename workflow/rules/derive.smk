# Derive: tables and figures from published tables, read in place. In: the receipts of the published
# inputs. Out: a table (checked, and then published) or a figure (PNG and SVG), and its facts as JSON.
# Users edit scripts/derive/ and `derive:` in the configuration, not this file.


rule derive_table:
    input:
        facts=source_facts,
        sources=sources_receipt,
        derived=derived_receipts,
        private=private_tables,
    output:
        table="results/tables/{derived}.parquet",
        facts="results/tables/{derived}.json",
    log:
        record("logs/derive_table/{derived}.log"),
    benchmark:
        record("benchmarks/derive_table/{derived}.tsv")
    conda:
        "../../envs/derive.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        derive=lambda wildcards: JOBS.text(wildcards.derived, "derive"),
        write=lambda wildcards: JOBS.text(wildcards.derived, "write"),
        credit=lambda wildcards: JOBS.text(wildcards.derived, "credit"),
        code=lambda wildcards: JOBS.code("derive_table", wildcards.derived),
    message:
        "Derive {wildcards.derived}"
    script:
        "../../scripts/derive_table.py"


rule draw_figure:
    input:
        facts=source_facts,
        sources=sources_receipt,
        derived=derived_receipts,
        private=private_tables,
    output:
        facts="results/figures/{figure}.json",
        png="results/figures/{figure}.png",
        svg="results/figures/{figure}.svg",
    log:
        record("logs/draw_figure/{figure}.log"),
    benchmark:
        record("benchmarks/draw_figure/{figure}.tsv")
    conda:
        "../../envs/derive.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        draw=lambda wildcards: JOBS.text(wildcards.figure, "draw"),
        credit=lambda wildcards: JOBS.text(wildcards.figure, "credit"),
        unstated=lambda wildcards: words_of(JOBS.config, wildcards.figure),
        code=lambda wildcards: JOBS.code("draw_figure", wildcards.figure),
    message:
        "Draw {wildcards.figure}"
    script:
        "../../scripts/draw_figure.py"
