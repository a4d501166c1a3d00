"""Each law across tables fails when its law is broken, and only then.

The laws are the singular dbt tests in tests/data. Here their compiled SQL runs on a
copy of a built database: first as it is, then with one fault planted in a transaction
that is rolled back. A fault that leaves a law silent, or that another law answers for,
fails. Views are turned into tables in the copy, so that a fault can be planted in them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_segments.summary import ODD
from tests.python.compiler import Compiler
from tests.python.warehouse import AS_OF, ROOT, UNTESTED, Warehouse, failures

LAWS = sorted(path.stem for path in (ROOT / "tests" / "data").glob("assert_*.sql"))

ORDER_OF_BUYER = """
    select min(order_id) from orders where is_valid and net_revenue > 0
"""
NEWS_READER = """
    select min(customer_id) from audience_members where audience = 'news_to_all'
"""
TEXT_RECEIVER = """
    select min(customer_id) from audience_members where audience = 'win_back'
"""


@dataclass(frozen=True)
class Fault:
    """A change that breaks a law, and the other laws that it cannot but break too."""

    what: str
    sql: str
    also: tuple[str, ...] = ()


FAULTS: dict[str, list[Fault]] = {
    "assert_rows_never_vanish": [
        Fault(
            "a kept order is lost before staging",
            "update row_fates set kept = kept - 1 where raw_table = 'orders'",
        ),
        Fault(
            "a quarantined row is not listed",
            """
            delete from quarantined_rows
            where rowid = (
                select min(rowid) from quarantined_rows where raw_table = 'orders'
            )
            """,
        ),
    ],
    "assert_every_customer_has_one_purchase_stage_each_day": [
        Fault(
            "a day between two stages belongs to neither",
            """
            update purchase_stage_spells set valid_to = valid_to - 1
            where rowid = (
                select min(rowid) from purchase_stage_spells
                where valid_to > valid_from + 1
            )
            """,
        ),
        Fault(
            "a day belongs to two stages",
            """
            update purchase_stage_spells set valid_from = valid_from - 1
            where rowid = (
                select min(rowid) from purchase_stage_spells
                where previous_stage = 'first_purchase' and valid_to is not null
            )
            """,
        ),
        Fault(
            "a customer has no stage on the day they become known",
            """
            update purchase_stage_spells set valid_from = valid_from + 1
            where rowid = (
                select min(rowid) from purchase_stage_spells
                where previous_stage is null and valid_to > valid_from + 1
            )
            """,
        ),
    ],
    "assert_every_customer_has_one_activity_state_each_day": [
        Fault(
            "a day before the first visit has no state",
            """
            update activity_spells set valid_from = valid_from + 1
            where rowid = (
                select min(rowid) from activity_spells
                where activity_state = 'never_active' and valid_to > valid_from + 1
            )
            """,
        ),
        Fault(
            "a customer who never came has two states",
            """
            insert into activity_spells
            select customer_id, activity_state, valid_from + 1, valid_to
            from activity_spells
            where activity_state = 'never_active' and valid_to > valid_from + 1
            limit 1
            """,
        ),
    ],
    "assert_references_lead_somewhere": [
        Fault(
            "a channel that nobody knows",
            """
            update consent_days set channel = 'pigeon'
            where rowid = (select min(rowid) from consent_days)
            """,
        ),
    ],
    "assert_purchase_stages_change_only_as_listed": [
        Fault(
            "an existing customer is won back who never left",
            """
            update purchase_stage_spells set reason = 'order_after_churn'
            where rowid = (
                select min(rowid) from purchase_stage_spells
                where purchase_stage = 'existing'
            )
            """,
        ),
        Fault(
            "a spell says another stage before it than there was",
            """
            update purchase_stage_spells set previous_stage = 'reactivated'
            where rowid = (
                select min(rowid) from purchase_stage_spells
                where previous_stage = 'first_purchase'
                and purchase_stage = 'at_risk'
            )
            """,
        ),
    ],
    "assert_activity_spells_agree_with_growth_accounting": [
        Fault(
            "one customer less in one state on one day, one more in another",
            """
            update growth_accounting
            set new_count = new_count, at_risk_mau_count = at_risk_mau_count - 1,
                dormant_count = dormant_count + 1,
                monthly_active_customers = monthly_active_customers - 1
            where day = (
                select max(day) from growth_accounting where at_risk_mau_count > 0
            )
            """,
        ),
        Fault(
            "a customer sleeps a day too early",
            """
            update activity_spells set activity_state = 'dormant'
            where rowid = (
                select min(rowid) from activity_spells
                where activity_state = 'at_risk_mau' and valid_to is not null
            )
            """,
        ),
    ],
    "assert_growth_accounting_totals_add_up": [
        Fault(
            "the month forgets somebody",
            """
            update growth_accounting
            set monthly_active_customers = monthly_active_customers - 1
            where day = (select max(day) from growth_accounting)
            """,
        ),
    ],
    "assert_customers_stand_where_their_open_spells_say": [
        Fault(
            "a profile says another stage than history",
            """
            update customers set purchase_stage = 'reactivated'
            where customer_id = (
                select min(customer_id) from customers
                where purchase_stage = 'existing'
            )
            """,
        ),
        Fault(
            "a profile says another day than history",
            """
            update customers set purchase_stage_since = purchase_stage_since - 1
            where customer_id = (
                select min(customer_id) from customers
                where purchase_stage = 'existing'
            )
            """,
        ),
        Fault(
            "a profile says another state than history",
            """
            update customers set activity_state = 'at_risk_mau'
            where customer_id = (
                select min(customer_id) from customers
                where activity_state = 'dormant'
            )
            """,
        ),
    ],
    "assert_segment_members_add_up": [
        Fault(
            "somebody entered whom the size does not count",
            """
            update segment_sizes set entered = entered + 1 where segment = 'women'
            """,
            also=("assert_segment_kpis_agree_with_memberships",),
        ),
        Fault(
            "a segment says more members than it has",
            """
            update segments set customer_count = customer_count + 1
            where segment = 'women'
            """,
            also=("assert_waterfalls_end_with_the_members",),
        ),
    ],
    "assert_segment_members_match_their_rules_today": [
        Fault(
            "a member whose rule is false",
            """
            delete from main_intermediate.int_segment_memberships
            where segment = 'women' and customer_id = (
                select min(customer_id) from segment_members where segment = 'women'
            )
            """,
        ),
        Fault(
            "somebody whose rule is true is not a member",
            """
            insert into main_intermediate.int_segment_memberships
            select 'rfm_champions', min(customer_id)
            from main_intermediate.int_segment_flags where not rfm_champions
            """,
        ),
    ],
    "assert_every_metric_of_a_segment_is_defined": [
        Fault(
            "a segment is judged by what nobody defined",
            "update segments set metric = 'luck' where segment = 'women'",
        ),
        Fault(
            "a metric counts what there is not",
            """
            update main_seeds.metrics set numerator = 'luck'
            where metric = 'open_rate'
            """,
        ),
    ],
    "assert_the_conversion_is_known": [
        Fault(
            "what converting means is not said",
            "delete from main_seeds.conversions where conversion = 'order'",
        ),
        Fault(
            "a conversion is an event that nobody counts",
            "update main_seeds.conversions set event = 'dance' where event = 'like'",
        ),
    ],
    "assert_nobody_is_in_segments_that_exclude_each_other": [
        Fault(
            "two segments exclude each other that do not",
            """
            insert into main_seeds.disjoint_segments
            values ('all_customers', 'women', 'a mistake')
            """,
        ),
        Fault(
            "somebody is in two stages",
            """
            insert into segment_members
            by name select 'stage_existing' as segment, max(customer_id) as customer_id,
                false as is_stale
            from segment_members where segment = 'stage_churned'
            """,
            also=(
                "assert_overlaps_fit_their_segments",
                "assert_segment_members_add_up",
                "assert_segment_members_match_their_rules_today",
                "assert_segment_profiles_add_up",
            ),
        ),
    ],
    "assert_segments_that_exclude_each_other_exist": [
        Fault(
            "a segment of a pair was renamed",
            """
            update main_seeds.disjoint_segments set segment_a = 'ladies'
            where segment_a = 'women' and segment_b = 'men'
            """,
        ),
        Fault(
            "a segment excludes itself",
            """
            update main_seeds.disjoint_segments
            set segment_b = 'regulars_5y', segment_a = 'regulars_5y'
            where segment_a = 'new_signup' and segment_b = 'regulars_5y'
            """,
            also=("assert_nobody_is_in_segments_that_exclude_each_other",),
        ),
    ],
    "assert_segment_profiles_add_up": [
        Fault(
            "somebody is counted twice",
            """
            update segment_profile set segment_count = segment_count + 1
            where segment = 'all_customers' and trait_value = 'female'
            """,
        ),
        Fault(
            "a value is hidden alone",
            """
            update segment_profile
            set is_suppressed = true, segment_count = null, population_count = null
            where segment = 'all_customers' and trait_value = 'female'
            """,
        ),
    ],
    "assert_overlaps_fit_their_segments": [
        Fault(
            "two segments share more than one has",
            """
            update segment_overlap set shared_count = size_b + 1
            where segment_a = 'all_customers' and segment_b = 'women'
            """,
        ),
        Fault(
            "a pair is missing",
            """
            delete from segment_overlap
            where segment_a = 'men' and segment_b = 'women'
            """,
        ),
    ],
    "assert_segment_kpis_agree_with_memberships": [
        Fault(
            "figures of one member more",
            """
            update segment_kpis set customer_count = customer_count + 1
            where segment = 'women'
            """,
        ),
        Fault(
            "more customers order than are active",
            """
            update segment_kpis set ordering_customer_count = active_customer_count + 1
            where segment = 'women'
            """,
        ),
    ],
    "assert_audience_waterfalls_add_up": [
        Fault(
            "a reason leaves out one more than it has",
            """
            update audience_waterfall set excluded_count = excluded_count + 1
            where audience = 'news_to_all' and step = 5
            """,
        ),
        Fault(
            "the waterfall of an audience stops before its receivers",
            """
            delete from audience_waterfall
            where audience = 'news_to_all' and step = (
                select max(step) from audience_waterfall where audience = 'news_to_all'
            );
            update audience_waterfall set remaining_count = remaining_count + 1
            where audience = 'news_to_all' and step = 2;
            """,
        ),
        Fault(
            "those without consent are told as taken by another audience",
            """
            update audience_waterfall set lost_to = 'win_back'
            where reason = 'no_consent' and excluded_count > 0
            """,
        ),
        Fault(
            "a reason that the waterfall does not know",
            """
            update audience_exclusions set reason = 'bad_weather'
            where rowid = (select min(rowid) from audience_exclusions)
            """,
            also=("assert_references_lead_somewhere",),
        ),
    ],
    "assert_audience_syncs_add_up": [
        Fault(
            "a receiver is not listed for other tools",
            """
            delete from main_intermediate.int_audience_syncs
            where rowid = (
                select min(rowid) from main_intermediate.int_audience_syncs
                where channel = 'email' and change_type <> 'removed'
            )
            """,
        ),
        Fault(
            "other tools are told an address of before",
            """
            update main_intermediate.int_audience_syncs
            set identifier = 'before@shop.example'
            where rowid = (
                select min(rowid) from main_intermediate.int_audience_syncs
                where channel = 'email' and change_type <> 'removed'
            )
            """,
        ),
        Fault(
            "an entry was not recorded",
            """
            delete from audience_records where rowid = (
                select min(rowid) from audience_records where change = 'added'
            )
            """,
        ),
        Fault(
            "a removal says where the message went",
            """
            insert into main_intermediate.int_audience_syncs by name
            select 'k' as audience_member_key, 'news_to_all' as audience,
                'x@shop.example' as identifier, 'email' as channel,
                'removed' as change_type
            """,
        ),
    ],
    "assert_audiences_add_up": [
        Fault(
            "somebody left out is lost",
            """
            delete from audience_exclusions
            where rowid = (select min(rowid) from audience_exclusions)
            """,
            ("assert_audience_waterfalls_add_up",),
        ),
        Fault(
            "somebody is a receiver and left out",
            f"""
            update audience_exclusions set customer_id = ({NEWS_READER})
            where rowid = (
                select min(rowid) from audience_exclusions
                where audience = 'news_to_all'
            )
            """,
        ),
        Fault(
            "an audience says more receivers than it has",
            """
            update audiences set sendable_count = sendable_count + 1
            where audience = 'news_to_all'
            """,
            ("assert_audience_waterfalls_add_up",),
        ),
    ],
    "assert_audiences_hold_only_members_of_their_segments": [
        Fault(
            "a stranger is left out of an audience in place of a member",
            """
            update audience_exclusions set customer_id = (
                select min(customer_id) from customers
                where customer_id not in (
                    select customer_id from segment_members where segment = 'hesitating'
                )
            )
            where rowid = (
                select min(rowid) from audience_exclusions
                where audience = 'hesitating_cart_coupon'
            )
            """,
        ),
    ],
    "assert_nobody_is_addressed_without_consent": [
        Fault(
            "consent was withdrawn, to be in force years from now",
            f"""
            insert into main_staging.stg_consents
            by name select customer_id, 'email' as channel, 'ad' as purpose,
                'withdrawn' as status, timestamp '2031-01-01' as changed_at,
                'kept' as row_state
            from customers where customer_id = ({NEWS_READER})
            """,
        ),
        Fault(
            "a withdrawal of everything could not be read in full",
            f"""
            insert into main_staging.stg_consents
            by name select customer_id, 'e-mail' as channel, 'ad' as purpose,
                'withdrawn' as status, timestamp '2001-01-01' as changed_at,
                timestamp '2026-07-01' as loaded_at, 'quarantined' as row_state
            from customers where customer_id = ({NEWS_READER})
            """,
        ),
        Fault(
            "an audience goes out at night without consent to that",
            "update audiences set touches_night = true where audience = 'win_back'",
        ),
        Fault(
            "identifiers are passed on without consent to that",
            """
            delete from main_staging.stg_consents where purpose = 'third_party';
            update audiences set needs_third_party_consent = true
            where audience = 'news_to_all'
            """,
        ),
        Fault(
            "an ad platform gets identifiers without consent to that",
            """
            delete from main_staging.stg_consents where purpose = 'third_party';
            update audiences set destination = 'klaviyo' where channel = 'email';
            update main_seeds.destinations set passes_to_third_party = true
            where destination = 'klaviyo'
            """,
        ),
        Fault(
            "information that asks for consent to advertising goes out without it",
            """
            delete from main_staging.stg_consents where channel = 'alimtalk';
            update audiences set needs_ad_consent = true
            where audience = 'activation_guide'
            """,
        ),
    ],
    "assert_no_identifier_is_the_hash_of_nothing": [
        Fault(
            "an empty identifier was hashed",
            f"""
            update audience_members set destination_identifier = sha256('')
            where audience = 'news_to_all' and customer_id = ({NEWS_READER})
            """,
        ),
        Fault(
            "blank space was hashed",
            f"""
            update audience_members set destination_identifier = sha256(' ')
            where audience = 'news_to_all' and customer_id = ({NEWS_READER})
            """,
        ),
        Fault(
            "a member has no identifier",
            f"""
            update audience_members set destination_identifier = ' '
            where audience = 'news_to_all' and customer_id = ({NEWS_READER})
            """,
        ),
        Fault(
            "a hash was hashed again",
            f"""
            update audience_members set destination_identifier = sha256(identifier)
            where audience = 'news_to_all';
            update audience_members set identifier = sha256(identifier)
            where audience = 'news_to_all' and customer_id = ({NEWS_READER});
            update audiences set destination = 'hashed_files'
            where audience = 'news_to_all'
            """,
            ("assert_audience_syncs_add_up",),
        ),
        Fault(
            "an identifier goes out as it is where a hash was asked for",
            """
            update audiences set destination = 'hashed_files'
            where audience = 'news_to_all'
            """,
        ),
    ],
    "assert_nobody_suppressed_is_addressed": [
        Fault(
            "a suppressed address in another case and channel `all`",
            f"""
            insert into main_staging.stg_suppressions
            by name select upper(identifier) as identifier, 'all' as channel,
                'bounce' as reason, 'kept' as row_state
            from audience_members
            where audience = 'news_to_all' and customer_id = ({NEWS_READER})
            """,
        ),
        Fault(
            "a suppressed number without its country",
            f"""
            insert into main_staging.stg_suppressions
            by name select replace(identifier, '+82', '0') as identifier,
                'sms' as channel, 'do_not_call' as reason, 'kept' as row_state
            from audience_members
            where audience = 'win_back' and customer_id = ({TEXT_RECEIVER})
            """,
        ),
        Fault(
            "a suppressed customer, by their id",
            f"""
            insert into main_staging.stg_suppressions
            by name select customer_id as identifier, 'email' as channel,
                'do_not_call' as reason, 'kept' as row_state
            from customers where customer_id = ({NEWS_READER})
            """,
        ),
    ],
    "assert_nobody_erased_is_anywhere": [
        Fault(
            "somebody who asked to be forgotten is still there",
            """
            insert into main_staging.stg_deletion_requests
            by name select 'r1' as request_id, min(customer_id) as customer_id,
                'kept' as row_state
            from customers
            """,
        ),
        Fault(
            "what was recorded for other tools remembers somebody",
            """
            insert into main_staging.stg_deletion_requests
            by name select 'r1' as request_id, 'gone' as customer_id,
                'kept' as row_state;
            insert into audience_records
            by name select 0 as run_number, date '2026-06-29' as as_of_date,
                'news_to_all' as audience, 'email' as channel, 'k' as
                audience_member_key, 'gone' as customer_id, 'updated' as change
            """,
        ),
        Fault(
            "recorded membership remembers somebody who is in no table else",
            """
            insert into main_staging.stg_deletion_requests
            by name select 'r1' as request_id, 'gone' as customer_id,
                'kept' as row_state;
            insert into segment_records
            by name select 1 as run_number, date '2026-06-30' as as_of_date,
                'women' as segment, 'gone' as customer_id, 'entered' as change
            """,
        ),
    ],
    "assert_no_test_account_counts": [
        Fault(
            "a test account keeps its scores, stages and segments",
            """
            update customers set is_test = true
            where customer_id = (
                select min(customer_id) from customers where order_count > 0
            )
            """,
            also=("assert_every_buyer_has_one_rfm_name",),
        ),
    ],
    "assert_holdouts_receive_nothing": [
        Fault(
            "somebody who is held out receives it",
            """
            insert into audience_members by name
            select audience, customer_id, 'sms' as channel, 'info' as message_class,
                '+821000000000' as identifier, 'c' as campaign_id,
                '+821000000000' as destination_identifier
            from audience_exclusions
            where audience = 'win_back' and reason = 'holdout'
            limit 1;
            delete from audience_exclusions
            where audience = 'win_back' and reason = 'holdout' and customer_id = (
                select customer_id from audience_members
                where identifier = '+821000000000'
            );
            update audiences set sendable_count = sendable_count + 1
            where audience = 'win_back'
            """,
            ("assert_audience_syncs_add_up", "assert_audience_waterfalls_add_up"),
        ),
    ],
    "assert_money_reconciles_with_orders": [
        Fault(
            "a customer is a penny short",
            """
            update customers set net_revenue = net_revenue - 0.01
            where customer_id = (
                select min(customer_id) from customers where order_count > 0
            )
            """,
        ),
        Fault(
            "a day is a penny short",
            """
            update daily_revenue set net_revenue = net_revenue - 0.01
            where revenue_on = (select min(revenue_on) from daily_revenue)
            """,
        ),
        Fault(
            "an order is lost on the way",
            f"delete from orders where order_id = ({ORDER_OF_BUYER})",
            also=("assert_references_lead_somewhere",),
        ),
    ],
    "assert_every_order_left_out_has_a_reason": [
        Fault(
            "an order does not count and nobody knows why",
            """
            update orders set invalid_reason = null
            where order_id = (
                select min(order_id) from orders where invalid_reason = 'cancelled'
            )
            """,
        ),
        Fault(
            "a cancelled order of nobody's is revenue, worth nothing",
            """
            update orders
            set invalid_reason = 'cancelled', is_valid = false, is_revenue = true
            where order_id = (
                select min(order_id) from orders where invalid_reason = 'guest'
            )
            """,
        ),
    ],
    "assert_every_buyer_has_one_rfm_name": [
        Fault(
            "a buyer has no score",
            """
            delete from customer_rfm
            where customer_id = (select min(customer_id) from customer_rfm)
            """,
        ),
        Fault(
            "a buyer has two scores",
            "insert into customer_rfm select * from customer_rfm limit 1",
        ),
        Fault(
            "a profile that is not the default forgot a buyer",
            """
            delete from rfm_scores
            where profile <> 'default' and customer_id = (
                select min(customer_id) from rfm_scores
            )
            """,
        ),
        Fault(
            "a profile that is not the default names a buyer by another cell",
            """
            update rfm_scores set rfm_segment = 'lost'
            where profile <> 'default' and customer_id = (
                select min(customer_id) from rfm_scores
                where profile <> 'default' and rfm_segment = 'champions'
            )
            """,
        ),
        Fault(
            "a buyer has the name of another cell",
            """
            update customers set rfm_segment = 'lost'
            where customer_id = (
                select min(customer_id) from customers
                where rfm_segment = 'champions'
            )
            """,
        ),
    ],
    "assert_every_cell_of_rfm_scores_has_a_name": [
        Fault(
            "a cell of a map has no name",
            """
            delete from main_seeds.rfm_names
            where naming_map = 'three_bin_6' and rfm_segment = 'lost'
            """,
        ),
        Fault(
            "a name is never reached, since another comes before it",
            """
            update main_seeds.rfm_names set recency_to = 5, priority = 0
            where naming_map = 'rf_grid_10' and rfm_segment = 'promising'
            """,
        ),
    ],
    "assert_nobody_under_14_is_in_a_segment": [
        Fault(
            "a child has a band that is too old",
            """
            update customers set birth_date = date '2012-07-01'
            where customer_id = (select min(customer_id) from segment_members)
            """,
        ),
    ],
    "assert_one_label_never_names_two_things": [
        Fault(
            "a segment is called as a state is",
            """
            update segments set label_en = 'dormant visitor'
            where segment = 'sleeping'
            """,
        ),
        Fault(
            "a way to score is called as a segment is",
            """
            update main_seeds.rfm_profiles
            set label_ko = (select label_ko from segments where segment = 'sleeping')
            where profile = 'engagement_3'
            """,
        ),
        Fault(
            "two words have one Korean label",
            """
            update labels set label_ko = '휴면'
            where vocabulary = 'age_band' and value = 'unknown'
            """,
        ),
    ],
    "assert_a_spelling_means_one_region_a_day": [
        Fault(
            "a name is taken over before it is given up",
            """
            update main_seeds.region_aliases set valid_from = date '2026-06-30'
            where region = 'jeonnam_gwangju' and alias = '광주'
            """,
        ),
        Fault(
            "a spelling that nothing is looked up by",
            """
            update main_seeds.region_aliases set alias = 'Seoul'
            where alias = 'seoul'
            """,
        ),
    ],
    "assert_reporting_currency_is_known": [
        Fault(
            "the currency is not in the seed",
            "delete from main_seeds.currencies where currency = 'KRW'",
        ),
    ],
    "assert_waterfalls_end_with_the_members": [
        Fault(
            "the last condition leaves one too many",
            """
            update segment_waterfall set remaining_count = remaining_count + 1
            where segment = 'women' and condition_number = 1
            """,
        ),
        Fault(
            "a later condition leaves more than the one before",
            """
            update segment_waterfall set remaining_count = candidate_count + 1
            where segment = 'interested' and condition_number = 2
            """,
        ),
        Fault(
            "a segment has no waterfall",
            "delete from segment_waterfall where segment = 'women'",
        ),
    ],
    "assert_children_are_in_their_parents": [
        Fault(
            "a segment says it is a part of another",
            "update segments set parent = 'men' where segment = 'women'",
        ),
    ],
    "assert_reasons_agree_with_membership": [
        Fault(
            "a condition is said to hold that does not",
            """
            update segment_reasons set is_met = true
            where segment = 'women' and not is_met
            """,
        ),
        Fault(
            "a member's condition is said not to hold",
            """
            update segment_reasons set is_met = false
            where segment = 'women' and is_met
            """,
        ),
    ],
}

CASES = [
    pytest.param(law, fault, id=f"{law.removeprefix('assert_')}: {fault.what}")
    for law, faults in FAULTS.items()
    for fault in faults
]


def compiled_laws(shop: Warehouse) -> dict[str, str]:
    """SQL of each law as dbt compiled it for the shop."""
    folder = shop.folder / "target/compiled/customer_segments/tests/data"
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.sql"))}


def freeze_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Turn the views that models made into tables, with the rows they show."""
    views = connection.sql(
        """
        select schema_name || '.' || view_name
        from duckdb_views()
        where not internal and schema_name like 'main%'
        """
    ).fetchall()
    for (view,) in views:
        connection.execute(f"create table {view}_frozen as select * from {view}")
    for (view,) in views:
        connection.execute(f"drop view {view}")
        connection.execute(f"alter table {view}_frozen rename to {view.split('.')[1]}")


@pytest.fixture(scope="module")
def copy(
    shop: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the shop's database that may be written to."""
    path = Path(shutil.copy(shop.database, tmp_path_factory.mktemp("laws")))
    with duckdb.connect(str(path)) as connection:
        freeze_views(connection)
        yield connection


@pytest.fixture(scope="module")
def tested(shop: Warehouse) -> Any:
    """What dbt says of every test of data, on the shop."""
    return shop.dbt(
        *("test", "--select", "test_type:data"), variables={"as_of_date": AS_OF}
    )


@pytest.fixture(scope="module")
def laws(shop: Warehouse, tested: Any) -> dict[str, str]:
    """The laws by name, as SQL that returns what breaks them."""
    return compiled_laws(shop)


def broken_laws(
    connection: duckdb.DuckDBPyConnection, laws: dict[str, str]
) -> list[str]:
    """Names of the laws that return rows."""
    return [name for name, sql in laws.items() if connection.execute(sql).fetchone()]


def test_every_test_of_data_passes(tested: Any) -> None:
    """Builds of other tests leave them out: their rows are those of the shop."""
    assert tested.success, failures(tested)
    assert len(tested.result) >= 45


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("currency", "zone"), [("KRW", "Asia/Seoul"), ("EUR", "America/New_York")]
)
def test_every_unit_test_passes(shop: Warehouse, currency: str, zone: str) -> None:
    """Builds of other tests leave them out: they bring their own rows and currency."""
    ran = shop.dbt(
        *("test", "--select", "test_type:unit"),
        variables={
            "as_of_date": AS_OF,
            "reporting_currency": currency,
            "business_timezone": zone,
        },
    )
    assert ran.success, failures(ran)
    assert len(ran.result) >= 50


def test_two_people_with_one_request_id_are_both_forgotten(empty: Warehouse) -> None:
    """A shop that numbers requests anew each day repeats ids; wishes are not lost."""
    raw = {
        "customers": "customer_id,created_at\n"
        + "".join(f"{who},2026-01-01T00:00:00Z\n" for who in ("anna", "ben", "cho")),
        "orders": "order_id,customer_id,ordered_at,status,gross_amount\n"
        "o1,anna,2026-02-01T00:00:00Z,paid,1000\n",
        "deletion_requests": "request_id,customer_id,requested_at\n"
        "1,anna,2026-03-01T00:00:00Z\n1,ben,2026-03-02T00:00:00Z\n",
    }
    empty.write(raw)
    empty.load()
    empty.build(AS_OF, "--select", "+customers", *UNTESTED)
    assert empty.query("select customer_id from customers") == [("cho",)]


def test_a_summary_says_what_is_odd(empty: Warehouse) -> None:
    """Who was erased stays so under the same id; ids are text, capitals and all."""
    raw = {
        "customers": "customer_id,created_at,country,birth_date\n"
        "back,2026-01-01T00:00:00Z,KR,\nkim@a.kr,2026-01-01T00:00:00Z,u.s.a.,\n"
        "Kim@a.kr,2026-01-01T00:00:00Z,Atlantis,\n",
        "orders": "order_id,customer_id,ordered_at,status,gross_amount\n"
        "o1,back,2026-02-01T00:00:00Z,paid,1000\n"
        "o2,kim@a.kr,2026-02-01T00:00:00Z,paid,1000\n",
        "order_items": "order_id,line,product_id,quantity,unit_price\n"
        "o1,1,p,1,600\no2,1,p,2,500\no2,2,q,0,900\n",
        "refunds": "refund_id,order_id,refunded_at,amount\n"
        "r1,o2,2026-02-02T00:00:00Z,1001\n",
        "deletion_requests": "request_id,customer_id,requested_at\n"
        "1,back,2026-03-01T00:00:00Z\n",
    }
    empty.write(raw)
    empty.load()
    again = raw["customers"].splitlines()[0] + "\nback,2026-04-01T00:00:00Z,KR,\n"
    empty.write({"customers": again})
    empty.load()
    empty.build(AS_OF, *UNTESTED)
    people = "select customer_id, country, age_band from customers order by 1"
    assert empty.query(people) == [
        ("Kim@a.kr", None, None),
        ("kim@a.kr", "US", None),
    ]
    lines = "select product_id from order_lines where order_id = 'o2'"
    assert empty.query(lines) == [("p",)]
    (remedy,) = empty.query(
        "select distinct remedy_en from load_report where reason = 'erased'"
    )
    assert "Who came back gets a new id" in remedy[0]
    assert sorted(empty.query(ODD[2])) == [
        ("customers", 1, "of a country that is none of country_aliases"),
        ("customers", 2, "ids that differ in capitals alone"),
        ("order_line_gaps", 1, "not worth what their lines come to"),
        ("orders", 1, "refunded more than they came to (is_over_refunded)"),
    ]


def test_every_law_has_a_fault_that_breaks_it() -> None:
    assert sorted(FAULTS) == LAWS


def test_every_law_was_tested_on_the_shop(laws: dict[str, str]) -> None:
    assert sorted(laws) == LAWS


def test_no_law_is_broken_before_a_fault_is_planted(
    copy: duckdb.DuckDBPyConnection, laws: dict[str, str]
) -> None:
    assert broken_laws(copy, laws) == []


@pytest.mark.parametrize(("law", "fault"), CASES)
def test_a_planted_fault_breaks_its_law_and_no_other(
    copy: duckdb.DuckDBPyConnection, laws: dict[str, str], law: str, fault: Fault
) -> None:
    copy.execute("begin")
    try:
        copy.execute(fault.sql)
        assert broken_laws(copy, laws) == sorted([law, *fault.also])
    finally:
        copy.execute("rollback")


def spoilt(
    connection: duckdb.DuckDBPyConnection, change: str, check: str, says: str
) -> bool:
    """Whether a check finds a change, and says what it is."""
    connection.execute("begin")
    try:
        connection.execute(change)
        found = connection.execute(check).fetchall()
    except duckdb.InvalidInputException as error:
        return says in str(error)
    finally:
        connection.execute("rollback")
    return any(says in row for row in found)


def test_every_table_is_checked_for_its_key_its_nulls_and_its_words(
    copy: duckdb.DuckDBPyConnection, compiler: Compiler
) -> None:
    """Each of them is broken once in each table, and found and named."""
    compiler.sql("customers")
    found = 0
    for node in compiler.nodes.values():
        meta = node["config"]["meta"]
        if node["resource_type"] not in ("model", "seed") or meta.get("checked_by"):
            continue
        table = f"{node['schema']}.{node['name']}"
        check = compiler.call("form_checks", table=table, node=node)
        columns = {name for name, *_ in copy.sql(f"describe {table}").fetchall()}
        where = meta.get("checked_where") or (
            "row_state = 'kept'" if "row_state" in columns else "true"
        )
        one = f"from {table} where {where}"
        if copy.sql(f"select count(*) {one}").fetchone() == (0,):
            continue
        assert copy.execute(check).fetchall() == []
        row = f"(select min(rowid) {one})"
        changes = {}
        keys = [*filter(None, [meta.get("key")]), *meta.get("keys", [])]
        for key in keys:
            others = sorted(
                {one.split(", ")[-1] for one in keys} - set(key.split(", "))
            )
            told_apart = ", ".join(f"'999' as {one}" for one in others)
            other = f"replace ({told_apart})" if others else ""
            changes[f"keys twice or more: {key}"] = (
                f"insert into {table} select * {other} from {table} where rowid = {row}"
            )
        for column in filter(None, meta.get("required", "").strip().split(", ")):
            changes[f"{column}: null"] = f'"{column}" = null'
        for name, column in node["columns"].items():
            told = column["config"]["meta"]
            if (told.get("trait") or {}).get("values") or told.get("values"):
                changes[f"{name}: no word of"] = f"\"{name}\" = '999'"
        for says, change in changes.items():
            whole = change
            if not change.startswith("insert"):
                whole = f"update {table} set {change} where rowid = {row}"
            assert spoilt(copy, whole, check, says), f"{table}: {says}"
            found += 1
    assert found > 600


def test_every_reference_is_followed(
    copy: duckdb.DuckDBPyConnection, laws: dict[str, str], compiler: Compiler
) -> None:
    law = laws["assert_references_lead_somewhere"]
    references = re.findall(r"'(\w+)\.(\w+)' as reference", law)
    schemas = {node["name"]: node["schema"] for node in compiler.nodes.values()}
    for table, column in references:
        where = f"{schemas[table]}.{table}"
        change = f"""
            update {where} set {column} = '999'
            where rowid = (select min(rowid) from {where})
        """
        assert spoilt(copy, change, law, f"{table}.{column}")
    assert len(references) >= 25


def test_a_malformed_table_leaves_the_one_before(
    shop: Warehouse, tmp_path: Path
) -> None:
    broken = Warehouse(tmp_path)
    broken.landing = shop.landing
    shutil.copy(shop.database, broken.database)
    before = broken.query("select count(*) from customer_rfm")
    with duckdb.connect(str(broken.database)) as connection:
        connection.execute("insert into rfm_scores from rfm_scores limit 1")
    result = broken.dbt(
        *("run", "--select", "customer_rfm"), variables={"as_of_date": AS_OF}
    )
    assert not result.success
    assert "customer_rfm: 1 keys twice or more: customer_id" in failures(result)
    assert broken.query("select count(*) from customer_rfm") == before
