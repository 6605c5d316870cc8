"""Workbooks: in comes a file of a spreadsheet, out go the rows of its sheets as text.

Edit this when a sheet or a cell is read wrongly.
"""
