"""What the Snakefile asks: which jobs there are, what each depends on, is all there.

In: the configuration and Snakemake itself. Out: lists and parameters for the rules.
Edit this when a rule needs to know more, or a new version of Snakemake behaves differently.
"""
