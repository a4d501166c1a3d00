"""What the truth tables say is what the raw tables show."""

import csv
from collections import Counter

import pytest

from tests.python.sample import END, Sample, one_value
from tests.python.warehouse import ROOT


def moment_of(release: str) -> str:
    """SQL for when a release went out or an outage began."""
    return f"(select started_at from releases where release_id = '{release}')"


def test_nothing_happens_on_the_own_channels_during_the_outage(sample: Sample) -> None:
    during = "between started_at and ended_at"
    outage = "releases where kind = 'outage'"
    seen = f"""
        select count(*) from events, {outage}
        and occurred_at {during} and event_name <> 'unsubscribe'
    """
    assert one_value(sample, seen) == 0
    bought = f"""
        select count(*) filter (where sales_channel in ('own_app', 'own_web'))
            + count(*) filter (where sales_channel not in ('own_app', 'own_web')) * 1000
        from newest_orders, {outage} and ordered_at {during}
    """
    elsewhere, own = divmod(one_value(sample, bought), 1000)
    assert own == 0
    assert elsewhere > 0
    before = bought.replace("started_at", "started_at - interval 7 day").replace(
        "ended_at", "ended_at - interval 7 day"
    )
    assert one_value(sample, before) % 1000 > 0


def test_the_first_release_makes_fewer_give_up_at_the_checkout(sample: Sample) -> None:
    kept = f"""
        select
            count(*) filter (where event_name = 'purchase')
            / count(*) filter (where event_name = 'checkout_start')
        from events
        where occurred_at {{}} {moment_of("R1")}
    """
    before, after = (one_value(sample, kept.format(sign)) for sign in ("<", ">="))
    assert 0.55 < before < 0.75
    assert after > before + 0.05


@pytest.mark.parametrize(
    ("release", "before", "until", "measure", "least"),
    [
        (
            "R2",
            "R1",
            moment_of("R3"),
            "event_name in ('page_view', 'product_view')",
            0.05,
        ),
        ("R3", "R2", END, "event_name = 'search' and properties like '%: 0_'", 7),
    ],
)
def test_a_release_of_the_app_changes_the_app_and_not_the_web(
    release: str,
    before: str,
    until: str,
    measure: str,
    least: float,
    sample: Sample,
) -> None:
    query = f"""
        select
            count(*) filter (where {measure}) / count(distinct anonymous_id || day)
        from (select *, occurred_at::date as day from events)
        where (app_version is not null) = {{}}
            and occurred_at {{}} {moment_of(release)}
            and occurred_at > {moment_of(before)} and occurred_at < {until}
    """
    app = [one_value(sample, query.format(True, sign)) for sign in ("<", ">=")]
    web = [one_value(sample, query.format(False, sign)) for sign in ("<", ">=")]
    gained_app, gained_web = app[1] / app[0] - 1, web[1] / web[0] - 1
    assert gained_app > least
    assert abs(gained_web) < 0.4 * gained_app


def test_arms_are_randomised_and_only_the_holdout_hears_nothing(sample: Sample) -> None:
    shares = sample.execute(
        "select variant, sum(customer_count) / sum(sum(customer_count)) over ()"
        " from truth_lift group by variant order by variant"
    ).fetchall()
    assert [variant for variant, _ in shares] == [
        "control_generic",
        "holdout",
        "treatment",
    ]
    for (_, share), wanted in zip(shares, (0.22, 0.10, 0.68), strict=True):
        assert wanted - 0.02 < share < wanted + 0.02
    told = """
        select variant, campaign_id, customer_id from campaign_messages
        where variant is not null
    """
    treated = """
        select variant, campaign_id, customer_id from truth_arms
        where variant <> 'holdout'
    """
    for query in (f"{told} except {treated}", f"{treated} except {told}"):
        assert sample.execute(query).fetchall() == []
    held_out = """
        select customer_id from truth_arms semi join campaign_messages
            using (campaign_id, customer_id)
        where variant = 'holdout'
    """
    assert sample.execute(held_out).fetchall() == []


def test_who_was_won_by_a_message_bought_after_it(sample: Sample) -> None:
    without = """
        select customer_id
        from truth_arms
        inner join campaign_messages using (campaign_id, customer_id)
        where is_lifted and not exists (
            select 1 from newest_orders
            where newest_orders.customer_id = truth_arms.customer_id
                and ordered_at > sent_at
                and ordered_at < sent_at + interval 6 day
        )
    """
    assert sample.execute(without).fetchall() == []
    lifts = dict(
        sample.execute(
            "select variant, sum(lifted_count) / sum(customer_count) from truth_lift"
            " group by variant"
        ).fetchall()
    )
    assert lifts["holdout"] == 0
    assert lifts["treatment"] > 0.005
    assert lifts["control_generic"] < 0.6 * lifts["treatment"]


def groups_of(pairs: list[tuple[str, str]]) -> set[frozenset[str]]:
    """The ids that pairs of ids join, directly or through others."""
    groups: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = groups.get(one, {one}) | groups.get(other, {other})
        for member in joined:
            groups[member] = joined
    return {frozenset(members) for members in groups.values()}


def test_links_join_the_ids_of_one_person_and_no_others(sample: Sample) -> None:
    links = sample.execute(
        "select from_id, to_id from identity_links"
        " where from_id not in (from blocked_ids) and to_id not in (from blocked_ids)"
    ).fetchall()
    truth = sample.execute("select customer_id, person_id from truth_people").fetchall()
    assert groups_of(links) == groups_of(truth)
    sizes = Counter(len(group) for group in groups_of(truth))
    assert set(sizes) == {2, 3, 4}
    shared = "select count(*) from identity_links where method = 'shared_device'"
    assert one_value(sample, shared) > 20
    alike = """
        select count(distinct nfc_normalize(name)) from truth_people
        inner join customers using (customer_id) group by person_id
    """
    assert {count for (count,) in sample.execute(alike).fetchall()} == {1}


def test_the_plan_of_a_customer_is_the_last_one_changed_to(sample: Sample) -> None:
    wrong = """
        with changes as (

            select
                customer_id,
                max_by(json_extract_string(properties, '$.to'), occurred_at) as plan,
            from events
            where event_name in ('plan_change', 'subscription_cancel')
            group by customer_id

        ),

        newest as (

            select * from customers
            qualify row_number() over (
                partition by customer_id order by updated_at desc
            ) = 1

        )

        select newest.customer_id
        from newest
        inner join changes on newest.customer_id = changes.customer_id
        where newest.plan is distinct from changes.plan
    """
    assert sample.execute(wrong).fetchall() == []
    moves = sample.execute(
        "select json_extract_string(properties, '$.from') || ' '"
        " || json_extract_string(properties, '$.to') as move"
        " from events where event_name in ('plan_change', 'subscription_cancel')"
        " group by move order by move"
    ).fetchall()
    assert [move for (move,) in moves] == [
        "free free",
        "free plus",
        "free premium",
        "plus free",
        "plus premium",
        "premium free",
        "premium plus",
    ]


def test_what_is_sold_out_is_bought_no_more(sample: Sample) -> None:
    lately = f"""
        select count(*) from order_items
        inner join newest_orders using (order_id)
        inner join products using (product_id)
        where not is_active and ordered_at {{}} {END} - interval {{}} day
    """
    assert one_value(sample, lately.format(">=", 5)) == 0
    assert one_value(sample, lately.format("<", 60)) > 100


def test_companies_are_described(sample: Sample) -> None:
    with (ROOT / "customer_segments/sample_shop/industries.csv").open(
        encoding="utf-8"
    ) as file:
        codes = {row["naics_code"] for row in csv.DictReader(file)}
    known = {code[:digits] for code in codes for digits in (2, 4, 6)}
    found = sample.execute("select distinct naics_code from accounts").fetchall()
    assert {code for (code,) in found} - {None} <= known
    assert one_value(sample, "select count(*) from accounts") == 313
    without_contact = """
        select account_id from accounts
        where account_id not in (
            select account_id from customers where account_id is not null
        )
    """
    assert sample.execute(without_contact).fetchall() == []
    above = "select 1 from accounts where parent_account_id >= account_id"
    assert sample.execute(above).fetchall() == []
    backwards = "select 1 from account_technologies where last_seen_on < first_seen_on"
    assert sample.execute(backwards).fetchall() == []


@pytest.mark.parametrize(
    ("attribute", "source", "share"),
    [
        ("needs", "declared", 0.32),
        ("needs", "inferred", 0.18),
        ("marital_status", "declared", 0.21),
        ("income_band", "declared", 0.14),
        ("likes", "inferred", 0.26),
    ],
)
def test_attributes_are_known_of_some(
    attribute: str, source: str, share: float, sample: Sample
) -> None:
    query = f"""
        select count(*) / 8750 from customer_attributes
        where attribute = '{attribute}' and source = '{source}'
    """
    assert share - 0.03 < one_value(sample, query) < share + 0.03


def test_some_events_arrive_days_late(sample: Sample) -> None:
    late = """
        select avg((received_at > occurred_at + interval 1 day)::int) from events
    """
    assert 0.001 < one_value(sample, late) < 0.005


def test_winning_a_customer_costs_what_it_costs_a_shop(sample: Sample) -> None:
    each = """
        select
            (select sum(cost) from acquisition_costs)
            / count(distinct customer_id)
        from customers
    """
    assert 3000 < one_value(sample, each) < 15000
    prices = sample.execute(
        "select plan, count(*) from plan_prices group by plan order by plan"
    ).fetchall()
    assert prices == [("free", 1), ("plus", 2), ("premium", 2)]
