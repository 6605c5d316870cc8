"""What a run says at its end."""

import sys
from collections.abc import Mapping


def show_published(summary: Mapping) -> None:
    """Print the table of what is published; nothing if there is no summary yet."""
    from diffusion.publish.summary import format_summary

    if summary:
        print(format_summary(summary), file=sys.stderr, flush=True)
