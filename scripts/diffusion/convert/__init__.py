"""Convert: raw copies to typed tables, with everything that could not be read counted.

In: verified raw files. Out: parts and tables as Parquet.
Edit this when there is a new format (`readers`), or columns are planned in another way.
"""
