"""The sample looks like a shop to its marketer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from customer_segments.sample_shop import build as build_module
from customer_segments.sample_shop.contract import KEYS, RAW_TABLES
from customer_segments.yaml_files import known_yaml
from tests.python.sample import END, connect, one_value, read_table, seed
from tests.python.warehouse import ROOT


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean sample large enough to have shares."""
    return seed(tmp_path_factory.mktemp("shop"), customers=3000, days=730)


def test_the_sample_has_every_raw_table(shop: Path) -> None:
    contract = known_yaml(ROOT / "models/staging/sources.yml")
    raw = next(source for source in contract["sources"] if source["name"] == "raw")
    assert [table["name"] for table in raw["tables"]] == list(RAW_TABLES)
    for table in RAW_TABLES:
        assert read_table(shop, table).num_rows > 0, table


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
        (9, 11, "select count(*) / 3000 from newest_orders"),
        (90, 110, "select count(*) / 3000 from events"),
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


def test_phones_come_in_every_form(shop: Path) -> None:
    forms = connect(shop).execute(
        "select distinct regexp_replace(phone, '[0-9]', '9', 'g') from customers"
    )
    assert {form for (form,) in forms.fetchall()} >= {
        *("999-9999-9999", "99999999999", "+99 99-9999-9999", "+999999999999"),
        *("999 9999 9999", "9999-9999-9999", None),
    }
    old = "select count(*) from customers where phone like '011-%'"
    assert one_value(connect(shop), old) > 10


def test_revenue_neither_explodes_nor_dies(shop: Path) -> None:
    halves = connect(shop).execute(
        "select sum(gross_amount - discount_amount) from newest_orders"
        " where currency = 'KRW' group by ordered_at >= timestamptz '2025-08-01'"
        " order by ordered_at >= timestamptz '2025-08-01'"
    )
    [(first,), (second,)] = halves.fetchall()
    assert 1.1 < second / first < 2


def test_some_have_bought_for_five_years_and_some_come_every_other_day(
    shop: Path,
) -> None:
    connection = connect(shop)
    first = "select min(ordered_at) as first_at from orders group by customer_id"
    early = f"select count(*) from ({first}) where first_at < {END} - interval 1826 day"
    assert one_value(connection, early) > 10
    begin = f"select avg((ordered_at < {END} - interval 731 day)::int) from orders"
    assert one_value(connection, begin) < 0.01
    often = f"""
        select count(*) from (
            select customer_id
            from events
            where occurred_at >= {END} - interval 28 day and customer_id is not null
            group by customer_id
            having count(distinct occurred_at::date) >= 12
        )
    """
    assert one_value(connection, often) >= 3


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
