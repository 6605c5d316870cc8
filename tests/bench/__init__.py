"""`make bench`: this project beside what a user would pick instead, on the same data.

One module for each row of docs/benchmarks.md. Everything that is measured runs in a process of its
own (``worker``), in alternation (``measure``); other tools live in an environment of their own.
"""
