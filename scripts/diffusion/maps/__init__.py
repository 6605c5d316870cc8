"""Maps one would publish: classes or circles over outlines, with overseas in frames.

In: outlines and a table with their codes, and what the map shows and says (``look``).
Out: a figure of matplotlib's, for the script of a derived figure to return.

Edit this when a map should look otherwise, or for another kind of map.
"""
