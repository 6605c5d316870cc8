"""Words among the cells of rows: labels as a table has them, and none of codes and numbers."""

import re
from collections.abc import Sequence

from diffusion.convert.looks import SECRET

WORD = re.compile(r"[^\W\d_]+")
WORDS = re.compile(r"[^\W\d_]+(?:[ '’-]{1,3}[^\W\d_]+|['’])*")  # Val-d'Oise, La Réunion
LETTER = re.compile(r"[^\W\d_]")


def is_word(cell: str) -> bool:
    """Whether a cell is a word, and no code, date or sign for a missing value."""
    is_value = cell.lower() in SECRET or any(map(str.isdigit, cell[:1]))
    return bool(cell) and not is_value and LETTER.search(cell) is not None


def are_words(cells: Sequence[str]) -> bool:
    """Whether cells are words, two at least, and each another one."""
    filled = [cell for cell in cells if cell]
    return 1 < len(filled) == len(set(filled)) and all(map(is_word, filled))


class Labels:
    """The keys of rows where these are words: what is written as they are may be one more."""

    def __init__(self) -> None:
        self.words = self.length = 0  # of the longest ones
        self.are_words = self.are_capital = True

    def add(self, key: str) -> None:
        """Take the key of one more row."""
        self.are_words = self.are_words and (not key or WORDS.fullmatch(key) is not None)
        self.are_capital = self.are_capital and not key[:1].islower()
        self.words = max(self.words, len(WORD.findall(key)))
        self.length = max(self.length, len(key))

    def may_have(self, text: str) -> bool:
        """Whether a text is words, as all keys are, and hardly more or longer ones than theirs."""
        is_short = len(WORD.findall(text)) <= self.words + 1 and len(text) <= 2 * self.length
        is_alike = not (self.are_capital and text[:1].islower())
        return self.are_words and is_short and is_alike and WORDS.fullmatch(text) is not None
