"""Propose: a project of one's own, and entries of its configuration, from what is looked at.

In: what somebody types, a URL or a file. Out: text of `config/config.yaml`, as it loads.
Edit this when a portal's API changes, there is a new portal, or more can be proposed of a table.
"""
