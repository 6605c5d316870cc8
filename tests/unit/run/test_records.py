"""Results that are damaged, or that nothing is known of."""

from diffusion.run.records import remove_unknown


def test_what_is_not_known_is_removed_and_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = ("config.yaml", "tables/a.json", "tables/a.parquet", "tables/b.json", "run.json")
    for name in files:
        path = tmp_path / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" if name != "tables/b.json" else "")
    folder = (tmp_path / "results").relative_to(tmp_path)

    def has_record(path: str) -> bool:
        return not path.startswith("results/tables/a")

    words = (
        "results/tables/b.json is damaged; Snakemake has no record of results/tables/a.json and "
    )
    words += "1 more results: "
    told = remove_unknown(folder, has_record, dry=True)
    assert told == f"{words}a run makes them again from the raw copies"
    assert all((folder / name).exists() for name in files)
    assert remove_unknown(folder, has_record) == f"{words}made again from the raw copies"
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert left == ["config.yaml", "run.json"]
    assert remove_unknown(folder, has_record) == ""
