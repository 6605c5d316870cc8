"""The one error type that users are meant to read."""


class DiffusionError(Exception):
    """A failure explained: where it happened, what was found, what to do.

    Args:
        where: the place as the user knows it: a YAML path, a URL, a file and row.
        found: what was found there, in plain words.
        fix: what to do about it; may span several lines.
    """

    def __init__(self, where: str, found: str, fix: str = ""):
        self.where, self.found, self.fix = where, found, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.where}: {self.found}"
        if self.fix:
            text += "\n  → " + self.fix.replace("\n", "\n    ")
        return text

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), (self.where, self.found, self.fix)
