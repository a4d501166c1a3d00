"""How the loader behaves: times, crashes, locks, names, and what it says and writes.

What becomes of bad rows and files is in test_bad_input.py.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_segments.loading import conversion, load_raw
from customer_segments.loading.casting import SESSION, steady_offset, zone_to_utc
from customer_segments.loading.contract import read_contract
from customer_segments.loading.records import count_records, parse_fields, split_records
from customer_segments.loading.textual import (
    copy_regular_csv,
    read_text_rows,
    split_csv,
)
from tests.python.loads import Outcome, Run

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "models" / "staging" / "sources.yml"
LOADED_AT = "2026-01-01T00:00:00Z"
ORDERS = "order_id,customer_id,ordered_at,status,gross_amount"
CUSTOMERS = "customer_id,created_at,email,phone,name,birth_date,push_enabled"
EVENTS = "event_id,customer_id,event_name,occurred_at,duration_seconds,properties"
GOOD_ORDER = "o1,c1,2026-01-01T00:00:00Z,paid,5000"
GOOD_CUSTOMER = "c1,2026-01-01T00:00:00Z,a@b.kr,010-1234-5678,Kim,1990-01-01,true"
GOOD_EVENT = "e1,c1,page_view,2026-01-01T00:00:00Z,5,"
MOMENT = datetime(2026, 1, 1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def run(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Write files below the source folder, then run the command on it."""

    def command(files: dict[str, bytes] | None = None, *options: str) -> Outcome:
        for name, content in (files or {}).items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        landing = tmp_path / "landing"
        arguments = [str(source), "--landing", str(landing), "--loaded-at", LOADED_AT]
        code = load_raw.main([*arguments, *options])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err, landing)

    yield command


def text(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def order(**changed: str) -> str:
    values = dict(zip(ORDERS.split(","), GOOD_ORDER.split(","), strict=True))
    return ",".join((values | changed).values())


def customer(**changed: str) -> str:
    values = dict(zip(CUSTOMERS.split(","), GOOD_CUSTOMER.split(","), strict=True))
    return ",".join((values | changed).values())


def event(**changed: str) -> str:
    values = dict(zip(EVENTS.split(","), GOOD_EVENT.split(","), strict=True))
    return ",".join((values | changed).values())


def parquet(columns: dict[str, pa.Array], **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, **options)
    return bytes(sink.getvalue())


def order_columns(**changed: pa.Array) -> dict[str, pa.Array]:
    """One order, each column in its contract type."""
    columns = {
        "order_id": pa.array(["o1"]),
        "customer_id": pa.array(["c1"]),
        "ordered_at": pa.array([MOMENT], pa.timestamp("us", "UTC")),
        "status": pa.array(["paid"]),
        "gross_amount": pa.array([Decimal("5000")], pa.decimal128(18, 4)),
    }
    return {k: v for k, v in (columns | changed).items() if v is not None}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1)),
        ("2026-01-01 09:00:00+09:00", datetime(2026, 1, 1)),
        ("2026-01-01T09:00+0900", datetime(2026, 1, 1)),
        ("2026-01-01T09:00:00+09", datetime(2026, 1, 1)),
        ("2025-12-31T20:30:00-03:30", datetime(2026, 1, 1)),
        ("2026-01-01T00:00:00.1Z", datetime(2026, 1, 1, microsecond=100_000)),
        ("2026-01-01T00:00:00.123456Z", datetime(2026, 1, 1, microsecond=123_456)),
        ("  2026-01-01T00:00:00Z ", datetime(2026, 1, 1)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1)),
        ("9999-12-31T23:59:59.999999Z", datetime.max),
        ("2026-01-01T14:00:00+14:00", datetime(2026, 1, 1)),
        ("", None),
        ("   ", None),
    ],
)
def test_times_land_in_utc(value: str, expected: datetime | None, run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order(ordered_at=value))})
    assert outcome.rows("orders", "ordered_at") == [(expected,)]


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Asia/Seoul", "2026-01-01 09:00:00", datetime(2026, 1, 1)),
        ("Asia/Seoul", "1988-07-01 09:00:00", datetime(1988, 6, 30, 23)),
        ("UTC", "2026-01-01 09:00", datetime(2026, 1, 1, 9)),
        ("America/New_York", "2026-03-08 01:59:59", datetime(2026, 3, 8, 6, 59, 59)),
        ("America/New_York", "2026-03-08 03:00:00", datetime(2026, 3, 8, 7)),
        ("America/New_York", "2026-11-01 01:30:00", datetime(2026, 11, 1, 5, 30)),
        ("America/New_York", "2026-11-01 02:00:00", datetime(2026, 11, 1, 7)),
        ("America/New_York", "2026-07-01 00:00:00Z", datetime(2026, 7, 1)),
    ],
)
def test_local_times_follow_the_declared_zone(
    zone: str, local: str, expected: datetime, run: Run
) -> None:
    files = {"orders/f.csv": text(ORDERS, order(ordered_at=local))}
    if not local.endswith("Z"):
        naive = pa.array([datetime.fromisoformat(local)], pa.timestamp("us"))
        files["orders/f.parquet"] = parquet(order_columns(ordered_at=naive))
    outcome = run(files, "--time-zone", zone)
    assert outcome.rows("orders", "ordered_at") == [(expected,)] * len(files)


@pytest.mark.parametrize(
    "zone", ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]
)
def test_local_times_agree_with_another_zone_library(zone: str) -> None:
    hours = range(0, 24 * 366 * 3, 5)
    local_times = [datetime(2023, 1, 1, 0, 30) + timedelta(hours=h) for h in hours]

    def in_utc(local: datetime) -> datetime | None:
        instant = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
        back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return instant.replace(tzinfo=None) if back == local else None

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(SESSION)
        connection.execute(
            "create table local_times as select unnest(?::timestamp[]) as clock",
            [local_times],
        )
        expression = zone_to_utc("clock", ZoneInfo(zone))
        found = connection.sql(
            f"select clock, {expression} from local_times order by clock"
        ).fetchall()
    assert found == [(local, in_utc(local)) for local in local_times]


def test_a_zone_without_clock_changes_has_one_offset() -> None:
    assert steady_offset(ZoneInfo("Asia/Seoul")) == timedelta(hours=9)
    assert steady_offset(ZoneInfo("America/New_York")) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5000", "5000"),
        (" 5000 ", "5000"),
        ("+5", "5"),
        ("-5.5", "-5.5"),
        ("007", "7"),
        ("0.0001", "0.0001"),
        ("1.50000", "1.5"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("-99999999999999.9999", "-99999999999999.9999"),
    ],
)
def test_amounts_land_exactly(value: str, expected: str, run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order(gross_amount=value))})
    assert outcome.rows("orders", "gross_amount") == [(Decimal(expected),)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(v, True) for v in ("true", "T", "1", "YES", "y", "True")]
    + [(v, False) for v in ("false", "F", "0", "no", "N")]
    + [("", None)],
)
def test_booleans(value: str, expected: bool | None, run: Run) -> None:
    row = customer(push_enabled=value)
    outcome = run({"customers/f.csv": text(CUSTOMERS, row)})
    assert outcome.rows("customers", "push_enabled") == [(expected,)]


def test_dates_integers_and_json_land(run: Run) -> None:
    outcome = run(
        {
            "customers/f.csv": text(CUSTOMERS, customer(birth_date=" 2000-02-29")),
            "events/f.csv": text(
                EVENTS,
                event(duration_seconds="2147483647", properties='"{""a"": [1]}"'),
                event(duration_seconds="-5", properties='" {}"'),
            ),
        }
    )
    assert outcome.rows("customers", "birth_date") == [(date(2000, 2, 29),)]
    assert outcome.rows("events", "duration_seconds, properties") == [
        (2147483647, '{"a": [1]}'),
        (-5, " {}"),
    ]


def test_columns_and_types_are_those_of_the_contract(run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    (landed,) = (outcome.landing / "orders").glob("*.parquet")
    types = {"string": "VARCHAR", "int": "INTEGER"}
    assert [
        (name, str(kind))
        for name, kind, *_ in duckdb.sql(
            f"describe from read_parquet('{landed}')"
        ).fetchall()
    ] == [
        (column.name, types.get(column.data_type, column.data_type.upper()))
        for column in read_contract(CONTRACT)["orders"].columns
    ]
    assert outcome.rows("orders", "loaded_at, source_file, source_row") == [
        (MOMENT, "orders/f.csv", 1)
    ]


def test_manifest_says_what_the_file_was(run: Run) -> None:
    content = text(ORDERS, order(), order(gross_amount="x"))
    outcome = run({"orders/f.csv": content})
    (row,) = outcome.rows("load_manifest")
    (name,) = (path.stem for path in (outcome.landing / "orders").iterdir())
    assert row[2] is not None and str(row[2])[:16] == name
    assert row[:2] + row[3:5] == ("orders", "orders/f.csv", len(content), "csv")
    assert row[6:12] == (2, 0, 0, 1, 1, MOMENT)
    folders = ("orders", "load_rejects")
    assert row[12:] == tuple(
        (outcome.landing / folder / f"{name}.parquet").stat().st_size
        for folder in folders
    )
    assert "bad_amount" in outcome.out


def test_reject_names_key_column_and_shape(run: Run) -> None:
    outcome = run(
        {
            "orders/f.csv": text(
                ORDERS,
                order(status="\x07배송 Straße 12"),
                order(order_id="", gross_amount="x" * 41),
                order(order_id="o3", ordered_at="x" * 40, gross_amount="x"),
                "short",
            )
        }
    )
    columns = "raw_table, row_key, column_name, masked_value, source_file, loaded_at"
    rest = ("orders/f.csv", MOMENT)
    assert outcome.rows("load_rejects", columns) == [
        ("orders", "o1", "status", "\ufffd가가 aaaaaa 99", *rest),
        ("orders", "", "gross_amount", "a" * 40 + "…", *rest),
        ("orders", "o3", "ordered_at", "a" * 40, *rest),
        ("orders", None, None, "(5 bytes)", *rest),
    ]


def test_a_wish_is_not_lost_by_an_unreadable_time(run: Run) -> None:
    outcome = run(
        {
            "suppressions/f.csv": text(
                "identifier,channel,reason,starts_at,ends_at",
                "a@b.kr,email,bounce,30 February,whenever",
            ),
            "deletion_requests/f.csv": text(
                "request_id,customer_id,requested_at", "r1,c1,01/02/2026"
            ),
        }
    )
    assert outcome.rejects() == []
    wishes = outcome.rows("suppressions", "identifier, channel, starts_at, ends_at")
    assert wishes == [("a@b.kr", "email", None, None)]
    requests = outcome.rows("deletion_requests", "customer_id, requested_at")
    assert requests == [("c1", None)]


def test_a_clean_file_has_an_empty_reject_file(run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    (file,) = (outcome.landing / "load_rejects").iterdir()
    assert pq.read_metadata(file).num_rows == 0
    assert pq.read_schema(file).names[:2] == ["raw_table", "row_key"]


@dataclass(frozen=True)
class Stop:
    """Files that stop the load, and words of the message for each bad file."""

    id: str
    files: dict[str, bytes]
    said: tuple[str, ...]
    options: tuple[str, ...] = ()


GOOD_PARQUET = parquet(order_columns())

STOPS = [
    Stop("no_folder", {}, ("is not a folder",)),
    Stop(
        "every_problem_is_listed",
        {
            "customers/a.csv": text(CUSTOMERS, customer()),
            "orders/a.csv": text(ORDERS, order()),
            "orders/b.csv": b"",
            "orders/c.parquet": b"PAR1 no more",
        },
        ("orders/b.csv: is empty", "orders/c.parquet: is no readable"),
    ),
    Stop(
        "unknown_zone", {}, ("did you mean Asia/Seoul?",), ("--time-zone", "Asia/Sol")
    ),
    Stop("unknown_encoding", {}, ("no encoding 'latin-x'",), ("--encoding", "latin-x")),
    Stop("bad_loaded_at", {}, ("no ISO 8601 time",), ("--loaded-at", "yesterday")),
]


@pytest.mark.parametrize("case", STOPS, ids=lambda case: case.id)
def test_stops_and_lands_nothing(case: Stop, run: Run) -> None:
    outcome = run(case.files, *case.options)
    assert outcome.code == 2
    for words in case.said:
        assert words in outcome.err
    assert [name for name in outcome.files() if name != ".lock"] == []


def test_an_unreadable_file_stops_the_load(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_path = Path.open

    def refuse(path: Path, *args: object, **options: object) -> object:
        if path.name == "b.csv" and args == ("rb",):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open_path(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    good = text(ORDERS, order())
    outcome = run({"orders/a.csv": good, "orders/b.csv": good + b"\n"})
    assert outcome.code == 2
    assert "orders/b.csv: cannot be read (Permission denied)" in outcome.err
    assert list(outcome.files()) == []


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (
            "gross_amount",
            pa.array([Decimal("1.5")], pa.decimal128(38, 10)),
            Decimal("1.5"),
        ),
        ("gross_amount", pa.array(["1.5"]), Decimal("1.5")),
        (
            "ordered_at",
            pa.array([-62135596800 * 10**6], pa.timestamp("us", "UTC")),
            datetime(1, 1, 1),
        ),
    ],
)
def test_parquet_values_land(
    column: str, values: pa.Array, expected: object, run: Run
) -> None:
    outcome = run({"orders/f.parquet": parquet(order_columns(**{column: values}))})
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows("orders", column) == [(expected,)]


def test_parquet_rows_keep_their_order_and_number(run: Run) -> None:
    ids = [f"o{i}" for i in range(2500)]
    columns = {
        name: pa.concat_arrays([values] * 2500)
        for name, values in order_columns().items()
    } | {"order_id": pa.array(ids)}
    outcome = run({"orders/f.parquet": parquet(columns, row_group_size=300)})
    assert outcome.rows("orders", "order_id, source_row") == [
        (order_id, ordinal) for ordinal, order_id in enumerate(ids, 1)
    ]


MANY = {
    "orders/a.csv": text(ORDERS, order(), order(gross_amount="x"), "short"),
    "orders/b.parquet": GOOD_PARQUET,
    "customers/c.csv": text(CUSTOMERS, customer()),
}


def test_loading_twice_changes_nothing(run: Run) -> None:
    before = run(MANY).files()
    again = run(None, "--loaded-at", "2027-01-01T00:00:00Z")
    assert again.code == 0
    assert "already loaded: 3 files" in again.out
    assert again.files() == before


def test_the_same_content_is_loaded_once_per_table(run: Run) -> None:
    content = text(ORDERS, order())
    outcome = run({"orders/a.csv": content, "orders/b.csv": content})
    assert outcome.rows("load_manifest", "source_file") == [("orders/a.csv",)]
    assert "already loaded: 1 files" in outcome.out


def test_the_same_content_is_another_load_in_another_table(run: Run) -> None:
    content = text(
        ORDERS + ",line,product_id,quantity,unit_price", order() + ",1,p,1,1"
    )
    outcome = run({"orders/a.csv": content, "order_items/a.csv": content})
    assert sorted(outcome.rows("load_manifest", "raw_table, rows_landed")) == [
        ("order_items", 1),
        ("orders", 1),
    ]


def test_a_file_that_changes_while_it_is_read_is_not_loaded(
    run: Run, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = count_records

    def append_meanwhile(path: Path, width: int, **how: str) -> object:
        with (source / "orders" / "f.csv").open("ab") as file:
            file.write(text(order()))
        return count(path, width, delimiter=how["delimiter"])

    monkeypatch.setattr(conversion, "count_records", append_meanwhile)
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    assert outcome.code == 1
    assert "orders/f.csv changed while it was read" in outcome.err
    assert list(outcome.files()) == [".lock"]


@pytest.mark.few(4)
@pytest.mark.parametrize("killed_after", (0, 3, 5, 8, 1, 2, 4, 6, 7))
def test_a_crash_anywhere_is_mended_by_the_next_load(
    killed_after: int, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(MANY).files()
    (tmp_path / "landing").rename(tmp_path / "whole")
    replaced: list[str] = []
    replace = os.replace

    def killed(source: Path, target: Path) -> None:
        if len(replaced) == killed_after:
            raise KeyboardInterrupt
        replaced.append(target.name)
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    assert run().code == 130
    monkeypatch.undo()
    assert run().code == 0
    assert run().files() == whole


def test_leftovers_of_a_crash_are_overwritten(run: Run, tmp_path: Path) -> None:
    whole = run(MANY).files()
    for manifest in (tmp_path / "landing" / "load_manifest").iterdir():
        manifest.unlink()
    for landed in (tmp_path / "landing" / "orders").iterdir():
        landed.write_bytes(b"half a file")
    (tmp_path / "landing" / ".loading").mkdir()
    (tmp_path / "landing" / ".loading" / "scrap").write_bytes(b"x")
    assert run().files() == whole


def test_a_second_loader_says_who_holds_the_lock(run: Run, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    with (landing / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 4711 on shop")
        lock.flush()
        outcome = run({"orders/f.csv": text(ORDERS, order())})
    assert outcome.code == 75
    assert "process 4711 on shop" in outcome.err
    assert list(outcome.files()) == [".lock"]
    assert run().code == 0


def test_a_full_disk_leaves_what_was_loaded(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run({"orders/a.csv": text(ORDERS, order())}).files()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = run({"orders/b.csv": text(ORDERS, order(order_id="o2"))})
    assert outcome.code == 1
    assert "no space left on the disk" in outcome.err
    assert outcome.err.count("\n") == 1
    assert outcome.files() == before


def test_rows_that_do_not_add_up_stop_the_load(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        conversion, "landed_rows", lambda *_: "select 1 as source_row limit 0"
    )
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    assert outcome.code == 1
    assert "1 rows were counted, and 0 landed, 0 rejected" in outcome.err
    assert list(outcome.files()) == [".lock"]


CANARY = "Qanaryperson"


def test_personal_values_appear_nowhere(run: Run) -> None:
    personal = {"email": f"{CANARY}@x.kr", "phone": "01098765432", "name": CANARY}
    broken = [
        customer(customer_id="c2", **personal, birth_date="x"),
        customer(customer_id="c3", **(personal | {"name": CANARY + "\x07"})),
        customer(customer_id="c4", **(personal | {"email": '"' + CANARY})),
        customer(customer_id="c5", **personal) + ",more",
    ]
    header = "identifier,channel,reason,starts_at"
    suppressed = f"{header}\n{CANARY}@x.kr\x07,email,bounce,x\n"
    outcome = run(
        {
            "customers/f.csv": text(CUSTOMERS, *broken),
            "suppressions/f.csv": suppressed.encode(),
        }
    )
    masked = outcome.rows("load_rejects", "row_key, masked_value")
    assert ("c3", "(13 characters)") in masked
    assert ("(18 characters)|email|bounce|x", "(18 characters)") in masked
    headless = run({"customers/g.csv": text(customer(**personal))})
    assert headless.code == 2
    said = outcome.out + outcome.err + headless.out + headless.err + str(masked)
    for value in (CANARY, CANARY.lower(), "01098765432", "9876"):
        assert value not in said
    assert all(CANARY.encode() not in content for content in outcome.files().values())


@pytest.mark.parametrize(
    "name",
    [
        "it's; drop table.csv",
        'say "hi".CSV',
        "주문 목록.csv",
        "*?[a]{b}.csv",
        "a=1.csv",
        "$(id) `x` %s {0}.csv",
    ],
)
def test_file_names_are_only_names(name: str, run: Run) -> None:
    decoy = {"orders/xa.csv": text(ORDERS, order(order_id="decoy"))}
    outcome = run(decoy | {f"orders/{name}": text(ORDERS, order())})
    assert (outcome.code, outcome.err) == (0, "")
    assert sorted(outcome.rows("orders", "source_file, order_id")) == sorted(
        [("orders/xa.csv", "decoy"), (f"orders/{name}", "o1")]
    )
    stem = name.rsplit(".", 1)[0]
    again = run({f"orders/{stem}.parquet": GOOD_PARQUET})
    assert (f"orders/{stem}.parquet", "o1") in again.rows(
        "orders", "source_file, order_id"
    )


def test_the_landing_folder_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "in" / "orders").mkdir(parents=True)
    (tmp_path / "in" / "orders" / "f.csv").write_bytes(text(ORDERS, order(), "short"))
    landing = tmp_path / "it's [a] 착륙*"
    assert load_raw.main([str(tmp_path / "in"), "--landing", str(landing)]) == 0
    assert len(list((landing / "orders").iterdir())) == 1


def test_the_fast_and_the_slow_reader_agree(tmp_path: Path) -> None:
    lines = [f'o{i},"say ""{i}"",\n서울 👍",,x {i}' for i in range(500)]
    path = tmp_path / "f.csv"
    path.write_bytes(text("a,b,c,d", *lines))
    fast, slow, rejects = (tmp_path / f"{name}.parquet" for name in "fsr")
    assert count_records(path, 4).is_regular
    split_csv(path, range(4), 4, slow, rejects)
    with duckdb.connect() as connection:
        assert copy_regular_csv(connection, path, 4, fast)
        columns = "source_row, c0, c1, nullif(c2, '') as c2, c3"
        fast_rows, slow_rows = (
            connection.sql(f"select {columns} from ({query})").fetchall()
            for query in (read_text_rows(fast, False), read_text_rows(slow, True))
        )
    assert len(fast_rows) == 500
    assert fast_rows == slow_rows


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.lists(st.sampled_from(list('",\r\nab ')), max_size=40).map("".join))
def test_two_readers_find_the_same_records(content: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("h,h\n" + content, encoding="utf-8", newline="")
    for limit in (8, 1000):
        records = list(split_records(path, limit))
        counted = count_records(path, 2, limit)
        assert len(records) - 1 == counted.records
        if counted.is_regular:
            widths = {len(parse_fields(r.content.decode())) for r in records}
            assert widths <= {2, 2 + counted.trailing}


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.lists(st.sampled_from(list('",\r\nab ')), max_size=30).map("".join))
def test_duckdb_agrees_on_what_is_called_regular(content: str, tmp_path: Path) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "f.parquet"
    path.write_text("h,h\n" + content, encoding="utf-8", newline="")
    counted = count_records(path, 2)
    with duckdb.connect() as connection:
        width = 2 + counted.trailing
        if counted.is_regular and copy_regular_csv(connection, path, width, target):
            rows = connection.read_parquet(str(target)).fetchall()
            if len(rows) == counted.records:
                expected = [
                    parse_fields(r.content.decode()) for r in split_records(path)
                ]
                assert [[v or "" for v in row] for row in rows] == expected[1:]


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_raw.main(["--help"]) == 0
    assert "75  another loader" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "options", "remedy"),
    [
        (
            {
                "orders/f.csv": text(
                    ORDERS,
                    *(
                        order(order_id=f"o{n}", ordered_at="2026-01-01 09:00:00")
                        for n in range(5)
                    ),
                )
            },
            ("--time-zone", "Asia/Seoul"),
            "Say where the clock stood: --time-zone",
        ),
        (
            {
                "orders/f.csv": text(
                    ORDERS, *(order(order_id=f"o{n}", status="결제") for n in range(5))
                )
                .decode()
                .encode("cp949")
            },
            ("--encoding", "cp949"),
            "Say how it is encoded: --encoding cp949",
        ),
    ],
    ids=["time zone", "encoding"],
)
def test_a_file_that_an_option_would_mend_stops_and_can_be_loaded_with_it(
    files: dict[str, bytes], options: tuple[str, ...], remedy: str, run: Run
) -> None:
    refused = run(files)
    assert refused.code == 2 and remedy in refused.err
    assert refused.files().keys() <= {".lock"}
    mended = run(files, *options)
    assert mended.code == 0
    assert mended.rows("load_manifest", "rows_in, rows_rejected") == [(5, 0)]
