"""Raw copies: the bytes as received, kept forever with their provenance; the lock.

In: received files and facts. Out: objects below storage.raw, and the files conversions start from.
Edit this when provenance should record more.
"""
