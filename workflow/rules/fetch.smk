# Fetch: the raw copies of one batch of partitions, from storage.raw if they are there, from the
# source if not. In: nothing that Snakemake knows of. Out: a receipt that names the raw copies with
# hash and origin. Edit this when a new kind of source needs something before it is fetched.
# On a cluster this runs beside the main process: there the network is, and there the locks hold that
# let one process at a time ask a host.


for host in JOBS.hosts:
    snakemakes.let_one_run_at_a_time(workflow, host)


rule fetch_raw:
    output:
        receipt="results/raw/{source}/{batch}.json",
    log:
        local("logs/fetch_raw/{source}/{batch}.log"),
    benchmark:
        local("benchmarks/fetch_raw/{source}/{batch}.tsv")
    priority: 1  # a source is waited for: first ask, then convert what has come
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    resources:
        **{host: asks(host) for host in JOBS.hosts},
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
    params:
        vintage=lambda wildcards: JOBS.sources[wildcards.source].vintage,
        fetch=lambda wildcards: JOBS.text(wildcards.source, "fetch"),
        limits=lambda wildcards: JOBS.limits(wildcards.source),
        partitions=lambda wildcards: JOBS.batches[wildcards.source][wildcards.batch],
        raw=lambda wildcards: JOBS.fetched_from_and_to(wildcards.source),
    message:
        "Fetch {wildcards.source} ({wildcards.batch})"
    script:
        "../../scripts/fetch_raw.py"


rule write_lock:
    input:
        receipts=[path for name in JOBS.sources for path in JOBS.receipts(name)],
    log:
        local("logs/write_lock.log"),
    benchmark:
        local("benchmarks/write_lock.tsv")
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    params:
        lock="config/sources.lock.yaml",
    message:
        "Note the hashes of all raw copies in {params.lock}"
    script:
        "../../scripts/write_lock.py"
