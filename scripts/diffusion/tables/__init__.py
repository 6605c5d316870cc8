"""Tables in DuckDB and on disk: types, SQL, Parquet, GeoParquet, geometries.

In: rows as SQL or Arrow batches. Out: Parquet files whose bytes never vary.
Edit this when a column can be of a new type, or files are written in another way.
"""
