"""The sample is the same everywhere, plausible, and honest about its dirt."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from scripts.sample_data import build as build_module
from scripts.sample_data.contract import KEYS, RAW_TABLES
from scripts.sample_data.faults import faults_of
from scripts.seed_sample_data import main

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-07-31"
END = "timestamptz '2026-07-31 15:00:00+00'"
# A larger shop plans larger numbers for the same months.
PLANNED = {"acquisition_costs": "cost", "segment_targets": "target"}
Seed = Callable[..., Path]


def seed(folder: Path, **options: object) -> Path:
    """Write a sample and return its folder."""
    given = {"as-of": AS_OF, "days": 400, "dirt": 0, "out": folder, **options}
    argv = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    assert main(argv) == 0
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean sample large enough to have shares."""
    return seed(tmp_path_factory.mktemp("shop"), customers=3000, days=730)


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


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a view for each raw table and truth table of a sample."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'Asia/Seoul'")
    for table in RAW_TABLES:
        connection.execute(f"create view {table} as from '{folder}/{table}/*.parquet'")
    for truth in ("dirt", "customers", "people", "arms", "lift"):
        path = folder / "_truth" / f"{truth}.parquet"
        connection.execute(f"create view truth_{truth} as from '{path}'")
    connection.execute(
        "create view newest_orders as from orders"
        " qualify row_number() over"
        " (partition by order_id order by updated_at desc) = 1"
    )
    return connection


def one_value(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """The one number that a query returns."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def read_table(folder: Path, table: str) -> pa.Table:
    """The rows of a raw table in the order of its files."""
    paths = sorted((folder / table).iterdir())
    return pa.concat_tables([pq.read_table(path) for path in paths])


def as_names(table: str) -> str:
    """The columns of a raw table, for SQL."""
    return ", ".join(RAW_TABLES[table])


@pytest.mark.parametrize("table", RAW_TABLES)
def test_columns_and_types_are_those_of_the_contract(table: str, clean: Path) -> None:
    written = pq.read_schema(clean / table / f"{table}_000.parquet")
    types = {
        "varchar": pa.string(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
        "integer": pa.int32(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "decimal(18,4)": pa.decimal128(18, 4),
        "decimal(18,8)": pa.decimal128(18, 8),
        "decimal(24,4)": pa.decimal128(24, 4),
    }
    assert written.names == list(RAW_TABLES[table])
    assert written.types == [types[kind] for kind in RAW_TABLES[table].values()]


def test_the_sample_has_every_raw_table(shop: Path) -> None:
    contract = yaml.safe_load((ROOT / "models/staging/sources.yml").read_text("utf-8"))
    raw = next(source for source in contract["sources"] if source["name"] == "raw")
    assert [table["name"] for table in raw["tables"]] == list(RAW_TABLES)
    for table in RAW_TABLES:
        assert read_table(shop, table).num_rows > 0, table


def digests(folder: Path) -> dict[str, str]:
    """What each file of a sample holds."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_threads_change_no_byte_and_chunks_change_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = seed(tmp_path / "whole", customers=300, dirt=0.05)
    monkeypatch.setattr(build_module, "CHUNK", 80)
    parts = seed(tmp_path / "parts", customers=300, dirt=0.05, threads=4)
    again = seed(tmp_path / "again", customers=300, dirt=0.05, threads=1)
    assert len(list((parts / "orders").iterdir())) == 4
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


def test_more_customers_only_add_rows(tmp_path: Path) -> None:
    few = seed(tmp_path / "few", customers=150, dirt=0.05)
    many = seed(tmp_path / "many", customers=250, dirt=0.05)
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
    assert least == ("C10000150",)


def test_another_seed_is_another_shop(tmp_path: Path) -> None:
    first = seed(tmp_path / "1", customers=50, seed=1)
    other = seed(tmp_path / "2", customers=50, seed=2)
    for table in ("customers", "orders", "product_prices", "exchange_rates"):
        assert not read_table(first, table).equals(read_table(other, table)), table


def test_rows_grow_with_customers(shop: Path, tmp_path: Path) -> None:
    third = seed(tmp_path / "third", customers=1000, days=730)
    for table in set(RAW_TABLES) - {"suppressions", "deletion_requests"}:
        rows = read_table(shop, table).num_rows
        expected = read_table(third, table).num_rows
        if table in build_module.SHOP_TABLES:
            assert rows == expected, table
        elif rows > 200:
            assert 2.6 < rows / expected < 3.4, table


@pytest.mark.parametrize("table", RAW_TABLES)
def test_clean_keys_are_unique_and_complete(table: str, shop: Path) -> None:
    connection = connect(shop)
    versioned = table in ("customers", "orders")
    keys = [*KEYS[table], *(["updated_at"] if versioned else [])]
    repeated = f"select 1 from {table} group by {', '.join(keys)} having count(*) > 1"
    assert connection.execute(repeated).fetchall() == []
    empty = " or ".join(f"coalesce({key}::varchar, '') = ''" for key in KEYS[table])
    assert connection.execute(f"select 1 from {table} where {empty}").fetchall() == []


@pytest.mark.parametrize(
    ("table", "column", "parent"),
    [
        ("orders", "customer_id", "customers"),
        ("order_items", "order_id", "orders"),
        ("order_items", "product_id", "products"),
        ("refunds", "order_id", "orders"),
        ("product_prices", "product_id", "products"),
        ("events", "customer_id", "customers"),
        ("events", "product_id", "products"),
        ("events", "campaign_id", "campaigns"),
        ("consents", "customer_id", "customers"),
        ("deletion_requests", "customer_id", "customers"),
        ("campaign_messages", "customer_id", "customers"),
        ("campaign_messages", "campaign_id", "campaigns"),
        ("customers", "account_id", "accounts"),
        ("customer_attributes", "customer_id", "customers"),
        ("identity_links", "from_id", "customers"),
        ("accounts", "parent_account_id", "accounts"),
        ("account_technologies", "account_id", "accounts"),
        ("customers", "plan", "plan_prices"),
        ("customers", "signup_channel", "acquisition_costs"),
    ],
)
def test_clean_rows_refer_to_rows_that_exist(
    table: str, column: str, parent: str, shop: Path
) -> None:
    query = (
        f"select {column} from {table} where {column} is not null"
        f" except select {KEYS[parent][0]} from {parent}"
    )
    assert connect(shop).execute(query).fetchall() == []


def test_nothing_lies_after_the_last_day(shop: Path) -> None:
    connection = connect(shop)
    for table, columns in RAW_TABLES.items():
        for column, kind in columns.items():
            if kind == "timestamptz":
                late = f"select 1 from {table} where {column} >= {END} limit 1"
                assert connection.execute(late).fetchall() == [], (table, column)


def test_orders_add_up_to_their_lines(shop: Path) -> None:
    wrong = """
        select order_id
        from newest_orders
        left join (
            select order_id, sum(quantity * unit_price) as total
            from order_items
            group by order_id
        ) as totals using (order_id)
        where gross_amount is distinct from total
    """
    assert connect(shop).execute(wrong).fetchall() == []


def test_refunds_never_exceed_what_was_paid(shop: Path) -> None:
    wrong = """
        select order_id
        from newest_orders
        inner join refunds using (order_id)
        group by order_id, gross_amount, discount_amount
        having sum(amount) > gross_amount - discount_amount or min(amount) <= 0
    """
    assert connect(shop).execute(wrong).fetchall() == []


def test_prices_of_lines_are_the_prices_of_their_day(shop: Path) -> None:
    wrong = """
        select order_items.order_id
        from order_items
        inner join newest_orders using (order_id)
        asof left join product_prices
            on order_items.product_id = product_prices.product_id
            and newest_orders.ordered_at >= product_prices.valid_from
        where currency = 'KRW' and unit_price is distinct from price
    """
    assert connect(shop).execute(wrong).fetchall() == []


def test_orders_changed_lately_keep_their_first_version(shop: Path) -> None:
    connection = connect(shop)
    lately = f"updated_at >= {END} - interval 40 day"
    changed = f"from newest_orders where updated_at > ordered_at and {lately}"
    twice = "from orders group by order_id having count(*) = 2"
    assert (
        connection.execute(
            f"(select order_id {changed} except select order_id {twice})"
            f" union all (select order_id {twice} except select order_id {changed})"
        ).fetchall()
        == [("none",)][:0]
    )
    first = (
        "from orders anti join newest_orders using (order_id, updated_at)"
        " where status <> 'paid' or updated_at <> ordered_at"
    )
    assert connection.execute(first).fetchall() == []
    assert one_value(connection, f"select count(*) {changed}") > 500


def test_customers_changed_lately_keep_an_earlier_version(shop: Path) -> None:
    connection = connect(shop)
    versions = connection.execute(
        "select count(*), count(distinct plan || city), max(updated_at)"
        " from customers group by customer_id having count(*) > 1"
    ).fetchall()
    assert 30 < len(versions) < 400
    assert {count for count, _, _ in versions} == {2}
    assert sum(distinct == 2 for _, distinct, _ in versions) > 0.5 * len(versions)
    since = datetime(2026, 7, 31, 15, tzinfo=UTC) - timedelta(days=40)
    assert min(updated_at for _, _, updated_at in versions) >= since


def test_cancellations_also_come_late(shop: Path) -> None:
    late = f"""
        select count(*) from newest_orders
        where cancelled_at >= {END} - interval 28 day
            and ordered_at < {END} - interval 28 day
    """
    assert one_value(connect(shop), late) > 5


@pytest.mark.parametrize(
    ("least", "most", "share"),
    [
        (0.12, 0.30, "stage = 'prospect'"),
        (0.02, 0.15, "stage = 'first_purchase'"),
        (0.10, 0.30, "stage = 'existing'"),
        (0.06, 0.20, "stage = 'at_risk'"),
        (0.30, 0.55, "stage = 'churned'"),
        (0.02, 0.15, "stage = 'reactivated'"),
    ],
)
def test_every_purchase_stage_has_a_share(
    least: float, most: float, share: str, shop: Path
) -> None:
    query = f"""
        with purchase_days as (

            select distinct
                customer_id,
                ordered_at::date as day,
            from newest_orders
            where customer_id is not null and status not in ('cancelled', 'pending')

        ),

        gaps as (

            select
                *,
                day - lag(day) over (partition by customer_id order by day) as gap,
                row_number() over (partition by customer_id order by day) as n,
                avg(14) over (partition by customer_id) as usual,
                day - min(day) over (partition by customer_id) as span,
            from purchase_days

        ),

        paced as (

            select
                *,
                case
                    when n = 1 then 45
                    else greatest((span + 3 * usual) / (n + 2), 7)
                end as expected,
            from gaps

        ),

        lasts as (

            select
                *,
                date '2026-07-31' - day as age,
                lag(expected) over (partition by customer_id order by day) as before,
            from paced
            qualify row_number() over (partition by customer_id order by day desc) = 1

        ),

        stages as (

            select
                case
                    when day is null then 'prospect'
                    when age > greatest(30, 2 * expected) then 'churned'
                    when age > expected then 'at_risk'
                    when n = 1 then 'first_purchase'
                    when gap > greatest(30, 2 * before) then 'reactivated'
                    else 'existing'
                end as stage,
            from (select distinct customer_id from customers)
            left join lasts using (customer_id)

        )

        select avg(({share})::integer) from stages
    """
    assert least < one_value(connect(shop), query) < most


@pytest.mark.parametrize(
    ("least", "most", "query"),
    [
        (8, 13, "select count(*) / 3000 from newest_orders"),
        (80, 130, "select count(*) / 3000 from events"),
        (
            36000,
            45000,
            "select median(gross_amount) from newest_orders where currency = 'KRW'",
        ),
        (0.01, 0.02, "select avg((customer_id is null)::int) from newest_orders"),
        (0.02, 0.08, "select avg((customer_id is null)::int) from events"),
        (0.005, 0.03, "select avg((currency <> 'KRW')::int) from newest_orders"),
        (0.02, 0.06, "select avg((status = 'cancelled')::int) from newest_orders"),
        (0.001, 0.01, "select avg((status = 'pending')::int) from newest_orders"),
        (0.24, 0.31, "select avg((gender is null)::int) from customers"),
        (0.17, 0.23, "select avg((birth_date is null)::int) from customers"),
        (0.001, 0.004, "select avg(is_test::int) from customers"),
        (0.01, 0.03, "select avg((name <> nfc_normalize(name))::int) from customers"),
        (0.42, 0.48, "select avg((signup_channel = 'kakao')::int) from customers"),
        (0.24, 0.30, "select avg((region like '경기%')::int) from customers"),
    ],
)
def test_shares_are_those_of_a_shop(
    least: float, most: float, query: str, shop: Path
) -> None:
    assert least <= one_value(connect(shop), query) <= most


@pytest.mark.parametrize(
    ("channel", "purpose", "share"),
    [
        ("sms", "ad", 0.60),
        ("push", "ad", 0.45),
        ("in_app", "ad", 0.45),
        ("brand_message", "ad", 0.50),
        ("email", "ad", 0.55),
        ("sms", "night_ad", 0.15),
        ("ads", "third_party", 0.30),
    ],
)
def test_consent_is_granted_as_often_as_in_the_design(
    channel: str, purpose: str, share: float, shop: Path
) -> None:
    granted = f"""
        select count(distinct customer_id) / 3000 from consents
        where channel = '{channel}' and purpose = '{purpose}' and status = 'granted'
    """
    assert share - 0.04 < one_value(connect(shop), granted) < share + 0.04


def test_some_have_no_consent_record_and_some_grant_again(shop: Path) -> None:
    connection = connect(shop)
    with_record = "select count(distinct customer_id) / 3000 from consents"
    assert 0.87 < one_value(connection, with_record) < 0.93
    again = """
        select count(*) from consents as later
        inner join consents as earlier using (customer_id, channel, purpose)
        where later.status = 'granted' and earlier.status = 'withdrawn'
            and later.changed_at > earlier.changed_at
    """
    assert one_value(connection, again) > 20


def test_no_advertising_reaches_whom_has_withdrawn(shop: Path) -> None:
    wrong = """
        select message_id
        from campaign_messages
        inner join campaigns using (campaign_id)
        asof left join (from consents where purpose = 'ad') as consents
            on campaign_messages.customer_id = consents.customer_id
            and campaign_messages.channel = consents.channel
            and campaign_messages.sent_at >= consents.changed_at
        where message_class = 'ad' and status is distinct from 'granted'
    """
    assert connect(shop).execute(wrong).fetchall() == []


def test_phones_and_addresses_belong_to_nobody(shop: Path) -> None:
    connection = connect(shop)
    digits = "regexp_replace(phone, '^\\+82 ?', '0').regexp_replace('[^0-9]', '', 'g')"
    strange = f"""
        select phone, email from customers
        where not regexp_full_match({digits}, '(010|011|0504)0[0-9]*')
            or not regexp_full_match(trim(email), '[^@]+@(.*\\.example)?')
    """
    assert connection.execute(strange).fetchall() == []
    shared = (
        "select phone from customers where length(phone) > 6 group by phone"
        " having count(distinct customer_id) = 2"
    )
    assert len(connection.execute(shared).fetchall()) >= 3


def test_every_known_event_occurs(shop: Path) -> None:
    known = {
        *("page_view", "product_view", "event_page_click", "search", "wishlist_add"),
        *("wishlist_remove", "share", "review", "cart_add", "cart_remove"),
        *("checkout_start", "coupon_download", "purchase", "sign_up"),
        *("profile_completed", "app_open", "session_ping", "trial_start"),
        *("plan_change", "subscription_cancel", "pricing_page_view"),
        *("webinar_register", "support_ticket", "like", "content_view", "unsubscribe"),
    }
    found = connect(shop).execute("select distinct event_name from events").fetchall()
    assert known < {name for (name,) in found}


def test_events_tell_the_story_of_an_order(shop: Path) -> None:
    wrong = """
        select order_id
        from newest_orders
        left join (
            select
                json_extract_string(properties, '$.order_id') as order_id,
                customer_id as buyer_id,
                occurred_at,
            from events
            where event_name = 'purchase'
        ) as purchases using (order_id)
        where sales_channel in ('own_app', 'own_web')
            and (
                occurred_at is distinct from ordered_at
                or buyer_id is distinct from customer_id
            )
    """
    assert connect(shop).execute(wrong).fetchall() == []


def test_carts_stand_open_at_the_end(shop: Path) -> None:
    left = f"""
        select count(*)
        from events as added
        where event_name = 'cart_add' and occurred_at >= {END} - interval 3 day
            and not exists (
                select 1 from events as later
                where later.customer_id = added.customer_id
                    and later.event_name in ('purchase', 'cart_remove')
                    and later.occurred_at > added.occurred_at
            )
    """
    assert one_value(connect(shop), left) >= 10


def test_calendar_shows(shop: Path) -> None:
    connection = connect(shop)

    def daily(where: str) -> float:
        return one_value(
            connection,
            "select count(*) / count(distinct ordered_at::date) from newest_orders"
            f" where {where}",
        )

    october = daily("ordered_at::date between '2025-10-12' and '2025-10-31'")
    november = daily("ordered_at::date between '2025-11-01' and '2025-11-11'")
    assert november > 1.2 * october
    usual = daily("ordered_at::date between '2026-02-19' and '2026-02-24'")
    new_year = daily("ordered_at::date between '2026-02-16' and '2026-02-18'")
    assert new_year < 0.75 * usual
    assert daily("day(ordered_at) between 25 and 27") > 1.1 * daily(
        "day(ordered_at) between 12 and 23"
    )
    noon = daily("hour(ordered_at) in (12, 13)") / 2
    night = daily("hour(ordered_at) in (21, 22)") / 2
    assert min(noon, night) > 1.4 * daily("hour(ordered_at) between 14 and 19") / 6


def test_really_churned_customers_never_buy_again(shop: Path) -> None:
    connection = connect(shop)
    wrong = """
        select customer_id
        from truth_customers
        left join newest_orders using (customer_id)
        group by customer_id, is_churned, churned_on
        having is_churned and max(ordered_at)::date is distinct from churned_on
            or not is_churned and churned_on is not null
    """
    assert connection.execute(wrong).fetchall() == []
    churned = "select avg(is_churned::int) from truth_customers"
    assert 0.2 < one_value(connection, churned) < 0.5


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
        ("missing_id", "refunds", "coalesce(refund_id, '') = ''"),
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


def test_csv_says_the_same_as_parquet(tmp_path: Path) -> None:
    typed = seed(tmp_path / "typed", customers=150)
    text = seed(tmp_path / "text", customers=150, format="csv")
    connection = connect(typed)
    for table, columns in RAW_TABLES.items():
        casts = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
        read = (
            f"select {casts} from read_csv('{text}/{table}/*.csv', all_varchar = true,"
            " header = true, delim = ',', quote = '\"')"
        )
        for query in (f"{read} except all from {table}", f"from {table} except all"):
            whole = query if query.startswith(read) else f"{query} {read}"
            assert connection.execute(whole).fetchall() == [], table


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
    monkeypatch.setattr(build_module, "CHUNK_STATEMENTS", ["select no_such_column"])
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
