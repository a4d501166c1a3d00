"""The sample is honest about its broken rows."""

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from customer_segments.loading.records import RECORD_LIMIT
from customer_segments.sample_shop.contract import KEYS, RAW_TABLES
from customer_segments.sample_shop.faults import faults_of
from tests.python.sample import connect, one_value, read_table, seed


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample without broken rows."""
    return seed(tmp_path_factory.mktemp("clean"), customers=1000)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small sample with every twentieth row broken, as Parquet."""
    return seed(tmp_path_factory.mktemp("dirty"), customers=1000, dirt=0.05)


@pytest.fixture(scope="module")
def dirty_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small sample with every tenth row broken, as CSV."""
    folder = tmp_path_factory.mktemp("dirty_text")
    return seed(folder, customers=1000, dirt=0.1, format="csv")


def test_dirt_is_added_and_every_row_of_it_is_in_the_truth(
    clean: Path, dirty: Path
) -> None:
    connection = connect(dirty)
    for table in RAW_TABLES:
        good = f"from '{clean}/{table}/*.parquet'"
        lost = f"select count(*) from ({good} except all from {table})"
        assert one_value(connection, lost) == 0, table
        key = " || '|' || ".join(
            f"coalesce({name}{'::timestamp' if kind == 'timestamptz' else ''}"
            "::varchar, '')"
            for name in KEYS[table]
            if (kind := RAW_TABLES[table][name])
        )
        connection.execute("set timezone = 'UTC'")
        extra = f"select {key} from (from {table} except all {good}) order by all"
        truth = f"""
            select row_key from truth_dirt where raw_table = '{table}' order by all
        """
        assert (
            connection.execute(extra).fetchall() == connection.execute(truth).fetchall()
        ), table


def test_every_kind_of_dirt_occurs_at_the_given_rate(
    clean: Path, dirty: Path, dirty_text: Path
) -> None:
    for folder, rate, text in ((dirty, 0.05, False), (dirty_text, 0.1, True)):
        counts = Counter(
            connect(clean)
            .execute(
                "select raw_table, reason from"
                f" '{folder}/_truth/dirt.parquet' order by all"
            )
            .fetchall()
        )
        for table in ("customers", "orders", "order_items", "events", "consents"):
            faults = faults_of(table, "csv" if text else "parquet", "utf-8")
            found = {reason for raw, reason in counts if raw == table}
            assert found == {fault.reason for fault in faults}, table
            dirt = sum(n for (raw, _), n in counts.items() if raw == table)
            share = dirt / read_table(clean, table).num_rows
            assert 0.6 * rate < share < 1.4 * rate, table


@pytest.mark.parametrize(
    ("reason", "table", "broken"),
    [
        ("negative_sale", "orders", "gross_amount < discount_amount"),
        ("too_many_decimals", "orders", "currency = 'KRW' and gross_amount % 1 <> 0"),
        ("unknown_currency", "orders", "currency not in ('KRW', 'USD', 'JPY', 'EUR')"),
        ("no_rate", "orders", "currency = 'EUR'"),
        ("future_time", "events", "year(occurred_at) >= 2099"),
        ("time_out_of_range", "events", "occurred_at < timestamptz '1970-01-01'"),
        (
            "orphan",
            "events",
            "customer_id not in (select customer_id from customers"
            " where customer_id is not null)",
        ),
        ("unknown_status", "consents", "status not in ('granted', 'withdrawn')"),
        ("unknown_purpose", "consents", "purpose = 'party'"),
        ("unknown_channel", "consents", "channel = 'pigeon'"),
        ("missing_id", "events", "coalesce(event_id, '') = ''"),
    ],
)
def test_a_reason_says_what_is_wrong(
    reason: str, table: str, broken: str, dirty: Path
) -> None:
    connection = connect(dirty)
    truths = f"""
        select count(*) from truth_dirt
        where raw_table = '{table}' and reason = '{reason}'
    """
    count = one_value(connection, truths)
    assert count > 0
    assert one_value(connection, f"select count(*) from {table} where {broken}") == (
        count
    )


def test_nobody_who_is_forgotten_has_dirt(dirty: Path) -> None:
    found = connect(dirty).execute(
        "select row_key from truth_dirt, deletion_requests"
        " where raw_table = 'consents' and contains(row_key, customer_id)"
    )
    assert found.fetchall() == []


def test_broken_text_is_broken_where_the_truth_says(
    clean: Path, dirty_text: Path
) -> None:
    truth = connect(clean).execute(
        "select raw_table, reason, row_key from"
        f" '{dirty_text}/_truth/dirt.parquet' where row_key <> ''"
    )
    reasons: dict[str, dict[str, str]] = {table: {} for table in RAW_TABLES}
    for table, reason, key in truth.fetchall():
        reasons[table][key] = reason
    found: Counter[str] = Counter()
    for table in ("customers", "orders", "events"):
        width = len(RAW_TABLES[table])
        content = (dirty_text / table / f"{table}_000.csv").read_bytes()
        for line in content.splitlines()[1:]:
            key = line.split(b",")[0].decode()
            text = line.decode("utf-8", "replace")
            fields = next(csv.reader([text]))
            reason = reasons[table].get(key)
            if reason != "superseded":
                broken_off = reason in ("wrong_field_count", "unclosed_quote")
                assert (len(fields) != width) == broken_off, key
                assert ("\ufffd" in text) == (reason == "bad_encoding"), key
                wicked = "\x00" in text or "\u202e" in text
                assert wicked == (reason == "control_characters"), key
                float_id = key.endswith(".5")
                assert float_id == (reason == "float_id"), key
                found[reason or "good"] += 1
    assert {"bad_amount", "bad_time", "no_time_zone"} < set(found)
    assert found["good"] > 10_000


def test_oversized_records_come_on_request(tmp_path: Path) -> None:
    folder = seed(tmp_path / "sample", customers=3, days=3, format="csv", oversized=1)
    longest = max(
        (folder / "customers" / "customers_000.csv").read_bytes().splitlines(), key=len
    )
    assert len(longest) > RECORD_LIMIT
    truth = connect_to_truth(folder).execute("select row_key, reason from dirt")
    assert truth.fetchall() == [("DIRT-LONG-0", "oversized_record")]


def connect_to_truth(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the truth about broken rows, whatever the format."""
    connection = duckdb.connect()
    path = folder / "_truth" / "dirt.parquet"
    connection.execute(f"create view dirt as from '{path}'")
    return connection


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_exports_of_a_shop_hold_bytes_that_are_no_text(
    encoding: str, tmp_path: Path
) -> None:
    folder = seed(
        tmp_path / "sample",
        customers=100,
        dirt=0.5,
        format="shop-csv",
        encoding=encoding,
    )
    lines = (folder / "회원목록_000.csv").read_bytes().splitlines()
    broken = [line for line in lines if not is_text(line, encoding)]
    assert broken and all(line.startswith(b"DIRT-C") for line in broken)
    planted = connect_to_truth(folder).execute(
        "select count(*) from dirt"
        " where raw_table = 'customers' and reason = 'bad_encoding'"
    )
    assert planted.fetchall() == [(len(broken),)]


def is_text(line: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
