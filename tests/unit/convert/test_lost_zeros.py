"""A code that has its zeros in one file and lacks them in another has one form, or none."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import raw, refusal
from diffusion.errors import DiffusionError


@pytest.mark.parametrize("columns", [{}, {"code_insee": "string"}])
def test_a_code_that_lost_its_zeros(converter, tmp_path, columns):
    for name, values in (("a", [1001, 75056]), ("b", ["01001", "75056"])):
        pq.write_table(pa.table({"code_insee": values}), tmp_path / f"{name}.parquet")
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    words = refusal(converter, *files, columns=columns)
    assert "one code would have two forms" in words
    remedy = {"code_insee": {"type": "string", "pad": 5}}
    assert "`columns: {code_insee: {type: string, pad: 5}}`" in words
    found = converter.columns(*files, columns=remedy)
    assert sorted(found["code_insee"]) == ["01001", "01001", "75056", "75056"]
    pq.write_table(pa.table({"code_insee": ["69123", "75056"]}), files[1])
    found = converter.columns(*files, columns={"code_insee": "string"})
    assert found["code_insee"][2:] == ["69123", "75056"]


def by_partition(converter, texts: dict[str, str], **keys: object) -> dict:
    """Convert a text for each value of the axis ``asked``, in as many batches."""
    inputs = [
        raw(converter.file(text, f"{value}.bin"), f"asked={value}", asked=value)
        for value, text in texts.items()
    ]
    axes = {"partitions": {"asked": [*texts]}, "url": "data/{asked}.csv"}
    one = converter.combined([inputs], **axes, **keys).read_bytes()
    assert converter.combined([[item] for item in inputs], **axes, **keys).read_bytes() == one
    return pq.read_table(converter.target).to_pydict()


TEXTS = {"02": "dep;v\n02;5\n", "01": "dep;v\n1;6\n", "971": "dep;v\n971;7\n"}


@pytest.mark.parametrize("columns", [{}, {"dep": "string"}, {"dep": "category"}])
def test_a_partition_whose_codes_lost_their_zeros(converter, columns):
    with pytest.raises(DiffusionError, match="`dep` is `02` in some files, and `1` where") as found:
        by_partition(converter, TEXTS, columns=columns)
    assert "`asked` is '01'" in str(found.value) and not converter.target.exists()
    if not columns:
        assert "if `asked` says the same, leave it out, `drop: [dep]`" in str(found.value)
        left = by_partition(converter, TEXTS, drop=["dep"])
        assert dict(zip(left["asked"], left["v"], strict=True)) == {"02": 5, "01": 6, "971": 7}


@pytest.mark.parametrize("columns", [{}, {"lot": "string"}])
def test_digits_of_no_name_of_a_code(converter, columns):
    texts = {"a": "lot;v\n01;5\n12;6\nnd;1\n", "b": "lot;v\n1;6\n2;7\nnd;2\n"}
    with pytest.raises(DiffusionError, match="`lot` is `01` in some files, and `1` where") as found:
        by_partition(converter, texts, columns=columns)
    assert "`columns: {lot: {type: string, pad: 2}}`" in str(found.value)
    assert "if they are numbers, `columns: {lot: int}`" in str(found.value)
    ints = by_partition(converter, texts, columns={"lot": "int"}, nulls=["nd"])
    assert sorted(ints["lot"], key=str) == [1, 1, 12, 2, None, None]
    padded = by_partition(
        converter, texts, columns={"lot": {"type": "string", "pad": 2}}, nulls=["nd"]
    )
    assert sorted(filter(None, padded["lot"])) == ["01", "01", "02", "12"]
    stated = {"lot": {"type": "string", "pad": [1, 2]}}
    assert "1" in by_partition(converter, texts, columns=stated)["lot"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("01 rue A", "1 rue B"),  # no codes
        ("0145678901", "0345678901"),
        ("01", "12"),
        ("0.5", "1"),
        ("007A", "12B"),  # of which nothing is known
    ],
)
def test_digits_that_lost_no_zeros(converter, one, other):
    texts = {"a": f"x;v\n{one};5\n", "b": f"x;v\n{other};6\n"}
    assert len(by_partition(converter, texts)["x"]) == 2


@pytest.mark.parametrize(
    ("pad", "codes"), [([2, 3], ["01", "02", "971"]), ([1, 2, 3], ["02", "1", "971"])]
)
def test_codes_of_several_lengths(converter, pad, codes):
    """Zeros are put back up to the next length; that codes are meant as they are can be said."""
    with pytest.raises(DiffusionError) as found:
        by_partition(converter, TEXTS)
    assert f"`columns: {{dep: {{type: string, pad: {pad}}}}}`" in str(found.value) or (
        f"if they are meant as they are, list all lengths, `pad: {pad}`" in str(found.value)
    )
    columns = {"dep": {"type": "string", "pad": pad}}
    assert sorted(by_partition(converter, TEXTS, columns=columns)["dep"]) == codes


def test_zeros_are_put_back_where_all_codes_are_as_long(converter):
    texts = {"01": "code_insee;v\n01053;5\n", "02": "code_insee;v\n2691;6\n"}
    with pytest.raises(DiffusionError, match="pad: 5"):
        by_partition(converter, texts)
    found = by_partition(converter, texts, columns={"code_insee": {"type": "string", "pad": 5}})
    assert sorted(found["code_insee"]) == ["01053", "02691"]


def test_the_lost_zeros_of_an_axis_are_told(converter):
    texts = {name: TEXTS[name] for name in ("01", "971")}
    assert by_partition(converter, texts)["dep"] == ["1", "971"]
    told = "`dep` is `1` where the axis `asked` is `01`: it seems to have lost its zeros"
    assert told in str(converter.notes()["notes"])


def test_a_few_shorter_codes_are_of_another_kind(converter):
    """Postcodes of Belgium among those of France."""
    texts = {
        "01": "code_postal;v\n01000;1\n",
        "75": "code_postal;v\n" + "75001;1\n" * 20 + "1000;1\n",
    }
    assert len(by_partition(converter, texts)["code_postal"]) == 22


@pytest.mark.parametrize("kind", ["int", "float", "decimal(8,2)"])
def test_zeros_that_a_declared_number_leaves_out_are_told(converter, kind):
    texts = ["code;v\n01053;007\n02691;8\n", "code;v\n75056;0\n01004;0,5\n"]
    keys = {"columns": {"code": kind}, "csv": {"delimiter": ";"}}
    told = "zeros in front of numbers are left out: `code` (3, such as `01004`); where they are"
    table = converter.table(*texts, **keys)
    assert [int(code) for code in sorted(table["code"].to_pylist())] == [1004, 1053, 2691, 75056]
    assert told in str(converter.notes()["notes"])
    inputs = [raw(converter.file(text, f"{n}.bin"), str(n)) for n, text in enumerate(texts)]
    converter.combined([[item] for item in inputs], **keys)
    assert told in str(converter.notes()["notes"])


def test_plain_numbers_are_told_of_nothing(converter):
    converter.convert("n;x\n0;0.5\n10;-0.5\n-1;0\n", columns={"n": "int", "x": "float"})
    assert "zeros in front" not in str(converter.notes().get("notes"))


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("code_insee", ["1001", "75056", "2A004"], "codes of 4 digits, where such codes have 5"),
        ("codgeo", ["1001", "1002", "1003"], "`columns: {codgeo: {type: string, pad: 5}}` puts"),
        ("siret", ["3.52E+13", "35200013600011", "7,89E+13"], "are lost: 2, such as `3.52E+13`"),
        ("code_insee", ["1001", "01002", "2A004"], "1, such as `1001`"),
        ("code_insee", ["1001.0", "75056.0"], "as decimals, such as `1001.0`"),  # pandas, with gaps
        ("code_insee", ["1001,0", "75056,0"], "as decimals, such as `1001,0`"),
        ("nace", ["62.0", "62.1"], ""),
        ("code_postal", ["1000", "01002", "75001"], ""),  # Belgium's among those of France
        ("code_postal", ["1000", "1030", "9000"], ""),  # Belgium's
        ("code_insee_region", ["84", "1", "93"], ""),
        ("dep", ["1", "75", "2A", "971"], "`columns: {dep: {type: string, pad: [2, 3]}}` puts"),
        ("dep", ["1", "75", "971"], "`columns: {dep: {type: string, pad: [2, 3]}}` puts"),
        ("dep", ["1", "75", "999"], ""),  # another country's
        ("nb_siret", ["1", "22", "333"], ""),
        ("zip", ["2134", "90210"], "`columns: {zip: {type: string, pad: 5}}` puts them back"),
        ("PLZ", ["1067", "80331", "99084"], "such codes have 5: 1, such as `1067`"),
        ("PLZ", ["1010", "1020", "8010"], ""),  # Austria's
        ("county_fips", ["1001", "36061"], "such codes have 5: 1, such as `1001`"),
        ("state_fips", ["1", "6", "36"], ""),
        ("codice_istat", ["1001", "10025", "58091"], "such codes have 6: 2, such as `10025`"),
        ("codigo_municipio", ["1059", "28079"], ""),  # text, as no name says how long it is
    ],
)
def test_codes_that_lost_digits_in_a_spreadsheet_are_told(converter, name, values, told):
    text = f"{name};v\n" + "".join(f"{value};{n}\n" for n, value in enumerate(values))
    converter.convert(text)
    assert told in "".join(alerts := converter.notes().get("alerts", []))
    assert bool(alerts) == bool(told)
    if "pad: 5" in told or "1001" in told:
        found = converter.columns(text, columns={name: {"type": "string", "pad": 5}})
        assert found[name][0] in ("01001", "02134", "01067") and "alerts" not in converter.notes()


@pytest.mark.parametrize("values", [[1001, 75056], [1001.0, 75056.0, None]])
def test_numbers_of_a_file_that_are_codes(converter, tmp_path, values):
    pq.write_table(pa.table({"code_insee": values}), tmp_path / "a.parquet")
    converter.convert(tmp_path / "a.parquet")
    assert "have 5: 1, such as `1001`" in converter.notes()["alerts"][0]
