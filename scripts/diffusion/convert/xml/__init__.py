"""XML: in come elements, out go rows.

Edit this when a document of XML is read wrongly.
"""
