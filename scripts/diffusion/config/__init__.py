"""What the YAML means: schema, rules between keys, partitions, the typed result.

In: the merged YAML as Snakemake loads it. Out: the structs of `model`, or every error at once.
Edit this when there is a new key: in the schema, in one field of `model`, and nowhere else.
"""
