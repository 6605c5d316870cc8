"""Where the library of a project is that takes the workflow as a `module:`."""

from pathlib import Path

from diffusion.base.private import private_folder

NOTE = Path(".diffusion/template")  # read by scripts/launcher, for the command `diffusion`


def note_template(project: Path, template: Path) -> None:
    """Note the folder of the template, whose library the project's other commands run."""
    note, words = project / NOTE, str(template.absolute())
    if note.is_file() and note.read_text("utf-8") == words:
        return
    private_folder(note.parent)
    note.write_text(words, "utf-8")
