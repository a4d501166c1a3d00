"""The sample is the same everywhere and in every format; its command is careful."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from customer_segments.sample_shop import build as build_module
from customer_segments.sample_shop import steps as steps_module
from customer_segments.sample_shop.contract import RAW_TABLES
from customer_segments.sample_shop.seed_sample_data import main
from customer_segments.sample_shop.shop_export import FILES, HEADERS, VALUES, mapping_of
from tests.python.sample import connect, digests, one_value, read_table, seed

# A larger shop plans larger numbers for the same months.
PLANNED = {"acquisition_costs": "cost", "segment_targets": "target"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample without broken rows."""
    return seed(tmp_path_factory.mktemp("clean"), customers=200)


@pytest.mark.parametrize("table", RAW_TABLES)
def test_columns_and_types_are_those_of_the_contract(table: str, clean: Path) -> None:
    written = pq.read_schema(clean / table / f"{table}_000.parquet")
    types = {
        "varchar": pa.string(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
        "integer": pa.int32(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "bigint": pa.int64(),
        "decimal(18,4)": pa.decimal128(18, 4),
        "decimal(18,8)": pa.decimal128(18, 8),
        "decimal(24,4)": pa.decimal128(24, 4),
    }
    assert written.names == list(RAW_TABLES[table])
    assert written.types == [types[kind] for kind in RAW_TABLES[table].values()]


def test_threads_change_no_byte_and_chunks_change_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = seed(tmp_path / "whole", customers=120, dirt=0.1)
    monkeypatch.setattr(build_module, "CHUNK", 40)
    parts = seed(tmp_path / "parts", customers=120, dirt=0.1, threads=4)
    again = seed(tmp_path / "again", customers=120, dirt=0.1, threads=1)
    assert len(list((parts / "orders").iterdir())) == 3
    assert digests(parts) == digests(again)
    connection = duckdb.connect()
    for table in [*RAW_TABLES, "_truth"]:
        if table == "_truth":
            for path in (whole / table).iterdir():
                other = parts / table / path.name
                assert pq.read_table(path).equals(pq.read_table(other)), path.name
        else:
            one, other_rows = (
                f"from '{folder}/{table}/*.parquet'" for folder in (whole, parts)
            )
            for lost in (
                f"({one} except all {other_rows})",
                f"({other_rows} except all {one})",
            ):
                assert one_value(connection, f"select count(*) from {lost}") == 0, table


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("customers", ["customer_id", "updated_at"]),
        ("orders", ["order_id", "updated_at"]),
        ("order_items", ["order_id", "line"]),
        ("refunds", ["refund_id"]),
        ("events", ["event_id"]),
        ("campaign_messages", ["message_id"]),
        ("account_technologies", ["account_id", "category", "vendor"]),
    ],
)
def test_the_order_of_rows_is_that_of_their_ids(
    table: str, key: list[str], clean: Path
) -> None:
    # what a join leaves to chance would differ from run to run in larger samples
    rows = read_table(clean, table)
    keys = list(zip(*(rows[name].to_pylist() for name in key), strict=True))
    assert keys == sorted(keys, key=lambda key: (len(key[0]), *key))


def test_more_customers_only_add_rows(tmp_path: Path) -> None:
    few = seed(tmp_path / "few", customers=90, dirt=0.1)
    many = seed(tmp_path / "many", customers=150, dirt=0.1)
    connection = duckdb.connect()
    for table in RAW_TABLES:
        planned = f" exclude ({PLANNED[table]})" if table in PLANNED else ""
        fewer, more = (
            f"select *{planned} from '{folder}/{table}/*.parquet'"
            for folder in (few, many)
        )
        lost = f"({fewer} except all {more})"
        assert one_value(connection, f"select count(*) from {lost}") == 0, table
    added = (
        f"(select distinct customer_id from '{many}/events/*.parquet' except"
        f" select distinct customer_id from '{few}/events/*.parquet')"
        " where customer_id not like 'NOBODY%'"
    )
    least = connection.execute(f"select min(customer_id) from {added}").fetchone()
    assert least == ("C10000090",)


def test_members_of_the_shop_and_users_of_its_sister_product_are_other_people(
    tmp_path: Path,
) -> None:
    kinds = ("all", "shop", "app", "b2b")
    seen = {
        kind: connect(seed(tmp_path / kind, customers=320, days=150, kind=kind))
        for kind in kinds
    }

    def rows(kind: str, table: str) -> int:
        return int(one_value(seen[kind], f"select count(*) from {table}"))

    subscribed = "customers where plan is not null"
    employed = "customers where account_id is not null"
    for kind, members, companies in (("shop", 320, 0), ("app", 0, 0), ("b2b", 0, 160)):
        assert rows(kind, f"(select distinct customer_id from {subscribed})") == (
            320 - members
        )
        assert rows(kind, "accounts") == companies
        assert (rows(kind, employed) > 0) == (companies > 0)
        for table in ("orders", "products", "campaigns", "campaign_messages"):
            assert (rows(kind, table) > 0) == (members > 0), (kind, table)
        product = "events where event_name in ('trial_start', 'webinar_register')"
        assert (rows(kind, product) > 0) == (members == 0)
    assert rows("all", f"(select distinct customer_id from {subscribed})") == 40
    assert rows("all", "accounts") == 10
    for strange in (
        f"select 1 from orders semi join ({subscribed}) using (customer_id)",
        f"select 1 from events semi join ({subscribed}) using (customer_id)"
        " where product_id is not null",
        "select 1 from truth_people inner join customers using (customer_id)"
        " inner join customers as others on person_id = others.customer_id"
        " where (customers.plan is null) <> (others.plan is null)",
    ):
        query = strange.replace("(customers where", "(select * from customers where")
        assert seen["all"].execute(query).fetchall() == []


def test_another_seed_is_another_shop(tmp_path: Path) -> None:
    first = seed(tmp_path / "1", customers=50, seed=1)
    other = seed(tmp_path / "2", customers=50, seed=2)
    for table in ("customers", "orders", "product_prices", "exchange_rates"):
        assert not read_table(first, table).equals(read_table(other, table)), table


def test_csv_says_the_same_as_parquet(clean: Path, tmp_path: Path) -> None:
    text = seed(tmp_path / "text", customers=200, format="csv")
    connection = connect(clean)
    for table, columns in RAW_TABLES.items():
        casts = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
        read = (
            f"select {casts} from read_csv('{text}/{table}/*.csv', all_varchar = true,"
            " header = true, delim = ',', quote = '\"')"
        )
        for query in (f"{read} except all from {table}", f"from {table} except all"):
            whole = query if query.startswith(read) else f"{query} {read}"
            assert connection.execute(whole).fetchall() == [], table


def test_every_column_has_a_header_of_its_own() -> None:
    assert list(FILES) == list(HEADERS) == list(RAW_TABLES)
    assert len(set(FILES.values())) == len(FILES)
    for table, headers in HEADERS.items():
        assert list(headers) == list(RAW_TABLES[table])
        assert len(set(headers.values())) == len(headers)
    for (table, column), words in VALUES.items():
        assert column in RAW_TABLES[table]
        assert len({theirs for _, theirs in words}) == len(words)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_exports_of_a_shop_say_the_same_through_their_mapping(
    encoding: str, clean: Path, tmp_path: Path
) -> None:
    export = seed(
        tmp_path / "export", customers=200, format="shop-csv", encoding=encoding
    )
    mapping = yaml.safe_load((export / "mapping.yml").read_text("utf-8"))
    assert mapping == mapping_of(encoding)
    assert mapping["defaults"]["encoding"] == encoding
    assert mapping["defaults"]["time_zone"] == "Asia/Seoul"
    connection = connect(clean)
    for table, columns in RAW_TABLES.items():
        source = mapping["tables"][table]
        [path] = export.glob(source["files"])
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8")
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        plain = tmp_path / "plain.csv"
        plain.write_text(text, "utf-8", newline="")
        casts = ", ".join(
            cast_of(theirs, ours, columns[ours], source.get("values", {}))
            for theirs, ours in source["columns"].items()
        )
        said = (
            f"select {casts} from read_csv('{plain}', all_varchar = true,"
            " header = true, delim = ',', quote = '\"')"
        )
        # CP949 has no signs for some names
        left_out = " exclude (name)" if table == "customers" else ""
        meant = f"select *{left_out} from {table}"
        said = f"select *{left_out} from ({said})"
        for query in (f"{said} except all {meant}", f"{meant} except all {said}"):
            assert connection.execute(query).fetchall() == [], table


def cast_of(
    theirs: str, ours: str, kind: str, values: dict[str, dict[str, str]]
) -> str:
    """SQL that reads a column of an export as its mapping says."""
    text = f'"{theirs}"'
    if ours in values:
        cases = " ".join(f"when '{a}' then '{b}'" for a, b in values[ours].items())
        text = f"case {text} {cases} else {text} end"
    if kind == "timestamptz":
        text = f"({text} || '+09:00')"
    if kind.startswith("decimal"):
        text = f"replace({text}, ',', '')"
    return f"{text}::{kind} as {ours}"


def test_exports_look_as_a_shop_writes_them(tmp_path: Path) -> None:
    export = seed(tmp_path / "export", customers=60, format="shop-csv")
    orders = (export / "주문내역_000.csv").read_text("utf-8-sig").splitlines()
    assert orders[0].startswith("주문번호,회원아이디,주문일시,주문상태,")
    assert re.fullmatch(
        r"O\d+,(C\d+)?,20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,[가-힣]{4},KRW,"
        r'"\d{1,3},\d{3}",.*',
        orders[1],
    )
    people = (export / "회원목록_000.csv").read_text("utf-8-sig")
    assert set(re.findall(r",(여|남|Y|N),", people)) >= {"여", "남"}
    assert {"Y", "N"} <= set(re.findall(r",([YN])\b", people))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--customers", "0"],
        ["--customers", "many"],
        ["--days", "-3"],
        ["--days", "1.5"],
        ["--as-of", "2026-02-30"],
        ["--as-of", "1999-12-31"],
        ["--seed", "-1"],
        ["--dirt", "2"],
        ["--dirt", "nan"],
        ["--format", "xlsx"],
        ["--colour", "red"],
        ["--encoding", "cp949"],
        ["--encoding", "latin-1", "--format", "shop-csv"],
        ["--oversized", "1"],
        ["--threads", "0"],
        ["--kind", "bank"],
    ],
)
def test_nonsense_is_refused_in_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "out"), *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_only_a_sample_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sample"
    seed(folder, customers=3, days=3, format="csv")
    seed(folder, customers=2, days=3)
    assert json.loads((folder / "_sample.json").read_text("utf-8"))["customers"] == 2
    assert list(folder.glob("*/*.csv")) == []
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("mine")
    capsys.readouterr()
    assert main(["--customers", "2", "--days", "3", "--out", str(precious)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert [path.name for path in precious.iterdir()] == ["thesis.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"sample", "precious"}


def test_a_failure_leaves_the_old_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = seed(tmp_path / "sample", customers=2, days=3)
    monkeypatch.setattr(steps_module, "CUSTOMERS", ["people", "orders"])
    with pytest.raises(duckdb.Error):
        seed(folder, customers=5, days=3)
    assert json.loads((folder / "_sample.json").read_text("utf-8"))["customers"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_it_says_little_and_nothing_personal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed(tmp_path / "sample", customers=5, days=30, dirt=0.3)
    written = capsys.readouterr()
    assert written.err == ""
    assert len(written.out.splitlines()) == len(RAW_TABLES) + 1
    assert "@" not in written.out and "010" not in written.out


def test_the_default_day_is_yesterday_in_seoul(tmp_path: Path) -> None:
    def yesterday() -> date:
        return (datetime.now(UTC) + timedelta(hours=9)).date() - timedelta(days=1)

    before = yesterday()
    assert main(["--customers", "1", "--days", "1", "--out", str(tmp_path / "s")]) == 0
    described = json.loads((tmp_path / "s" / "_sample.json").read_text("utf-8"))
    assert before <= date.fromisoformat(described["as_of"]) <= yesterday()
