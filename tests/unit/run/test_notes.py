"""What is noted of a table is told below it."""

from diffusion.run.notes import notes


def test_notes_on_the_files_of_a_table():
    noted = {"read": ["CSV, utf-8"], "notes": ["b.csv: holds no record"], "cast_failures": {}}
    assert list(notes("t", noted)) == ["· t: read as CSV, utf-8", "· t: b.csv: holds no record"]
    assert list(notes("t", {})) == []
