"""By what a page is known to be of this project's making."""

GENERATOR = '<meta name="generator" content="Diffusion">'


def is_our_page(page: bytes) -> bool:
    """Say whether a page is of this project's making."""
    return GENERATOR.encode() in page
