"""Fetch: the partitions of one batch, from raw copies or from the network.

In: the fetch part of a source. Out: frozen raw copies, and a receipt that names them.
Edit this when there is a new pagination style (`pages`), or servers behave in a new way.
"""
