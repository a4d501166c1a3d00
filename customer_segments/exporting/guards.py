"""What must hold before an audience may replace the one before."""

from collections.abc import Sequence
from datetime import date

from customer_segments.exporting.judging import Audience, Verdict
from customer_segments.exporting.planning import LinePlan

DEFINED = "models/marts/audiences/audience_definitions.yml"


def broken_guards(audience: Audience, verdict: Verdict, plan: LinePlan) -> list[str]:
    """Guards that an audience breaks, each with numbers and remedy.

    Wishes count for nobody's guard: who withdrew since the build still counts for
    min_rows, and is left out of both sides of max_removed_share. An audience without
    data changes by nothing else.
    """
    if audience.missing is not None:
        return []
    remedy = f"If that is right, change guards.{{}} in {DEFINED} and run dbt build"
    broken = []
    wanted = verdict.rows + verdict.dropped_by_wish
    if not wanted >= audience.min_rows:
        broken.append(
            f"{audience.name}: guard min_rows: {wanted} rows, at least"
            f" {audience.min_rows} must be. {remedy.format('min_rows')}."
        )
    if not verdict.rows <= audience.max_rows:
        broken.append(
            f"{audience.name}: guard max_rows: {verdict.rows} rows, at most"
            f" {audience.max_rows} may be. {remedy.format('max_rows')}."
        )
    could_stay = plan.there - plan.barred
    share = plan.leaving / could_stay if could_stay else 0.0
    if not share <= audience.max_removed_share:
        broken.append(
            f"{audience.name}: guard max_removed_share: {plan.leaving} of {could_stay}"
            f" at {audience.destination} are gone ({share:.1%}), at most"
            f" {audience.max_removed_share:.1%} may be."
            f" {remedy.format('max_removed_share')}."
        )
    grown = plan.added / plan.there if plan.there else 0.0
    if audience.max_added_share is not None and grown > audience.max_added_share:
        broken.append(
            f"{audience.name}: guard max_added_share: {plan.added} would join the"
            f" {plan.there} at {audience.destination} ({grown:.1%}), at most"
            f" {audience.max_added_share:.1%} may."
            f" {remedy.format('max_added_share')}."
        )
    return broken


def without_data(audience: Audience) -> list[str]:
    """Why nobody enters or leaves an audience, and the remedy."""
    if audience.missing is None:
        return []
    return [
        f"{audience.name}: stopped, since a segment that it names has no data:"
        f" {audience.missing}. Nobody was added, and nobody removed but by their own"
        f" wish. Load it, or take the segment out of {DEFINED}; then run dbt build."
    ]


def consent_dispute(audience: Audience, verdict: Verdict) -> list[str]:
    """What the plain check of the raw wishes holds against an audience."""
    if not verdict.disputed:
        return []
    reasons = ", ".join(f"{name} {rows}" for name, rows in verdict.disputed.items())
    return [
        f"{audience.name}: consent check: {sum(verdict.disputed.values())} rows pass"
        f" the models but not the raw wishes ({reasons}). Export again; if it stays,"
        " int_customer_channels disagrees with raw.consents, raw.suppressions or"
        " raw.deletion_requests, and must be repaired."
    ]


def wrong_age(
    audiences: Sequence[Audience], yesterday: date, max_age_days: int | None
) -> list[str]:
    """Why a build of a day may not be exported; a day that is not over is too new.

    Age is counted in whole days before yesterday; None = any age. An audience may
    ask for a younger build than the command does.
    """
    if max_age_days is None:
        return []
    as_of = audiences[0].as_of_date
    age = (yesterday - as_of).days
    if age < 0:
        return [
            f"the build describes {as_of}, a day that is not over; run dbt build with"
            " another as_of_date"
        ]
    if age > max_age_days:
        return [
            f"the build describes {as_of}, {age} days before yesterday; at most"
            f" {max_age_days} are allowed. Run dbt build, or say --max-age-days"
        ]
    return [
        f"{audience.name}: the build describes {as_of}, {age} days before yesterday;"
        f" guard max_age_days allows {audience.max_age_days}. Run dbt build"
        for audience in audiences
        if audience.max_age_days is not None and age > audience.max_age_days
    ]


def wrong_mode(name: str, mode: str, destination: str, effect: str) -> list[str]:
    """Why the mode of an audience does not suit what its destination does."""
    suited = {
        "send": ("trigger",),
        "set": ("mirror", "add_only"),
        "file": ("mirror", "snapshot"),
    }[effect]
    if mode in suited:
        return []
    return [
        f"{name}: mode {mode} does not suit {destination}, which takes"
        f" {' or '.join(suited)}; change mode in {DEFINED} and run dbt build"
    ]
