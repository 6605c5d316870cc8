"""S3 or a folder, with one face: connection, objects, refusals in plain words.

In: an s3:// URL or a path, and the environment. Out: objects put, read, listed.
Edit this when a server, or a client's settings, are not understood.
"""
