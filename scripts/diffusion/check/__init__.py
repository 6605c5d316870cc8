"""Check: what must hold before anything is published, counted with examples.

In: a finished table. Out: results with counts, and the refusal to publish.
Edit this when there is a new kind of check.
"""
