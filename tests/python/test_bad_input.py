"""Bad input: every row of every file is kept, superseded, due later, or quarantined.

The cases are in bad_input/. All files that can be loaded lie in one warehouse,
which is judged once; each case then looks up its own rows.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from customer_segments.loading import landing, load_raw
from customer_segments.loading.contract import read_contract
from tests.python.bad_input import FILES, GROUPS, STOPS, VALUES, ground, places
from tests.python.bad_input.common import (
    AS_OF,
    GOOD,
    LOADED_AT,
    Fate,
    Kept,
    Loads,
    NotYet,
    Quarantined,
    SetAside,
    Stops,
    Superseded,
    Value,
)
from tests.python.warehouse import UNTESTED, Warehouse, failures

ALL_FILES = (*FILES, *GROUPS)
STATES: dict[str, Fate] = {"superseded": Superseded(), "not_yet": NotYet()}
REJECTED = """
    select raw_table, source_file, source_row, column_name, reason
    from quarantined_rows
"""


@dataclass(frozen=True)
class Said:
    """How the loader ended and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Judged:
    """All files, loaded and judged: what became of each row, by file and ordinal.

    A row has one fate; a list shows where it has none or several.
    """

    warehouse: Warehouse
    said: Mapping[str, Said]
    fates: Mapping[str, Mapping[int, list[Fate]]]


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def load(folder: Path, landing: Path, *options: str) -> Said:
    """Run the loader on a folder."""
    arguments = [str(folder), "--landing", str(landing), "--loaded-at", LOADED_AT]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = load_raw.main([*arguments, *options])
    return Said(code, out.getvalue(), err.getvalue())


def found_fates(warehouse: Warehouse) -> dict[str, dict[int, list[Fate]]]:
    """Every row of staging and quarantine."""
    found: dict[str, dict[int, list[Fate]]] = {}

    def note(file: str, ordinal: int, fate: Fate) -> None:
        found.setdefault(file, {}).setdefault(ordinal, []).append(fate)

    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        for table in GOOD:
            staged = connection.execute(
                f"from main_staging.stg_{table} where row_state <> 'quarantined'"
            )
            names = [column[0] for column in staged.description or ()]
            for values in staged.fetchall():
                row = dict(zip(names, values, strict=True))
                fate = STATES.get(row["row_state"], Kept(row))
                note(row["source_file"], row["source_row"], fate)
        for table, file, ordinal, column, reason in connection.sql(REJECTED).fetchall():
            assert file.startswith(f"{table}/")
            note(file, ordinal, Quarantined(column, reason))
    return found


@pytest.fixture(scope="module", autouse=True)
def in_a_hurry() -> Iterator[None]:
    """Hundreds of loads read sources.yml once and wait for no disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_raw, "read_contract", cache(read_contract))
        patch.setattr(landing, "flush_to_disk", lambda path: None)
        yield


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Every file that can be loaded, loaded by itself, and one build of staging."""
    warehouse = Warehouse(tmp_path_factory.mktemp("bad_input"))
    write(warehouse.raw / "ground", ground())
    assert load(warehouse.raw / "ground", warehouse.landing).code == 0
    said = {}
    for case in ALL_FILES:
        folder = warehouse.raw / case.id
        write(folder, {case.file: case.content})
        said[case.id] = load(folder, warehouse.landing, *case.options)
    result = warehouse.dbt(
        "build",
        *("--select", "+quarantined_rows", "+row_fates", *UNTESTED),
        variables={"as_of_date": AS_OF},
    )
    assert result.success, failures(result)
    return Judged(warehouse, said, found_fates(warehouse))


def count_rows(case: Loads) -> int:
    """Rows of a file, by a reader that the loader does not use for them.

    Where quotes do not pair a record is a line.
    """
    if case.ending == "parquet":
        return int(pq.read_metadata(io.BytesIO(case.content)).num_rows)
    text = case.content.decode(case.encoding).removeprefix("ï»¿")
    if case.is_broken:
        return len([line for line in re.split(r"\r\n|\r|\n", text) if line]) - 1
    csv.field_size_limit(sys.maxsize)
    records = csv.reader(io.StringIO(text, newline=""))
    return sum(1 for record in records if record) - 1


def differs(fate: Fate, wanted: Fate) -> bool:
    """Whether a fate is another one; a kept row needs the values that are asked for."""
    if isinstance(fate, Kept) and isinstance(wanted, Kept):
        return any(
            (type(fate.values[name]), fate.values[name]) != (type(value), value)
            for name, value in wanted.values.items()
        )
    return fate != wanted


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case.id)
def test_value(case: Value, judged: Judged) -> None:
    for file, ordinal in places()[case.id]:
        fates = judged.fates[file.file]
        for position, wanted in ((ordinal, case.fate), (ordinal + 1, Kept())):
            (fate,) = fates[position]
            assert not differs(fate, wanted), f"{file.file} {position}: {fate}"


@pytest.mark.parametrize("case", ALL_FILES, ids=lambda case: case.id)
def test_no_row_is_lost(case: Loads, judged: Judged) -> None:
    said = judged.said[case.id]
    assert (said.code, said.err) == (0, "")
    fates = judged.fates.get(case.file, {})
    set_aside = {n for n, fate in enumerate(case.fates, 1) if fate == SetAside()}
    assert sorted({*fates, *set_aside}) == list(range(1, count_rows(case) + 1))
    assert [ordinal for ordinal in fates if len(fates[ordinal]) != 1] == []


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.id)
def test_file(case: Loads, judged: Judged) -> None:
    out = judged.said[case.id].out
    assert case.said == "" or out.count(case.said) == 1
    fates = judged.fates.get(case.file, {})
    set_aside = {n for n, fate in enumerate(case.fates, 1) if fate == SetAside()}
    told: dict[int, list[Fate]] = {**fates, **{n: [SetAside()] for n in set_aside}}
    alone = [told[ordinal][0] for ordinal in sorted(told)]
    assert not set_aside & set(fates)
    assert len(alone) == len(case.fates)
    if case.either_way:
        assert Counter(map(type, alone)) == Counter(map(type, case.fates))
    else:
        assert [
            (ordinal, str(fate))
            for ordinal, (fate, wanted) in enumerate(
                zip(alone, case.fates, strict=True), 1
            )
            if differs(fate, wanted)
        ] == []


def test_rows_in_are_rows_kept_superseded_not_yet_and_quarantined(
    judged: Judged,
) -> None:
    counted = Counter[str]()
    for case in ALL_FILES:
        counted[case.table] += count_rows(case)
    for name, content in ground().items():
        counted[name.split("/")[0]] += content.count(b"\n") - 1
    assert judged.warehouse.query(
        "select raw_table, rows_in,"
        " kept + superseded + not_yet + quarantined + set_aside"
        " from row_fates where rows_in > 0 order by raw_table"
    ) == [(table, rows, rows) for table, rows in sorted(counted.items())]


@pytest.mark.parametrize("case", STOPS, ids=lambda case: case.id)
def test_stop(case: Stops, tmp_path: Path) -> None:
    write(tmp_path / "in", case.files)
    said = load(tmp_path / "in", tmp_path / "landing", *case.options)
    assert said.code == 2
    (line,) = said.err.splitlines()
    where = case.where or str(tmp_path / "in")
    assert line.startswith(f"error: {where}")
    assert re.search(
        f": .*{re.escape(case.what)}.*\\. .*{re.escape(case.remedy)}", line
    )
    left = [path.name for path in (tmp_path / "landing").rglob("*") if path.is_file()]
    assert set(left) <= {".lock"}


def test_each_case_has_a_name_of_its_own() -> None:
    cases: list[Value | Loads | Stops] = [*VALUES, *ALL_FILES, *STOPS]
    names = [case.id for case in cases]
    assert [name for name, count in Counter(names).items() if count > 1] == []
