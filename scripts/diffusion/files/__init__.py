"""What an untrusted file is, and what is in it: signatures, archives, members, encodings.

In: paths of untrusted files. Out: their kind, their members, their plain copies.
Edit this when there is a new kind of archive, or a new signature.
"""
