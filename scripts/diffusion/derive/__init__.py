"""Derive: tables and figures from published tables, read in place.

In: receipts of published tables; the user's SQL or Python. Out: a table, or a PNG and an SVG.
Edit this when scripts should be handed more.
"""
