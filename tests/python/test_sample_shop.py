"""The sample holds together as the data of a shop does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from customer_segments.sample_shop import build as build_module
from customer_segments.sample_shop.contract import KEYS, RAW_TABLES
from customer_segments.yaml_files import known_yaml
from tests.python.sample import END, Sample, one_value, read_table, seed
from tests.python.warehouse import ROOT


def test_the_sample_has_every_raw_table(sample: Sample) -> None:
    contract = known_yaml(ROOT / "models/staging/sources.yml")
    raw = next(source for source in contract["sources"] if source["name"] == "raw")
    assert [table["name"] for table in raw["tables"]] == list(RAW_TABLES)
    for table in RAW_TABLES:
        assert sample.execute(f"select 1 from {table} limit 1").fetchall(), table


def test_rows_grow_with_customers(sample: Sample, tmp_path: Path) -> None:
    tenth = seed(tmp_path / "tenth", customers=1000, days=730)
    for table in set(RAW_TABLES) - {"suppressions", "deletion_requests"}:
        rows = one_value(sample, f"select count(*) from {table}")
        expected = read_table(tenth, table).num_rows
        if table in build_module.SHOP_TABLES:
            assert rows == expected, table
        elif rows > 700:
            assert 8.7 < rows / expected < 11.3, table


@pytest.mark.parametrize("table", RAW_TABLES)
def test_clean_keys_are_unique_and_complete(table: str, sample: Sample) -> None:
    versioned = table in ("customers", "orders")
    keys = [*KEYS[table], *(["updated_at"] if versioned else [])]
    repeated = f"select 1 from {table} group by {', '.join(keys)} having count(*) > 1"
    assert sample.execute(repeated).fetchall() == []
    empty = " or ".join(f"coalesce({key}::varchar, '') = ''" for key in KEYS[table])
    assert sample.execute(f"select 1 from {table} where {empty}").fetchall() == []


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
    table: str, column: str, parent: str, sample: Sample
) -> None:
    query = (
        f"select {column} from {table} where {column} is not null"
        f" except select {KEYS[parent][0]} from {parent}"
    )
    assert sample.execute(query).fetchall() == []


def test_nothing_lies_after_the_last_day(sample: Sample) -> None:
    for table, columns in RAW_TABLES.items():
        for column, kind in columns.items():
            if kind == "timestamptz":
                late = f"select 1 from {table} where {column} >= {END} limit 1"
                assert sample.execute(late).fetchall() == [], (table, column)


def test_orders_add_up_to_their_lines(sample: Sample) -> None:
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
    assert sample.execute(wrong).fetchall() == []


def test_refunds_never_exceed_what_was_paid(sample: Sample) -> None:
    wrong = """
        select order_id
        from newest_orders
        inner join refunds using (order_id)
        group by order_id, gross_amount, discount_amount
        having sum(amount) > gross_amount - discount_amount or min(amount) <= 0
    """
    assert sample.execute(wrong).fetchall() == []


def test_prices_of_lines_are_the_prices_of_their_day(sample: Sample) -> None:
    wrong = """
        select order_items.order_id
        from order_items
        inner join newest_orders using (order_id)
        asof left join product_prices
            on order_items.product_id = product_prices.product_id
            and newest_orders.ordered_at >= product_prices.valid_from
        where currency = 'KRW' and unit_price is distinct from price
    """
    assert sample.execute(wrong).fetchall() == []


def test_orders_changed_lately_keep_their_first_version(sample: Sample) -> None:
    lately = f"updated_at >= {END} - interval 40 day"
    changed = f"from newest_orders where updated_at > ordered_at and {lately}"
    twice = "from orders group by order_id having count(*) = 2"
    assert (
        sample.execute(
            f"(select order_id {changed} except select order_id {twice})"
            f" union all (select order_id {twice} except select order_id {changed})"
        ).fetchall()
        == [("none",)][:0]
    )
    first = (
        "from orders anti join newest_orders using (order_id, updated_at)"
        " where status <> 'paid' or updated_at <> ordered_at"
    )
    assert sample.execute(first).fetchall() == []
    assert one_value(sample, f"select count(*) {changed}") > 500


def test_customers_changed_lately_keep_an_earlier_version(sample: Sample) -> None:
    versions = sample.execute(
        "select count(*), count(distinct concat_ws('|', plan, city)), max(updated_at)"
        " from customers group by customer_id having count(*) > 1"
    ).fetchall()
    assert 100 < len(versions) < 1000
    assert {count for count, _, _ in versions} == {2}
    assert sum(distinct == 2 for _, distinct, _ in versions) > 0.5 * len(versions)
    since = datetime(2026, 7, 31, 15, tzinfo=UTC) - timedelta(days=40)
    assert min(updated_at for _, _, updated_at in versions) >= since


def test_cancellations_also_come_late(sample: Sample) -> None:
    late = f"""
        select count(*) from newest_orders
        where cancelled_at >= {END} - interval 28 day
            and ordered_at < {END} - interval 28 day
    """
    assert one_value(sample, late) > 5


@pytest.mark.parametrize(
    ("least", "most", "query"),
    [
        (2.4, 3.2, "select count(*) / 10000 from newest_orders"),
        (65, 90, "select count(*) / 10000 from events"),
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
    least: float, most: float, query: str, sample: Sample
) -> None:
    assert least <= one_value(sample, query) <= most


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
    channel: str, purpose: str, share: float, sample: Sample
) -> None:
    granted = f"""
        select count(distinct customer_id) / 10000 from consents
        where channel = '{channel}' and purpose = '{purpose}' and status = 'granted'
    """
    assert share - 0.04 < one_value(sample, granted) < share + 0.04


def test_some_have_no_consent_record_and_some_grant_again(sample: Sample) -> None:
    with_record = "select count(distinct customer_id) / 10000 from consents"
    assert 0.87 < one_value(sample, with_record) < 0.93
    again = """
        select count(*) from consents as later
        inner join consents as earlier using (customer_id, channel, purpose)
        where later.status = 'granted' and earlier.status = 'withdrawn'
            and later.changed_at > earlier.changed_at
    """
    assert one_value(sample, again) > 20


def test_no_advertising_reaches_whom_has_withdrawn(sample: Sample) -> None:
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
    assert sample.execute(wrong).fetchall() == []


def test_phones_and_addresses_belong_to_nobody(sample: Sample) -> None:
    digits = "regexp_replace(phone, '^\\+82 ?', '0').regexp_replace('[^0-9]', '', 'g')"
    strange = f"""
        select phone, email from customers
        where not regexp_full_match({digits}, '(010|011|0504)0[0-9]*')
            or not regexp_full_match(trim(email), '[^@]+@(.*\\.example)?')
    """
    assert sample.execute(strange).fetchall() == []
    shared = (
        "select phone from customers where length(phone) > 6 group by phone"
        " having count(distinct customer_id) = 2"
    )
    assert len(sample.execute(shared).fetchall()) >= 3


def test_phones_come_in_every_form(sample: Sample) -> None:
    forms = sample.execute(
        "select distinct regexp_replace(phone, '[0-9]', '9', 'g') from customers"
    )
    assert {form for (form,) in forms.fetchall()} >= {
        *("999-9999-9999", "99999999999", "+99 99-9999-9999", "+999999999999"),
        *("999 9999 9999", "9999-9999-9999", None),
    }
    old = "select count(*) from customers where phone like '011-%'"
    assert one_value(sample, old) > 10


def test_revenue_neither_explodes_nor_dies(sample: Sample) -> None:
    halves = sample.execute(
        "select sum(gross_amount - discount_amount) from newest_orders"
        " where currency = 'KRW' group by ordered_at >= timestamptz '2025-08-01'"
        " order by ordered_at >= timestamptz '2025-08-01'"
    )
    [(first,), (second,)] = halves.fetchall()
    assert 1.1 < second / first < 2


def test_some_have_bought_for_five_years(sample: Sample) -> None:
    first = "select min(ordered_at) as first_at from orders group by customer_id"
    early = f"select count(*) from ({first}) where first_at < {END} - interval 1826 day"
    assert one_value(sample, early) > 10
    begin = f"select avg((ordered_at < {END} - interval 731 day)::int) from orders"
    assert one_value(sample, begin) < 0.01


def test_every_known_event_occurs(sample: Sample) -> None:
    known = {
        *("page_view", "product_view", "event_page_click", "search", "wishlist_add"),
        *("wishlist_remove", "share", "review", "cart_add", "cart_remove"),
        *("checkout_start", "coupon_download", "purchase", "sign_up"),
        *("profile_completed", "app_open", "session_ping", "trial_start"),
        *("plan_change", "subscription_cancel", "pricing_page_view"),
        *("webinar_register", "support_ticket", "like", "content_view", "unsubscribe"),
    }
    found = sample.execute("select distinct event_name from events").fetchall()
    assert known < {name for (name,) in found}


def test_events_tell_the_story_of_an_order(sample: Sample) -> None:
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
    assert sample.execute(wrong).fetchall() == []


def test_carts_stand_open_at_the_end(sample: Sample) -> None:
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
    assert one_value(sample, left) >= 10


def test_payday_and_the_hours_of_leisure_show(sample: Sample) -> None:

    def daily(where: str) -> float:
        return one_value(
            sample,
            "select count(*) / count(distinct ordered_at::date) from newest_orders"
            f" where {where}",
        )

    assert daily("day(ordered_at) between 25 and 27") > 1.1 * daily(
        "day(ordered_at) between 12 and 23"
    )
    noon = daily("hour(ordered_at) in (12, 13)") / 2
    night = daily("hour(ordered_at) in (21, 22)") / 2
    assert min(noon, night) > 1.4 * daily("hour(ordered_at) between 14 and 19") / 6


def test_really_churned_customers_never_buy_again(sample: Sample) -> None:
    wrong = """
        select customer_id
        from truth_customers
        left join newest_orders using (customer_id)
        group by customer_id, is_churned, churned_on
        having is_churned and max(ordered_at)::date is distinct from churned_on
            or not is_churned and churned_on is not null
    """
    assert sample.execute(wrong).fetchall() == []
    churned = "select avg(is_churned::int) from truth_customers"
    assert 0.2 < one_value(sample, churned) < 0.5
