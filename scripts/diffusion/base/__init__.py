"""What every job needs: its log, progress, trust in certificates.

In: nothing of this project but `errors`. Out: a log file, lines and bars on the terminal.
Edit this when jobs should report more, or elsewhere.
"""
