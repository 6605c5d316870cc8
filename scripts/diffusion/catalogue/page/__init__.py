"""Page: what is published as people read it, index.html and one page an entry.

In: the manifest, and what this machine knows of its tables. Out: HTML that needs no server, no
network and no script. Edit this when readers should see something else.
"""
