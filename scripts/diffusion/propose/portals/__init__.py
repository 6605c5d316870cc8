"""Portals: what each one's published API says of a dataset whose page or address was typed.

In: an address. Out: its resources, title, licence, publisher, when it changed. Edit this when a
portal is missing: a module with `find`, and its line in ``registry``.
"""
