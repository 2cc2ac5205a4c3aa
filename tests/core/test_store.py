import contextlib

import polars as pl
import pytest

from chronicle.core import store
from chronicle.core.errors import TableError
from chronicle.core.tables import EVENTS
from tests.drawn import events

DRAWN = "ann -5 LOINC//1-8 6.0\nann -5 LOINC//1-8 7.0\nbob 3 SNOMED//1"


def test_the_order_of_rows_does_not_change_a_byte(tmp_path):
    frame = events(DRAWN)
    store.write(EVENTS, frame, tmp_path / "a.parquet")
    store.write(EVENTS, frame.reverse(), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (
        tmp_path / "b.parquet"
    ).read_bytes()


def test_what_is_written_is_read_back(tmp_path):
    store.write(EVENTS, events(DRAWN), tmp_path / "a.parquet")
    assert store.read(EVENTS, tmp_path).height == 3


@pytest.mark.parametrize("path", ["no.parquet", ""])
def test_a_table_that_is_not_there_is_an_error(tmp_path, path):
    with pytest.raises(TableError, match="where: "):
        store.read(EVENTS, tmp_path / path)


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with contextlib.suppress(KeyError), store.folder(tmp_path / "made") as folder:
        (folder / "half").write_text("x")
        raise KeyError
    assert not (tmp_path / "made").exists()
    with store.folder(tmp_path / "made") as folder:
        (folder / "all").write_text("x")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["all"]


def test_json_is_sorted_and_rounded_and_never_nan(tmp_path):
    store.write_json({"b": 0.1234567891, "a": [1.0, {"c": 2}]}, tmp_path / "x.json")
    assert store.read_json(tmp_path / "x.json") == {"a": [1.0, {"c": 2}], "b": 0.123457}
    assert (tmp_path / "x.json").read_text().index('"a"') < 20
    with pytest.raises(ValueError, match="Out of range"):
        store.write_json({"a": float("nan")}, tmp_path / "y.json")
    assert not (tmp_path / "y.json").exists()


def test_a_wrong_table_is_never_written(tmp_path):
    with pytest.raises(TableError):
        store.write(EVENTS, pl.DataFrame({"a": [1]}), tmp_path / "a.parquet")
    assert [*tmp_path.iterdir()] == []
