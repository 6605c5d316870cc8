"""The library of Diffusion: pure functions, tested without Snakemake.

The scripts beside this folder are thin; the logic is here. Nothing here imports
Snakemake, and the modules that fetch never import geopandas.
"""

VERSION = "0.2.0"
