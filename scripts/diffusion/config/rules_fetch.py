"""Rules between the keys that state what is requested."""

from collections.abc import Iterator

from diffusion.base.json_path import HEADER, SYNTAX, parse_path
from diffusion.config.fetching import AnyFetch, ApiFetch
from diffusion.config.schema import did_you_mean
from diffusion.errors import DiffusionError

PATHS = ("records", "next", "total", "more", "last", "marker", "error", "estimate", "hints")

# the parts of a request that a raw copy notes
REQUEST = (
    "url", "params", "headers", "method", "body", "empty_on", "pages", "records", "endpoint",
    "table", "query",
)  # fmt: skip


def fetching_problems(where: str, fetch: AnyFetch) -> Iterator[DiffusionError]:
    """Yield what is wrong in ``formerly:`` and in the paths of ``pages:``."""
    for key in fetch.formerly.keys() - set(REQUEST):
        fix = f"{did_you_mean(key, REQUEST)}Allowed here: {', '.join(REQUEST)}"
        yield DiffusionError(f"{where}.formerly.{key}", "decides no bytes", fix)
    if not isinstance(fetch, ApiFetch):
        return
    pages = fetch.pages
    paths = {key: getattr(pages, key) or "" for key in PATHS}
    if fetch.method == "POST":
        paths |= {"param": pages.param, "size_param": pages.size_param}
    for key, path in paths.items():
        try:
            steps = parse_path("" if path.startswith(HEADER) else path)
        except ValueError as error:
            yield DiffusionError(f"{where}.pages.{key}", f"`{path}` is no path: {error}", SYNTAX)
            continue
        if "param" in key and not all(isinstance(step, str) for step in steps):
            fix = "write names joined by dots, as they stand in the body: variables.after"
            yield DiffusionError(f"{where}.pages.{key}", f"`{path}` leads into a list", fix)
    if pages.records.startswith(HEADER):
        fix = "write their path in the body"
        yield DiffusionError(f"{where}.pages.records", "records stand in no header", fix)
