"""Layers of maps: in come geometries with their values, out go GeoParquet's columns.

Edit this when a format of vectors, a geometry or a CRS is read wrongly.
"""
