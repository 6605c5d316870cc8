"""What the commands ask somebody at a terminal, in French where that is their language.

What is found and what is refused is said in English, as in the logs and in docs/.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diffusion.run.options import YES

# by the words in English, which stand where they are asked
FRENCH = {
    "name of the project, in lower case": "nom du projet, en minuscules",
    "title, one line that a reader understands": "titre, une ligne qu’un lecteur comprend",
    "publisher, who answers for the data": "éditeur, qui répond des données",
    "licence of what you derive and publish": "licence de ce que vous en tirez et publiez",
    "S3 bucket, or nothing for local folders": "bucket S3, ou rien pour des dossiers locaux",
    "language, by its two letters": "langue, par ses deux lettres",
    "You cloned {}: is that the template's repository, and not your own?": (
        "Ce dossier est un clone de {} : est-ce le dépôt du modèle, et non le vôtre ?"
    ),
    "[Y/n]": "[O/n]",
    "{}: ": "{} : ",
    "Next: {}": "Ensuite : {}",
    "snakemake, which publishes; or snakemake {}, which makes this table alone": (
        "snakemake, qui publie ; ou snakemake {}, qui ne fait que cette table"
    ),
    "stopped; nothing was written": "arrêté ; rien n’a été écrit",
    "the archive holds": "l’archive contient",
    "the database has": "la base de données contient",
    "the dataset has": "le jeu de données contient",
    "Which one? [1]": "Lequel ? [1]",
    "{}: a number from 1 to {}; or Ctrl-D, and add {}": (
        "{} : un nombre de 1 à {} ; ou Ctrl-D, et ajoutez {}"
    ),
    "Write it to {}?": "L’écrire dans {} ?",
    "nothing was written": "rien n’a été écrit",
    "✓ written to {}, under sources.{}; nothing is frozen": (
        "✓ écrit dans {}, sous sources.{} ; rien n’est figé"
    ),
}


@dataclass(frozen=True)
class Prompts:
    """Asks in a language: French, or else English."""

    language: str

    def words(self, english: str, *values: object) -> str:
        """Return words in the language, with values where they have ``{}``."""
        words = FRENCH[english] if self.language == "fr" else english
        return words.format(*values)

    def typed_in(self, question: str) -> str:
        """Return what somebody types; the end of what is typed (Ctrl-D) ends the command."""
        try:
            return input(self.words("{}: ", question)).strip()
        except EOFError:
            raise KeyboardInterrupt(self.words("stopped; nothing was written")) from None

    def asked(self, english: str, proposed: str) -> str:
        """Ask for a value; Enter takes the one that is proposed."""
        shown = f" [{proposed}]" if proposed else ""
        return self.typed_in(f"{self.words(english)}{shown}") or proposed

    def agreed(self, english: str, value: object) -> bool:
        """Ask whether something is so; without a terminal, it is."""
        if not sys.stdin.isatty():
            return True
        question = f"{self.words(english, value)} {self.words('[Y/n]')}"
        return self.typed_in(question).lower() in ("", *YES)

    def chosen(self, what: str, names: Sequence[str], option: str) -> str:
        """Ask which of several is meant, by words of the table or by those of a refusal."""
        print(self.words("{}: ", f"{self.words(what)} {len(names)}") if what in FRENCH else what)
        for number, name in enumerate(names, 1):
            print(f"{number:4}  {name}")
        while True:
            answer = self.typed_in(self.words("Which one? [1]")) or "1"
            if answer in names:
                return answer
            if answer.isdecimal() and 1 <= int(answer) <= len(names):
                return names[int(answer) - 1]
            wrong = "{}: a number from 1 to {}; or Ctrl-D, and add {}"
            print(self.words(wrong, answer, len(names), option))


def prompts(project: object = None, environment: Mapping[str, str] = os.environ) -> Prompts:
    """Return what asks in the language of a project, or else of the terminal, as POSIX finds it.

    Args:
        project: `project:` as the configuration states it, right or wrong.
    """
    stated = (environment.get(key) for key in ("LC_ALL", "LC_MESSAGES", "LANG"))
    own = project.get("language") if isinstance(project, Mapping) else None
    language = own or next(filter(None, stated), "")
    return Prompts("fr" if str(language).startswith("fr") else "en")
