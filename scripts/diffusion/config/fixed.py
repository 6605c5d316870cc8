"""Text of fixed width, as a codebook describes it: columns by their positions, from 1 on."""

from typing import Literal

from diffusion.config.parts import Section

Span = tuple[int, int]


class Fixed(Section):
    """Columns at positions of a line: the first and the last one, or the only one."""

    columns: dict[str, int | list[int]] = {}  # noqa: RUF012  msgspec copies it
    count: Literal["characters", "bytes"] | None = None
    pad: bool = False

    @property
    def spans(self) -> dict[str, Span]:
        """The first and the last position of each column."""
        return {
            name: (at, at) if isinstance(at, int) else (at[0], at[-1])
            for name, at in self.columns.items()
        }

    @property
    def width(self) -> int:
        """The last position of all."""
        return max((end for _, end in self.spans.values()), default=0)

    @property
    def gaps(self) -> list[Span]:
        """The positions before the last one that belong to no column."""
        found, at = list[Span](), 1
        for start, end in sorted(self.spans.values()):
            if start > at:
                found.append((at, start - 1))
            at = max(at, end + 1)
        return found
