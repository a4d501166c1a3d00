"""Small mistakes in the compiled SQL, each of which the comparisons must notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import duckdb
import pytest

from tests.python import test_differential_rules as rules
from tests.python.compiled import World, world
from tests.python.test_differential_activity import ACTIVITY
from tests.python.test_differential_audiences import (
    CONSENTS,
    DECISIONS,
    audience_world,
)
from tests.python.test_differential_orders import ORDERS
from tests.python.test_differential_rfm import RFM
from tests.python.test_differential_stages import STAGES
from tests.python.test_differential_traits import SIGNALS, TRAITS

EXAMPLES = 300


def check_all_rules(world: World) -> None:
    """Compare the rules on two sets of customers."""
    bench = rules.rule_bench(world)
    for seed in (1, 2):
        rules.check_rules(bench, 330, seed)


@cache
def subject(name: str) -> tuple[World, Callable[[World], None]]:
    """Return the SQL that a comparison is about, and the comparison."""
    if name == "rfm":
        return world("month_begins"), lambda one: RFM.examine(one, EXAMPLES, False)
    if name == "all time":
        return world("leap_day"), lambda one: RFM.examine(one, EXAMPLES, False)
    if name == "dollars rfm":
        return world("dollars"), lambda one: RFM.examine(one, EXAMPLES, False)
    if name == "stages":
        return world("leap_day"), lambda one: STAGES.examine(one, EXAMPLES, False)
    if name == "activity":
        return world("leap_day"), lambda one: ACTIVITY.examine(one, EXAMPLES, False)
    if name == "orders":
        return world("leap_day"), lambda one: ORDERS.examine(one, EXAMPLES, False)
    if name == "dollars":
        return world("dollars"), lambda one: ORDERS.examine(one, EXAMPLES, False)
    if name == "traits":
        return world("leap_day"), lambda one: TRAITS.examine(one, EXAMPLES, False)
    if name == "signals":
        return world("leap_day"), lambda one: SIGNALS.examine(one, EXAMPLES, False)
    if name == "consents":
        return world("leap_day"), lambda one: CONSENTS.examine(one, EXAMPLES, False)
    if name == "decisions":
        return audience_world(), lambda one: DECISIONS.examine(one, EXAMPLES, False)
    return rules.rule_world(330)[1], check_all_rules


# Comparison, model, its text, the mistake.
MUTATIONS = (
    ("rfm", "int_rfm_measures", "where is_valid", "where true"),
    ("rfm", "int_rfm_thresholds", "where is_enabled", "where true"),
    ("rfm", "int_rfm_measures", "least(frozen_on", "greatest(frozen_on"),
    ("rfm", "int_rfm_measures", "ordered_on > profile", "ordered_on >= profile"),
    ("rfm", "int_rfm_measures", "ordered_on <= profile", "ordered_on < profile"),
    ("rfm", "int_rfm_measures", "active_on <= profile", "active_on < profile"),
    ("rfm", "int_rfm_measures", "else 0 end) - 1 as gap", "else 0 end) as gap"),
    (
        "rfm",
        "int_rfm_measures",
        "when is_in_window then ordered_on",
        "when true then ordered_on",
    ),
    ("rfm", "int_rfm_measures", "then -gap_hundredths", "then gap_hundredths"),
    ("dollars rfm", "int_rfm_measures", "/ reporting_currency.minor_units", "/ 1"),
    ("rfm", "int_rfm_thresholds", "is_ranked and ", ""),
    ("rfm", "int_rfm_thresholds", "and frequency > 0", "and frequency >= 0"),
    (
        "rfm",
        "int_rfm_thresholds",
        "lifetime_order_count > 1",
        "lifetime_order_count > 0",
    ),
    ("rfm", "int_rfm_thresholds", ">= ranked_customers", "> ranked_customers"),
    ("rfm", "int_rfm_thresholds", "unranked_scores < 1", "unranked_scores <= 1"),
    ("rfm", "int_rfm_thresholds", "and bins > 3", "and bins >= 3"),
    ("rfm", "int_rfm_thresholds", "least(profiles", "greatest(profiles"),
    (
        "all time",
        "int_rfm_thresholds",
        "ranked_customers < 100",
        "ranked_customers <= 100",
    ),
    (
        "all time",
        "int_rfm_thresholds",
        "threshold_2 = threshold_3",
        "threshold_2 > threshold_3",
    ),
    (
        *("rfm", "rfm_scores", "> recency_thresholds.threshold_1"),
        ">= recency_thresholds.threshold_1",
    ),
    (
        *("rfm", "rfm_scores", "> monetary_thresholds.threshold_4"),
        ">= monetary_thresholds.threshold_4",
    ),
    ("rfm", "rfm_scores", "where is_scored", "where true"),
    ("rfm", "rfm_scores", "is_telling::int as weight", "1 as weight"),
    ("rfm", "int_rfm_thresholds", "ranked_customers >= 3", "ranked_customers > 3"),
    ("rfm", "int_rfm_thresholds", "< greatest(", "<= greatest("),
    ("rfm", "rfm_scores", "order_count = 1", "order_count = 2"),
    ("rfm", "rfm_scores", "frequency = 1 or", "frequency = 2 or"),
    ("rfm", "rfm_scores", "= 'cadence'", "= 'count'"),
    ("rfm", "rfm_scores", "ceil(", "floor("),
    ("rfm", "rfm_scores", "order by rfm_names.priority", "order by priority desc"),
    ("rfm", "customer_rfm", "where is_default", "where true"),
    ("stages", "int_purchase_gaps", "where is_valid", "where true"),
    ("stages", "int_usual_gaps", "calibrated_on >= ", "calibrated_on > "),
    ("stages", "int_usual_gaps", "count(gap_days) < 6", "count(gap_days) <= 6"),
    ("stages", "int_usual_gaps", "percentile_disc(0.8)", "percentile_disc(0.7)"),
    ("stages", "int_usual_gaps", "gaps.own_gap_count = 0", "true"),
    ("stages", "int_return_curves", "gap_days <= 120", "gap_days < 120"),
    ("stages", "int_return_curves", "ceil(20 ", "floor(20 "),
    ("stages", "int_return_curves", "order by waited desc", "order by waited"),
    ("stages", "stage_calibration", "there_count >= 3", "there_count > 3"),
    ("stages", "stage_calibration", "30 following", "29 following"),
    ("stages", "stage_calibration", "ended_count >= 5", "ended_count > 5"),
    ("stages", "stage_calibration", "followed_days >= 60", "followed_days > 60"),
    (
        "stages",
        "stage_backtest",
        "_purchased_on > begun_on",
        "_purchased_on >= begun_on",
    ),
    (
        "stages",
        "stage_backtest",
        "begun_on > calibrated_on",
        "begun_on >= calibrated_on",
    ),
    ("stages", "stage_backtest", "days_away <= 30", "days_away < 30"),
    ("stages", "int_purchase_deadlines", "1 + floor(", "floor("),
    ("stages", "int_purchase_deadlines", "own_gap_count + 3", "own_gap_count + 2"),
    ("stages", "int_purchase_deadlines", "), 180)", "), 179)"),
    ("stages", "int_purchase_deadlines", "risk_day < churned", "risk_day <= churned"),
    (
        *("stages", "purchase_stage_spells", "purchased_on > previous_churned_on"),
        "purchased_on >= previous_churned_on",
    ),
    ("stages", "purchase_stage_spells", "at_risk_on < ", "at_risk_on <= "),
    ("stages", "purchase_stage_spells", "known_on < first", "known_on <= first"),
    ("stages", "int_customer_stages", "('prospect', 'churned')", "('prospect')"),
    ("stages", "int_customer_stages", "('prospect', 'at_risk', ", "('prospect', "),
    ("activity", "activity_spells", "< 7", "<= 7"),
    ("activity", "activity_spells", "active_on + 30 as", "active_on + 29 as"),
    ("activity", "activity_spells", " + 7\n        < ", " + 7\n        <= "),
    ("activity", "activity_spells", "customers.known_on < ", "customers.known_on <= "),
    ("activity", "activity_spells", "< 30", "<= 30"),
    ("activity", "int_customer_activity", "- 28", "- 27"),
    ("activity", "growth_accounting", "'at_risk_mau', 7,", "'at_risk_mau', 8,"),
    ("activity", "growth_accounting", "-customer_count", "customer_count"),
    ("activity", "customer_days", "full outer join", "left join"),
    ("orders", "orders", "cancelled_at >= ", "cancelled_at > "),
    ("orders", "orders", "cancelled_at < ", "cancelled_at <= "),
    ("orders", "orders", ">= stated_orders.gross", "> stated_orders.gross"),
    (
        "orders",
        "orders",
        "            - discount_amount",
        "            + discount_amount",
    ),
    ("orders", "daily_revenue", "where is_revenue", "where is_valid"),
    ("orders", "stg_orders", "source.updated_at) >= ", "source.updated_at) > "),
    ("orders", "int_orders_converted", "max_by", "min_by"),
    ("dollars", "int_orders_converted", "rate, 2)", "rate, 1)"),
    ("consents", "int_consents", "granted_at > withdrawn", "granted_at >= withdrawn"),
    ("consents", "stg_consents", "changed_at >= timestamp", "changed_at > timestamp"),
    ("decisions", "audience_decisions", "by priority_rank", "by -priority_rank"),
    ("decisions", "audience_decisions", "identifier_rank > 1", "identifier_rank > 2"),
    ("decisions", "audience_definitions", "and written.touches_night", ""),
    ("decisions", "int_audience_checks", "cap_left <= 0", "cap_left < 0"),
    (
        "decisions",
        "int_audience_contacts",
        "(sent_messages.message_",
        "(1 + message_",
    ),
    ("decisions", "audience_decisions", "limit_rank > member", "limit_rank >= member"),
    ("decisions", "audience_decisions", "by limit_hash, customer_id", "by customer_id"),
    ("decisions", "audience_decisions", "'limit|' ||", "'limit' ||"),
    ("decisions", "audience_definitions", "written.asks_ad_consent\n", "false\n"),
    ("decisions", "audience_definitions", "written.asks_night_consent\n", "false\n"),
    (
        "decisions",
        "audience_definitions",
        "or destinations.passes_to_third_party",
        "or false",
    ),
    ("decisions", "int_audience_candidates", "'소금 arms|'", "'소금|'"),
    (
        "decisions",
        "int_audience_checks",
        "then identifier",
        "then destination_identifier",
    ),
    (
        "decisions",
        "int_audience_contacts",
        "> date '2024-02-29' - def",
        ">= date '2024-02-29' - def",
    ),
    ("decisions", "int_audience_contacts", "ordered_on > ", "ordered_on >= "),
    (
        "decisions",
        "audience_definitions",
        "and channels.night_consent_applies is not false",
        "",
    ),
    ("traits", "int_customer_activity", "- 7 then 1", "- 8 then 1"),
    ("traits", "int_customer_activity", "- 30 then 1", "- 29 then 1"),
    ("traits", "int_customer_activity", "- 90 then duration", "- 91 then duration"),
    ("traits", "int_customer_activity", "floor(coalesce", "ceil(coalesce"),
    ("traits", "int_customer_habits", "' - 90", "' - 91"),
    ("traits", "int_customer_habits", "event_count desc", "event_count asc"),
    ("traits", "int_customer_habits", "occurred_at desc", "occurred_at asc"),
    ("traits", "int_customer_habits", "used asc", "used desc"),
    ("traits", "int_customer_habits", "null as last", "last_occurred_at as last"),
    ("traits", "int_customer_habits", ", 2, '0')", ", 1, '0')"),
    ("traits", "int_customer_tastes", "line_count desc", "line_count asc"),
    ("traits", "int_customer_tastes", "reporting_amount desc", "category asc"),
    ("traits", "int_customer_tastes", "category asc", "category desc"),
    ("traits", "int_customer_purchases", "round(", "floor("),
    ("traits", "int_customer_purchases", "sum(discount", "max(discount"),
    ("signals", "int_customer_purchases", "where is_valid or", "where true or"),
    ("signals", "int_customer_signals", "> purchases.last", ">= purchases.last"),
    ("signals", "int_customer_carts", "and is_bought = 0", ""),
    ("signals", "customer_products", "unlisted_at)", "ordered_at)"),
    ("traits", "customer_products", "latest.valid_to is null", "true"),
    ("traits", "int_customer_profiles", "= 'KR'", "<> 'KR'"),
    ("traits", "int_customer_profiles", "/ 6)", "/ 5)"),
    ("traits", "customer_attributes", "by source asc", "by source desc"),
    ("traits", "customer_attributes", "source asc, declared_at desc", "source asc"),
    ("rules", "int_segment_flags", " or ", " and "),
    ("rules", "int_segment_flags", "_days >= ", "_days > "),
    ("rules", "int_segment_flags", "_days <= ", "_days < "),
    ("rules", "int_segment_flags", " - 1) * 100 < ", " - 1) * 100 <= "),
    ("rules", "int_rule_facts", "where is_segment_candidate", "where true"),
    ("rules", "int_rule_facts", "active_on >= ", "active_on > "),
    ("rules", "int_rule_facts", "active_on <= ", "active_on < "),
    ("rules", "int_rule_facts", "actions.occurred_on >= ", "actions.occurred_on > "),
    ("rules", "int_rule_facts", "count(distinct case", "count(case"),
    ("rules", "int_rule_facts", ") and (actions.", ") or (actions."),
    ("rules", "int_rule_facts", "as decimal(38, 9)", "as decimal(38, 0)"),
    ("rules", "int_rule_facts", "0) <> '')", "0) <> 'x')"),
    ("rules", "int_rule_facts", "and occurred_at > ", "and occurred_at >= "),
    ("rules", "int_rule_facts", "and product_id is not null", ""),
    ("rules", "int_rule_facts", "min(case when event_name", "max(case when event_name"),
    ("rules", "int_rule_facts", "_then <= ", "_then < "),
    ("rules", "int_rule_facts", "by customer_id, product_id)", "by customer_id)"),
    ("rules", "int_rule_facts", "desc nulls last", "asc nulls last"),
    ("rules", "int_rule_facts", "last, customers.customer_id)", "last)"),
    ("rules", "int_rule_facts", " + 1, 1) as ", " + 1, 2) as "),
    ("rules", "int_rule_facts", "records.as_of_date < ", "records.as_of_date <= "),
    ("rules", "int_rule_facts", "as_of_date < min(", "as_of_date <= min("),
    ("rules", "int_rule_facts", "changed_on <= ", "changed_on < "),
    ("rules", "int_rule_facts", "'entered' then 1 else -1", "'entered' then 1 else 0"),
    ("rules", "int_rule_facts", "left join sequences", "inner join sequences"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model", "old", "new"), MUTATIONS)
def test_a_small_mistake_does_not_go_unnoticed(
    name: str, model: str, old: str, new: str
) -> None:
    correct, compare = subject(name)
    # A mistake of the rule compiler is in every rule.
    count = -1 if name == "rules" else 1
    wrong = replace(correct, compiled=correct.compiled.mutated(model, old, new, count))
    with pytest.raises((AssertionError, duckdb.Error)):
        compare(wrong)
