"""Catalogue: what is published, in the formats that others read, beside the manifest.

In: the manifest, and the words of the configuration. Out: datapackage.json and catalog.jsonld.
Edit this when harvesters or readers want another format, or another word of one.
"""
