"""Files of SAS, Stata, SPSS and R: in come their tables, out go columns with values or labels.

Edit this when such a file is read wrongly.
"""
