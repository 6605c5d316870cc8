"""Text that signs or positions cut: in comes a file, out go its rows as text, or a doubt.

Edit this when a delimited file or one of fixed width is read wrongly.
"""
