"""Parts of a whole: what `Content-Range` says of an answer of status 206 (RFC 9110, 14.4).

Files are counted in bytes. APIs use the same header for records, with a unit of their own or none
(``0-24/3573``), and 206 for each page that is not the whole.
"""

import re
from dataclasses import dataclass

import requests

from diffusion.errors import MovedError

SAID = re.compile(r"(?:([A-Za-z][\w-]*)\s+)?(?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(frozen=True)
class Part:
    """What an answer says it is: the first and the last of so many; None where it does not say."""

    unit: str
    first: int | None
    last: int | None
    total: int | None

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return self.first == 0 and self.last is not None and self.total == self.last + 1

    @property
    def length(self) -> int | None:
        """How many it holds."""
        if self.first is None or self.last is None:
            return None
        return self.last - self.first + 1


def part_of(response: requests.Response) -> Part | None:
    """Return what an answer says it is, None where it says nothing that can be read."""
    return part_in(response.headers.get("Content-Range", ""))


def part_in(header: str) -> Part | None:
    """Return what a ``Content-Range`` says, None where that cannot be read."""
    said = SAID.fullmatch(header.strip())
    if not said:
        return None
    first, last, total = (int(n) if n and n != "*" else None for n in said.groups()[1:])
    return Part((said[1] or "").lower(), first, last, total)


def told_part(response: requests.Response) -> str:
    """Return in words what an answer of status 206 says it is."""
    said = response.headers.get("Content-Range")
    return (
        f"HTTP 206, a part (`Content-Range: {said}`)"
        if said
        else ("HTTP 206, a part, without a `Content-Range`")
    )


def refuse_part(response: requests.Response, where: str, url: str) -> None:
    """Refuse a part of a file where the whole was asked for; one that is the whole is none.

    Args:
        url: of the answer, without a secret.

    Raises:
        DiffusionError: with what the server says.
    """
    part = part_of(response)
    if part and part.unit == "bytes" and part.is_whole:
        return
    found = f"{url} answers with {told_part(response)}; the whole was asked for"
    fix = "run `snakemake` again later; if it stays, ask its operator for another address"
    raise MovedError(where, found, fix)


def fits(response: requests.Response, offset: int, length: int | None) -> bool:
    """Return whether an answer of status 206 goes on from a byte of a file of a known length.

    Args:
        offset: the first byte that was asked for.
        length: of the whole file, as it was stated before; None if it was not.
    """
    part = part_of(response)
    if part is None or part.unit != "bytes" or part.first != offset:
        return False
    total, came = part.total or length, part.length or 0
    if came < 1 or total is None or length not in (None, total) or offset + came > total:
        return False
    return int(response.headers.get("Content-Length", came)) == came


def refuse_left_out(response: requests.Response, where: str, came: str, is_one: bool) -> None:
    """Refuse the last page of an API whose range says that records follow.

    Args:
        came: what was received, in words.
        is_one: no other page was asked for: nothing but the range tells whether all came.

    Raises:
        DiffusionError: with what the server says.
    """
    if response.status_code != 206:
        return
    part = part_of(response)
    if part and part.unit == "bytes":
        refuse_part(response, where, "the API")
        return
    if part is None or part.total is None:
        is_rest_left = is_one
    else:
        is_rest_left = part.last is not None and part.last + 1 < part.total
    if is_rest_left:
        found = f"the server answers with {told_part(response)}; {came}"
        raise MovedError(where, found, "ask page by page: `pages: {style: offset, …}`")
