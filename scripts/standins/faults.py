"""Failures that a test orders from a stand-in, one per request."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from standins.answers import Answer


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    Args:
        status: answer with this status, `body` and `headers` instead of the normal answer.
        replace: answer 200 with these bytes (an HTML page in place of data, for instance).
        content_type: of `body` or `replace`.
        cut_after: close the connection after so many bytes of the body, whose full length was
            announced.
        reset: break that connection (TCP RST) instead of closing it.
        drip: seconds to wait after each eighth of the body.
        delay: seconds to wait before answering.
        without: headers of the normal answer to leave out.
    """

    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    replace: bytes | None = None
    content_type: str = "text/plain; charset=utf-8"
    cut_after: int | None = None
    reset: bool = False
    drip: float = 0.0
    delay: float = 0.0
    without: tuple[str, ...] = ()

    def apply(self, normal: Callable[[], Answer]) -> Answer:
        """The answer to send; waits for `delay` first."""
        time.sleep(self.delay)
        if self.status is not None:
            return Answer(self.status, self.body, self.content_type, self.headers)
        if self.replace is not None:
            return Answer(200, self.replace, self.content_type, self.headers)
        answer = normal()
        kept = {k: v for k, v in answer.headers.items() if k not in self.without}
        return replace(answer, headers=kept | self.headers)


NONE = Fault()
