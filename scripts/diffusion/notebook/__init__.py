"""Published tables in a notebook: `from diffusion import table`.

In: the configuration around the current folder, and the manifest that it leads to. Out: lazy
tables, by the methods that scripts of derived tables have. Edit this when people are to read tables
otherwise.
"""
