"""Every reason that loader or staging can give is explained, and no other."""

from __future__ import annotations

import re

import pytest

from tests.python.compiled import seed_rows
from tests.python.warehouse import ROOT, Warehouse

# How a reason stands in the loader: in its SQL, in a type of faults, as a result.
IN_SQL = re.compile(r"(?:then|else)\s+'(?:\{[^}]*\}:)?([a-z_]+)'|\"'([a-z_]+)'\"")
IN_A_TYPE = re.compile(r"Malformed = Literal\[([^\]]*)\]")
AS_RESULT = re.compile(r"(?:return|else) \"([a-z]+_[a-z_]+)\"")
NO_REASONS = {"true", "false", "source_row"}


def reasons_of_staging() -> set[str]:
    """Reasons in `fault('column', 'reason')`, in models and in the macros they use."""
    found = {"erased"}
    for folder in ("models/staging", "macros/rows"):
        for path in (ROOT / folder).rglob("*.sql"):
            found |= set(re.findall(r"fault\([^(),]*, '([a-z_]+)'\)", path.read_text()))
    return found


def reasons_of_the_loader() -> set[str]:
    """Reasons that the loader's source code names."""
    found: set[str] = set()
    for name in ("casting", "records", "textual"):
        text = (ROOT / "customer_segments" / "loading" / f"{name}.py").read_text()
        found |= {one or other for one, other in IN_SQL.findall(text)}
        found |= set(AS_RESULT.findall(text))
        for listed in IN_A_TYPE.findall(text):
            found |= set(re.findall(r'"([a-z_]+)"', listed))
    return found - NO_REASONS


def test_reasons_are_found_where_they_are_given() -> None:
    assert {"orphan", "missing_id", "future_time", "self_link"} <= reasons_of_staging()
    assert {
        *("bad_amount", "bad_integer", "no_time_zone", "float_id", "bad_json"),
        *("unclosed_quote", "oversized_record", "bad_encoding", "wrong_field_count"),
        *("control_characters", "too_many_decimals", "amount_overflow"),
    } <= reasons_of_the_loader()


def test_every_reason_is_explained() -> None:
    explained = {row["reason"] for row in seed_rows("fault_reasons")}
    assert sorted(reasons_of_staging() | reasons_of_the_loader()) == sorted(explained)


def test_every_explanation_is_a_sentence_in_both_languages() -> None:
    for row in seed_rows("fault_reasons"):
        for column in ("what_en", "what_ko", "remedy_en", "remedy_ko"):
            assert row[column].strip() == row[column], (row["reason"], column)
            assert row[column].endswith("."), (row["reason"], column)
            has_hangul = re.search("[가-힣]", row[column]) is not None
            assert has_hangul == column.endswith("_ko"), (row["reason"], column)


def test_the_report_counts_every_quarantined_row(shop: Warehouse) -> None:
    counted = shop.query(
        "select raw_table, sum(row_count)::bigint from load_report"
        " group by raw_table order by raw_table"
    )
    listed = shop.query(
        "select raw_table, count(*) from quarantined_rows"
        " group by raw_table order by raw_table"
    )
    assert counted == listed != []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_examples_point_to_rows_with_that_reason(shop: Warehouse, number: int) -> None:
    """The ordinal in an example is that of a row of the file with the reason."""
    wrong = shop.query(
        f"""
        select load_report.raw_table, example_{number}
        from load_report
        where (row_count >= {number}) <> (
            example_{number} is not null and exists (
                select 1 from quarantined_rows
                where quarantined_rows.raw_table = load_report.raw_table
                and quarantined_rows.source_file = load_report.source_file
                and quarantined_rows.reason = load_report.reason
                and '#' || source_row = split_part(example_{number}, ' ', 1)
            )
        )
        """
    )
    assert wrong == []
