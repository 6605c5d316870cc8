"""What is a table among rows that people made by hand: where its names stand, and where it ends.

Edit this when a title, a header, a note or a footer is taken for what it is not.
"""
