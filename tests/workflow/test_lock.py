"""`diffusion lock` and `snakemake write_lock` write the same bytes."""

from diffusion.raw.lock import LOCK
from diffusion.run.cli import main


def test_the_command_and_the_rule_write_the_same_bytes(small, monkeypatch, capsys):
    project, _ = small()
    project.run("write_lock")
    lock = project.path(str(LOCK))
    written = lock.read_bytes()
    lock.unlink()
    monkeypatch.chdir(project.folder)
    assert main(["lock"], project.folder) == 0
    assert "3 raw copies of 2 sources" in capsys.readouterr().out
    assert lock.read_bytes() == written
