"""Rules between the keys that state what is requested."""

import re
from collections.abc import Iterator, Sequence

from diffusion.base.json_path import HEADER, SYNTAX, Each, Step, needs_all, parse_path
from diffusion.config.fetching import (
    TEXTS,
    AnyFetch,
    ApiFetch,
    Auth,
    DownloadFetch,
    Export,
    HttpFetch,
    Pages,
)
from diffusion.config.no_effect import no_effect, set_options
from diffusion.config.schema import did_you_mean
from diffusion.errors import DiffusionError, NoEffectError, OptionError

XML_PATH = re.compile(r"[^\W\d][\w-]*(\.[^\W\d][\w-]*)*")  # names of elements, the root's first
PORTAL = re.compile(r"https?://[^\s{}]+")
MANY = ("records", "names")  # of the paths: those that may lead to several values
PATHS = (
    "records",
    "names",
    "next",
    "total",
    "more",
    "last",
    "marker",
    "error",
    "estimate",
    "hints",
)

# options of auth: the styles that use them
AUTH_STYLES = {
    "name": ("header", "param"),
    "prefix": ("bearer", "header", "oauth2"),
    "user_env": ("basic", "oauth2"),
    "token_url": ("oauth2",),
    "scope": ("oauth2",),
    "in_body": ("oauth2",),
}

# the parts of a request that a raw copy notes
REQUEST = (
    "url", "params", "headers", "method", "body", "form", "empty_on", "pages", "records",
    "endpoint", "version", "export", "format", "table", "query",
)  # fmt: skip


def fetching_problems(where: str, fetch: AnyFetch) -> Iterator[DiffusionError]:
    """Yield what is wrong in ``formerly:``, ``portal:`` and in the paths of ``pages:``."""
    for key in fetch.formerly.keys() - set(REQUEST):
        fix = f"{did_you_mean(key, REQUEST)}Allowed here: {', '.join(REQUEST)}"
        yield NoEffectError(f"{where}.formerly.{key}", "decides no bytes", fix)
    if fetch.portal and not PORTAL.fullmatch(fetch.portal):
        fix = "write the address of its description as JSON, https://…; axes have no place in it"
        yield OptionError(f"{where}.portal", f"found `{fetch.portal}`", fix)
    if isinstance(fetch, HttpFetch):
        yield from _auth_problems(where, fetch.auth)
        yield from _posted_problems(where, fetch)
    if isinstance(fetch, DownloadFetch):
        yield from _export_problems(where, fetch)
        yield from _unused_problems(where, fetch)
    if isinstance(fetch, ApiFetch):
        yield from _pages_problems(where, fetch)


def _posted_problems(where: str, how: HttpFetch | Export) -> Iterator[DiffusionError]:
    """Yield what a request cannot send."""
    if how.form and how.body:
        fix = "keep `body` (JSON) or `form` (as a web page sends it)"
        yield OptionError(f"{where}.form", "set together with `body`", fix)
    for key in ("body", "form") if how.method != "POST" else ():
        if getattr(how, key):
            found = f"only a POST sends a {key}"
            yield OptionError(f"{where}.{key}", found, "write method: POST")


def _pages_problems(where: str, fetch: ApiFetch) -> Iterator[DiffusionError]:
    pages = fetch.pages
    if fetch.format in TEXTS:
        yield from _text_problems(where, fetch)
    if fetch.format == "xml":
        yield from _xml_problems(f"{where}.pages", pages)
    yield from _text_or_xml(f"{where}.pages", pages, fetch.format)
    paths = {key: getattr(pages, key) or "" for key in PATHS}
    if fetch.method == "POST":
        paths |= {"param": pages.param, "size_param": pages.size_param}
    for key, path in paths.items():
        found = _steps(f"{where}.pages.{key}", path)
        if isinstance(found, DiffusionError):
            yield found
        else:
            yield from _step_problems(f"{where}.pages.{key}", key, path, found)
    for key in ("records", "names"):
        if getattr(pages, key).startswith(HEADER):
            fix = "write their path in the body"
            yield OptionError(f"{where}.pages.{key}", f"{key} stand in no header", fix)


def _text_or_xml(place: str, pages: Pages, form: str) -> Iterator[DiffusionError]:
    if pages.single and form in (*TEXTS, "xml"):
        yield no_effect(f"{place}.single", f"the answers are {form}, which has no lists")


def _xml_problems(place: str, pages: Pages) -> Iterator[DiffusionError]:
    """Yield what pages of XML lack, and what they have not."""
    fix = "name the element of each record, from the root on: `records: response.rows.row`"
    if not pages.records:
        yield OptionError(f"{place}.records", "missing: XML does not say what a record is", fix)
    elif not XML_PATH.fullmatch(pages.records):
        yield OptionError(f"{place}.records", f"`{pages.records}` is no path of elements", fix)
    if pages.names:
        yield no_effect(f"{place}.names", "the answers are XML, whose records have names")


def _steps(where: str, path: str) -> Sequence[Step] | DiffusionError:
    """Return the steps of a path, or the error about it."""
    try:
        return parse_path("" if path.startswith(HEADER) else path)
    except ValueError as error:
        return OptionError(where, f"`{path}` is no path: {error}", SYNTAX)


def _step_problems(
    where: str, key: str, path: str, steps: Sequence[Step]
) -> Iterator[DiffusionError]:
    """Yield what a path cannot be where it stands."""
    takes_all = any(isinstance(step, Each) for step in steps)
    if "param" in key and not all(isinstance(step, str) for step in steps):
        fix = "write names joined by dots, as they stand in the body: variables.after"
        yield OptionError(where, f"`{path}` leads into a list", fix)
    elif key not in MANY and takes_all:
        fix = "name one value; only `records` takes all"
        yield OptionError(where, f"`{path}` takes several values", fix)
    elif any(map(needs_all, steps)) and (takes_all or key == "names"):
        fix = "write names, [0], or .* for all values"
        yield OptionError(where, f"`{path}` counts from the end, or searches", fix)


def _auth_problems(where: str, auths: Sequence[Auth]) -> Iterator[DiffusionError]:
    for number, auth in enumerate(auths):
        place = f"{where}.auth.{number}" if len(auths) > 1 else f"{where}.auth"
        if not auth.env:
            fix = "name the environment variable that holds the secret"
            yield OptionError(f"{place}.env", "missing", fix)
        for key in ("token_url", "user_env") if auth.style == "oauth2" else ():
            if not getattr(auth, key):
                fix = "`style: oauth2` asks `token_url` for a token, as the client in `user_env`"
                yield OptionError(f"{place}.{key}", "missing", fix)
        for key in set_options(auth):
            if auth.style not in AUTH_STYLES.get(key, (auth.style,)):
                yield no_effect(f"{place}.{key}", f"the style is `{auth.style}`")
        if auth.token_url and not auth.token_url.startswith(("https://", "http://")):
            fix = "write https://…"
            yield OptionError(f"{place}.token_url", f"found `{auth.token_url}`", fix)


def _text_problems(where: str, fetch: ApiFetch) -> Iterator[DiffusionError]:
    """Yield the paths that lead into a body, where it is text without any."""
    pages = fetch.pages
    given = set_options(pages) + (["next"] if pages.style in ("next_url", "cursor") else [])
    for key in PATHS:
        path = getattr(pages, key)
        if key in given and path and not path.startswith(HEADER):
            fix = "name a header of the answer: header:X-Total, or `style: link_header`"
            found = f"`{path}` leads into a body, and {fetch.format} has no place for it"
            yield OptionError(f"{where}.pages.{key}", found, fix)


def _export_problems(where: str, fetch: DownloadFetch) -> Iterator[DiffusionError]:
    export, place = fetch.export, f"{where}.export"
    given = set_options(export)
    waits = any((export.status, export.done, export.failed))
    if given and not export.job and (waits or not export.link):
        fix = (
            'write where the answer names the job: job: "header:Location", or a path in the body; '
        )
        fix += "or, where it has the address of the file at once, `link` alone"
        yield OptionError(f"{place}.job", "missing", fix)
    for key in ("job", "status", "link"):
        found = _steps(f"{place}.{key}", getattr(export, key))
        if isinstance(found, DiffusionError):
            yield found
    if bool(export.status) != bool(export.done):
        key, other = ("done", "status") if export.status else ("status", "done")
        fix = "write the path of the state, and which states mean that the file is there"
        yield OptionError(f"{place}.{key}", f"missing, while `{other}` is set", fix)
    if export.failed and not export.status:
        yield no_effect(f"{place}.failed", "there is no `status`")
    yield from _posted_problems(place, export)


def _unused_problems(where: str, fetch: DownloadFetch) -> Iterator[DiffusionError]:
    """Yield the keys of a file that another one makes void."""
    for key in ("method", "body", "form") if fetch.export.is_stated else ():
        if key in set_options(fetch):
            yield no_effect(f"{where}.{key}", "`export` says how the file is asked for")
    if fetch.if_changed and fetch.export.is_stated:
        yield no_effect(f"{where}.if_changed", "an export is made anew each time")
    elif fetch.if_changed and fetch.method == "POST":
        yield no_effect(f"{where}.if_changed", "the answer to a POST is made anew each time")
