"""Everything that was decided about one customer, and what decided it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape

from customer_segments.build_record import NotReadable, opened_build, refusal
from customer_segments.missing import what_to_load
from customer_segments.names import Names
from customer_segments.places import database
from customer_segments.terminal import console, shown, table
from customer_segments.wording import LANGUAGES

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "customer": "[bold]Customer {customer}[/] at the end of {day}",
        "test": "A test account: no scores, stages, segments or audiences.",
        "profile": "{age}, {gender}; {orders} valid orders, net revenue {revenue}",
        "stage": "Purchase stage: {stage} since {since}",
        "gap": "  usual gap {gap:.0f} days, last purchase {bought}: slipping away from "
        "{slips} ({slips_from}), churned from {churns} ({churns_from})",
        "never": "no day",
        "left": "; {days} days left",
        "activity": "Activity: {state}, last active {day}",
        "no_scores": "RFM: {name}, without scores",
        "measure": "measure",
        "value": "value",
        "score": "score",
        "bounds": "one more for each threshold exceeded",
        "recency": "recency",
        "frequency": "frequency",
        "monetary": "money",
        "ago": "{count} days ago",
        "apart": "{count} days apart",
        "in": "In these segments",
        "nearly": "One condition short of these",
        "out": "Not in these segments",
        "unknown": "Not known for want of data",
        "segment": "segment",
        "since": "since",
        "condition": "condition",
        "found": "found",
        "days": "days left",
        "missing": "not met",
        "opt_out": "No advertising by {channel} since {day} ({road})",
        "own_page": "own page",
        "message": "message",
        "vendor_list": "list of a vendor",
        "unread": "wish that could not be read",
        "audiences": "Audiences",
        "audience": "audience",
        "channel": "channel",
        "decision": "decision",
        "receives": "receives it",
        "not_in": "not in its segments",
        "more": "{segments} more segments and {audiences} more audiences that nothing "
        "speaks for: --all",
        "say_which": "Say which customer: make why CUSTOMER=C10000042",
        "nobody": "No customer {customer!r}: give the customer_id as the shop writes "
        "it, such as: make why CUSTOMER=C10000042",
    },
    "ko": {
        "customer": "[bold]고객 {customer}[/] {day} 기준",
        "test": "테스트 계정이라 점수, 단계, 세그먼트, 오디언스가 없습니다.",
        "profile": "{age}, {gender}, 유효 주문 {orders}건, 누적 순매출 {revenue}",
        "stage": "구매 단계: {stage} ({since}부터)",
        "gap": "  평소 구매 간격 {gap:.0f}일, 마지막 구매 {bought}. 이탈 위험 {slips}"
        "({slips_from}), 이탈 {churns}({churns_from})",
        "never": "해당 없음",
        "left": ". {days}일 남음",
        "activity": "방문 상태: {state}, 마지막 방문 {day}",
        "no_scores": "RFM: {name}, 점수 없음",
        "measure": "지표",
        "value": "값",
        "score": "점수",
        "bounds": "기준(하나 넘을 때마다 1점)",
        "recency": "최근성",
        "frequency": "빈도",
        "monetary": "금액",
        "ago": "{count}일 전",
        "apart": "{count}일 간격",
        "in": "속한 세그먼트",
        "nearly": "조건 하나만 더 충족하면 되는 세그먼트",
        "out": "속하지 않은 세그먼트",
        "unknown": "데이터가 없어 알 수 없는 세그먼트",
        "segment": "세그먼트",
        "since": "진입일",
        "condition": "조건",
        "found": "고객의 값",
        "days": "남은 일수",
        "missing": "충족하지 못한 조건",
        "opt_out": "{channel} 광고 수신거부 {day}부터({road})",
        "own_page": "마이페이지",
        "message": "메시지",
        "vendor_list": "대행사 목록",
        "unread": "확인할 수 없는 의사 표시",
        "audiences": "오디언스",
        "audience": "오디언스",
        "channel": "채널",
        "decision": "결과",
        "receives": "발송 대상",
        "not_in": "대상 세그먼트 아님",
        "more": "해당 없는 세그먼트 {segments}개와 오디언스 {audiences}개는 --all로 "
        "볼 수 있습니다",
        "say_which": "고객을 적으세요: make why CUSTOMER=C10000042",
        "nobody": "{customer!r} 고객이 없습니다. 쇼핑몰의 customer_id를 적으세요. 예: "
        "make why CUSTOMER=C10000042",
    },
}
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
        at_risk_from_{language}, churned_from_{language}
    from main_intermediate.int_purchase_deadlines as deadlines
    inner join stage_calibration
        on deadlines.buyer_class = stage_calibration.buyer_class and is_in_force
    where customer_id = ? and next_purchased_on is null
"""
SCORES = """
    select
        measure, unit, recency_days, frequency, frequency_of, average_gap_days,
        monetary, recency_score, frequency_score, monetary_score,
        list_filter(
            [threshold_1, threshold_2, threshold_3, threshold_4],
            lambda bound: bound is not null
        ) as thresholds
    from rfm_scores
    inner join main_seeds.rfm_profiles using (profile)
    inner join rfm_thresholds using (profile)
    where is_default and customer_id = ?
    order by measure desc
"""
OTHER_SCORES = """
    select label_{language}, rfm_segment
    from rfm_scores
    inner join main_seeds.rfm_profiles using (profile)
    where not is_default and customer_id = ?
    order by profile
"""
# A segment is nearly reached when one of several conditions is not met.
SEGMENTS = """
    with conditions as (
        select
            reasons.segment,
            reasons.condition_number,
            reasons.condition_{language} as words,
            reasons.observed_value,
            reasons.is_met,
            reasons.days_until_unmet,
            asked.traits,
            count(*) filter (where not is_met) over own as unmet_count,
            count(*) filter (where is_met) over own as met_count
        from segment_reasons as reasons
        inner join main_intermediate.int_segment_conditions as asked
            using (segment, condition_number)
        where customer_id = ?
        window own as (partition by segment)
    )

    select
        case
            when unmet_count + met_count = 0 then 'unknown'
            when unmet_count = 0 then 'in'
            when unmet_count = 1 and met_count > 0 then 'nearly'
            else 'out'
        end as state,
        conditions.segment,
        -- between two recorded days, or before the first of the segment
        case
            when segment_members.customer_id is null
                then null
            when entered_on is null
                then '≤ ' || (
                    select min(as_of_date)
                    from segment_sizes
                    where segment_sizes.segment = conditions.segment
                )
            when not_before < entered_on
                then not_before || ' ~ ' || entered_on
            else entered_on::varchar
        end as entered_on,
        missing_data,
        words,
        observed_value,
        is_met,
        days_until_unmet,
        traits
    from conditions
    inner join segments on conditions.segment = segments.segment
    left join segment_members
        on
            conditions.segment = segment_members.segment
            and segment_members.customer_id = ?
    order by conditions.segment, condition_number
"""
OPT_OUTS = """
    select channel, opted_out_on, road
    from opt_outs
    where customer_id = ?
    order by channel
"""
AUDIENCES = """
    select
        audiences.audience,
        audiences.channel,
        audiences.missing_data,
        audience_members.customer_id is not null as is_member,
        audience_exclusions.reason,
        audience_exclusions.lost_to
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


class Explainer:
    """Explains a customer of a build in a language, with all that is not or without."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        out: Console,
        language: str,
        shows_all: bool,
    ) -> None:
        self.connection, self.out = connection, out
        self.language, self.shows_all = language, shows_all
        self.texts = TEXTS[language]
        self.names = Names(connection, language)

    def rows(self, query: str, *given: str) -> list[dict[str, Any]]:
        """Rows of a query, whose columns may be of the language."""
        found = self.connection.execute(
            query.replace("{language}", self.language), list(given)
        )
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def say(self, key: str, **values: object) -> None:
        """Print a line."""
        told = {name: escape(str(value)) for name, value in values.items()}
        self.out.print(self.texts[key].format(**told))

    def table(
        self, title: str, keys: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        """Print a table whose headings are texts; nothing of no rows."""
        if rows:
            heads = [self.texts.get(key, key) for key in keys]
            cells = [[shown(cell, self.language) for cell in row] for row in rows]
            numbers = [n for n, key in enumerate(keys) if key in ("score", "days")]
            self.out.print(table(f"\n{title}", heads, cells, numbers))

    def explain(self, customer_id: str) -> bool:
        """Print what is known; False when there is no such customer."""
        found = self.rows(PROFILE, customer_id)
        if not found:
            return False
        [profile] = found
        self.say("customer", customer=customer_id, day=profile["as_of_date"])
        if profile["is_test"]:
            self.say("test")
            return True
        self.standing(profile, customer_id)
        self.scores(profile["rfm_segment"], customer_id)
        hidden = self.segments(customer_id)
        for one in self.rows(OPT_OUTS, customer_id):
            self.say(
                "opt_out",
                channel=self.names.label("channels", one["channel"]),
                day=one["opted_out_on"],
                road=self.texts[one["road"]],
            )
        left_out = self.audiences(customer_id)
        if hidden or left_out:
            self.out.print()
            self.say("more", segments=hidden, audiences=left_out)
        return True

    def standing(self, profile: Mapping[str, Any], customer_id: str) -> None:
        """Print who the customer is and where they stand."""
        label, texts = self.names.label, self.texts
        revenue = profile["net_revenue"]
        self.say(
            "profile",
            age=label("age_band", profile["age_band"]),
            gender=label("gender", profile["gender"]),
            orders=shown(profile["order_count"]),
            revenue="–"
            if revenue is None
            else self.names.currency.shown(revenue, self.language),
        )
        self.say(
            "stage",
            stage=label("purchase_stage", profile["purchase_stage"]),
            since=profile["purchase_stage_since"],
        )
        for gap in self.rows(GAP, customer_id):
            line = texts["gap"].format(
                gap=gap["expected_gap_days"],
                bought=gap["purchased_on"],
                slips=gap["at_risk_on"] or texts["never"],
                slips_from=gap[f"at_risk_from_{self.language}"],
                churns=gap["churned_on"] or texts["never"],
                churns_from=gap[f"churned_from_{self.language}"],
            )
            if profile["churns_on"]:
                days = (profile["churns_on"] - profile["as_of_date"]).days
                line += texts["left"].format(days=days)
            self.out.print(line, markup=False)
        self.say(
            "activity",
            state=label("activity_state", profile["activity_state"]),
            day=shown(profile["last_active_on"]),
        )

    def scores(self, name: str, customer_id: str) -> None:
        """Print the RFM scores and the thresholds that decided them."""
        label = self.names.label("rfm_segment", name)
        scores = self.rows(SCORES, customer_id)
        if not scores:
            self.say("no_scores", name=label)
            return
        rows = [
            (
                self.texts[one["measure"]],
                self.measured(one, self.own_value(one)),
                one[f"{one['measure']}_score"],
                " | ".join(self.measured(one, bound) for bound in one["thresholds"]),
            )
            for one in scores
        ]
        self.table(f"RFM: {label}", ["measure", "value", "score", "bounds"], rows)
        for one in self.rows(OTHER_SCORES, customer_id):
            other = self.names.label("rfm_segment", one["rfm_segment"])
            self.out.print(f"  {one[f'label_{self.language}']}: {other}", markup=False)

    def own_value(self, score: Mapping[str, Any]) -> Any:
        """What a score is of; None = unknown."""
        if score["measure"] != "frequency":
            key = {"recency": "recency_days", "monetary": "monetary"}
            return score[key[score["measure"]]]
        is_cadence = score["frequency_of"] == "cadence"
        return score["average_gap_days" if is_cadence else "frequency"]

    def measured(self, score: Mapping[str, Any], value: Any) -> str:
        """A value or a threshold of a score in its unit."""
        if value is None:
            return "–"
        if score["measure"] == "monetary":
            return self.names.currency.shown(value, self.language)
        if score["unit"] == "days":
            key = "ago" if score["measure"] == "recency" else "apart"
            return self.texts[key].format(count=f"{value:,.0f}")
        return f"{value:,.0f}"

    def segments(self, customer_id: str) -> int:
        """Print the segments that something speaks for; how many others there are."""
        states: dict[str, list[dict[str, Any]]] = {}
        for one in self.rows(SEGMENTS, customer_id, customer_id):
            states.setdefault(one["state"], []).append(one)
        keys = ["segment", "", "since", "condition", "found", "days"]
        self.table(self.texts["in"], keys, list(self.members(states.get("in", []))))
        for state in ("nearly", "out"):
            unmet = [one for one in states.get(state, []) if not one["is_met"]]
            rows = [
                (*self.named(one["segment"]), one["words"], self.found(one))
                for one in unmet
            ]
            if state == "nearly" or self.shows_all:
                keys = ["segment", "", "missing", "found"]
                self.table(self.texts[state], keys, rows)
        unknown = {
            one["segment"]: one["missing_data"] for one in states.get("unknown", [])
        }
        self.table(
            self.texts["unknown"],
            ["segment", "", ""],
            [
                (*self.named(segment), what_to_load(missing, self.language))
                for segment, missing in unknown.items()
            ],
        )
        others = {one["segment"] for one in states.get("out", [])}
        return 0 if self.shows_all else len(others)

    def named(self, segment: str) -> tuple[str, str]:
        """A segment's name and its label."""
        return segment, self.names.label("segments", segment)

    def members(
        self, conditions: Sequence[Mapping[str, Any]]
    ) -> Iterator[Sequence[object]]:
        """A row for each condition that is met; the segment stands in its first."""
        before = None
        for one in conditions:
            is_first = one["segment"] != before
            before = one["segment"]
            yield (
                *(self.named(before) if is_first else ("", "")),
                one["entered_on"] if is_first else "",
                one["words"],
                self.found(one),
                "" if one["days_until_unmet"] is None else one["days_until_unmet"],
            )

    def found(self, condition: Mapping[str, Any]) -> str:
        """What was observed, as people call it; a dash for what is no single value."""
        value = condition["observed_value"]
        if value is None:
            return "–"
        for trait in (condition["traits"] or "").split("|"):
            label = self.names.label(trait, value)
            if label != value:
                return label
        if value in ("true", "false"):
            return shown(value == "true", self.language)
        try:
            number = Decimal(value)
        except InvalidOperation:
            return str(value)
        is_whole = number == number.to_integral_value()
        return f"{int(number):,}" if is_whole else f"{number.normalize():,}"

    def audiences(self, customer_id: str) -> int:
        """Print what was decided about audiences; how many others there are."""
        rows, others = [], 0
        for one in self.rows(AUDIENCES, customer_id, customer_id):
            is_out = not (one["missing_data"] or one["is_member"] or one["reason"])
            others += is_out
            if is_out and not self.shows_all:
                continue
            rows.append(
                (
                    one["audience"],
                    self.names.label("audiences", one["audience"]),
                    self.names.label("channels", one["channel"]),
                    self.decision(one),
                )
            )
        keys = ["audience", "", "channel", "decision"]
        self.table(self.texts["audiences"], keys, rows)
        return 0 if self.shows_all else others

    def decision(self, audience: Mapping[str, Any]) -> str:
        """What was decided about an audience, and why."""
        if audience["missing_data"]:
            return what_to_load(audience["missing_data"], self.language)
        if audience["is_member"]:
            return self.texts["receives"]
        if audience["reason"] is None:
            return self.texts["not_in"]
        reason = self.names.label("exclusion_reasons", audience["reason"])
        if audience["lost_to"]:
            reason += f": {self.names.label('audiences', audience['lost_to'])}"
        return reason


def main(argv: Sequence[str] | None = None) -> int:
    """Explain a customer; 0 done, 2 unknown customer or no warehouse, 75 busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customer_id")
    parser.add_argument("--database", type=Path, default=database())
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument(
        "--all", action="store_true", help="also what nothing speaks for"
    )
    options = parser.parse_args(argv)
    language, texts = options.lang, TEXTS[options.lang]
    if not options.customer_id:
        print(texts["say_which"], file=sys.stderr)
        return 2
    path, out = options.database.resolve(), console()
    try:
        with opened_build(path, out, language) as (connection, _):
            explainer = Explainer(connection, out, language, options.all)
            if explainer.explain(options.customer_id):
                return 0
    except (NotReadable, duckdb.CatalogException) as error:
        return refusal(path, error, language)
    print(texts["nobody"].format(customer=options.customer_id), file=sys.stderr)
    return 2
