"""The template that a project came from: its releases, and merging a later one.

In: the project's clone, and the Git remote `template`. Out: one merge commit in the project.

Edit this when a project and its template keep in step otherwise.
"""
