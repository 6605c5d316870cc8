"""Rows of a database, as one compressed CSV: how each kind of server is asked, and what came.

In: the address of a database and one SELECT. Out: a file, its columns with the server's types, and
what is known of the snapshot. Edit this when another kind of database is to be read.
"""
