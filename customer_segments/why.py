"""Everything that was decided about one customer, and what decided it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape

from customer_segments.build_record import NotReadable, opened_build, refusal
from customer_segments.places import database
from customer_segments.terminal import console, shown, table

PROFILE = """
    select
        purchase_stage, purchase_stage_since, churns_on, activity_state,
        last_active_on, rfm_segment, age_band, gender, is_test,
        order_count, net_revenue,
        (select max(as_of_date) from rfm_thresholds) as as_of_date
    from customers
    where customer_id = ?
"""
GAP = """
    select
        expected_gap_days, purchased_on, at_risk_on, churned_on,
        at_risk_from_en, churned_from_en
    from main_intermediate.int_purchase_deadlines as deadlines
    inner join stage_calibration
        on deadlines.buyer_class = stage_calibration.buyer_class and is_in_force
    where customer_id = ? and next_purchased_on is null
"""
SCORES = """
    select
        rfm_thresholds.measure,
        case rfm_thresholds.measure
            when 'recency' then recency_days || ' days ago'
            when 'frequency' then
                case frequency_of
                    when 'cadence' then coalesce(average_gap_days || ' days apart', '–')
                    else frequency::varchar
                end
            else format('{:,}', monetary::bigint)
        end as value,
        case rfm_thresholds.measure
            when 'recency' then recency_score
            when 'frequency' then frequency_score
            else monetary_score
        end as score,
        array_to_string(
            list_transform(
                list_filter(
                    [threshold_1, threshold_2, threshold_3, threshold_4],
                    lambda bound: bound is not null
                ),
                lambda bound: case
                    when unit <> 'days' then format('{:,.0f}', bound::double)
                    when rfm_thresholds.measure = 'frequency'
                        then bound || ' days apart'
                    else bound::int || ' days ago'
                end
            ),
            ' | '
        ) as thresholds
    from rfm_scores
    inner join main_seeds.rfm_profiles using (profile)
    inner join rfm_thresholds using (profile)
    where is_default and customer_id = ?
    order by rfm_thresholds.measure desc
"""
OTHER_SCORES = """
    select label_en, rfm_segment
    from rfm_scores
    inner join main_seeds.rfm_profiles using (profile)
    where not is_default and customer_id = ?
    order by profile
"""
SEGMENTS = """
    with conditions as (
        select
            segment,
            bool_and(is_met) as is_member,
            count(is_met) = 0 as is_unknown,
            min_by(condition_en, condition_number)
                filter (where not is_met) as first_unmet,
            string_agg(condition_en, ' and ' order by condition_number)
                as all_conditions
        from segment_reasons
        where customer_id = ?
        group by segment
    )

    select
        conditions.segment,
        case
            when is_unknown then 'no data'
            when is_member then 'in since ' || entered_on
            else 'not in'
        end as state,
        case
            when is_unknown then 'load ' || missing_data
            when is_member then all_conditions
            else 'not met: ' || first_unmet
        end as decided_by
    from conditions
    inner join segments on conditions.segment = segments.segment
    left join segment_members
        on
            conditions.segment = segment_members.segment
            and segment_members.customer_id = ?
    order by is_member desc, is_unknown, conditions.segment
"""
OPT_OUTS = """
    select channel, opted_out_on, replace(road, '_', ' ')
    from opt_outs
    where customer_id = ?
    order by channel
"""
AUDIENCES = """
    select
        audiences.audience,
        audiences.channel,
        case
            when audiences.missing_data is not null
                then 'nobody enters or leaves, no data: ' || audiences.missing_data
            when audience_members.customer_id is not null then 'receives it'
            when audience_exclusions.reason = 'lower_priority'
                then 'lower_priority: ' || lost_to || ' has them'
            else coalesce(audience_exclusions.reason, 'not in its segments')
        end as decision
    from audiences
    left join audience_members
        on
            audiences.audience = audience_members.audience
            and audience_members.customer_id = ?
    left join audience_exclusions
        on
            audiences.audience = audience_exclusions.audience
            and audience_exclusions.customer_id = ?
    order by audiences.audience
"""


def explain(
    connection: duckdb.DuckDBPyConnection, customer_id: str, out: Console
) -> bool:
    """Print what is known; False when there is no such customer."""
    row = connection.execute(PROFILE, [customer_id]).fetchone()
    if row is None:
        return False
    names = [column[0] for column in connection.description or []]
    profile = dict(zip(names, row, strict=True))
    out.print(
        f"[bold]Customer {escape(customer_id)}[/] at the end of {profile['as_of_date']}"
    )
    if profile["is_test"]:
        out.print("A test account: no scores, stages, segments or audiences.")
        return True
    out.print(
        f"Age {shown(profile['age_band'])}, gender {shown(profile['gender'])}, "
        f"{shown(profile['order_count'])} valid orders worth"
        f" {shown(profile['net_revenue'])}"
    )
    out.print(
        f"Stage {shown(profile['purchase_stage'])}"
        f" since {profile['purchase_stage_since']}"
    )
    gap = connection.execute(GAP, [customer_id]).fetchone()
    if gap is not None:
        left = (
            f"; {(profile['churns_on'] - profile['as_of_date']).days} days left"
            if profile["churns_on"]
            else ""
        )
        out.print(
            f"  usual gap {gap[0]:.2f} days, last purchase {gap[1]}: slipping away from"
            f" {gap[2] or 'no day'} ({gap[4]}), churned from {gap[3] or 'no day'}"
            f" ({gap[5]}){left}"
        )
    out.print(
        f"Activity {shown(profile['activity_state'])},"
        f" last active {shown(profile['last_active_on'])}"
    )
    scores = connection.execute(SCORES, [customer_id]).fetchall()
    if scores:
        out.print(
            table(
                f"\nRFM: {profile['rfm_segment']}",
                ["measure", "value", "score", "one more for each threshold exceeded"],
                scores,
            )
        )
        for label, name in connection.execute(OTHER_SCORES, [customer_id]).fetchall():
            out.print(f"  {label}: {name}", markup=False)
    else:
        out.print(f"RFM {profile['rfm_segment']}: no valid order, no scores")
    out.print(
        table(
            "\nSegments",
            ["segment", "", "decided by"],
            connection.execute(SEGMENTS, [customer_id, customer_id]).fetchall(),
        )
    )
    for channel, day, road in connection.execute(OPT_OUTS, [customer_id]).fetchall():
        out.print(f"No advertising by {channel} since {day} ({road})", markup=False)
    out.print(
        table(
            "\nAudiences",
            ["audience", "channel", "decision"],
            connection.execute(AUDIENCES, [customer_id, customer_id]).fetchall(),
        )
    )
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Explain a customer; 0 done, 2 unknown customer or no warehouse, 75 busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customer_id")
    parser.add_argument("--database", type=Path, default=database())
    options = parser.parse_args(argv)
    if not options.customer_id:
        print("Say which customer: make why CUSTOMER=C10000042", file=sys.stderr)
        return 2
    path, out = options.database.resolve(), console()
    try:
        with opened_build(path, out) as (connection, _):
            if explain(connection, options.customer_id, out):
                return 0
    except (NotReadable, duckdb.CatalogException) as error:
        return refusal(path, error)
    print(
        f"No customer {options.customer_id!r}: give the customer_id as the shop "
        "writes it, such as: make why CUSTOMER=C10000042",
        file=sys.stderr,
    )
    return 2
