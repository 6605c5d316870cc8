"""Which columns draw a sample, found in a time that grows with their number alone."""

import pyarrow as pa

from diffusion.tables import drawing, hashes


def batch_of(columns: int, rows: int) -> pa.RecordBatch:
    values = {f"c{n}": [str(row % (n % 5 + 2)) for row in range(rows)] for n in range(columns)}
    return pa.RecordBatch.from_pydict(values)


def test_of_thousands_of_columns_each_is_hashed_twice(monkeypatch):
    hashed = []
    plain = hashes.hashes_of
    for module in (drawing, hashes):
        monkeypatch.setattr(module, "hashes_of", lambda c: hashed.append(len(c)) or plain(c))
    batch = batch_of(300, 20)
    assert drawing.drawing(batch, batch.schema.names) == []
    assert len(hashed) == 600


def test_as_few_as_suffice_the_most_varied_first():
    batch = pa.RecordBatch.from_pydict(
        {"a": ["x"] * 400, "b": [n % 20 for n in range(400)], "c": [n // 2 for n in range(400)]}
    )
    assert drawing.drawing(batch, ["a", "b", "c"]) == ["c"]
    assert drawing.drawing(batch, ["a", "b"]) == []
