"""Files and tables that have types of their own: Parquet, Arrow, ORC, SQLite, DuckDB, databases.

Edit this when a type of theirs becomes the wrong one.
"""
