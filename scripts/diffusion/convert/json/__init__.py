"""JSON of any shape: in come records, or what holds them, out go columns.

Edit this when an answer or a document of JSON is read wrongly.
"""
