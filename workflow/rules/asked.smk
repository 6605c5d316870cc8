# Asked for by name: `snakemake airports` makes and checks one source or derived entry. In: its table,
# or figure, and its facts. Out: nothing; nothing is published, as the rules that publish are not read
# then, and a derived entry is made of what is published. Only the names that are asked for are rules.


for asked in ASKED.names:

    rule:
        name:
            asked
        input:
            JOBS.results(asked),
            lambda wildcards, name=asked: (
                STATE.checked_apart([name]) if name in JOBS.tables else []
            ),
        message:
            "What was asked for"
