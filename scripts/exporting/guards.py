"""What must hold before an audience may replace the one before."""

from datetime import date
from pathlib import Path

from scripts.exporting.judging import Audience, Verdict
from scripts.exporting.names import file_name

DEFINED = "models/audiences/audience_decisions.yml"


def broken_guards(audience: Audience, verdict: Verdict, out: Path) -> list[str]:
    """Guards that an audience breaks, each with numbers and remedy.

    Wishes count for nobody's guard: who withdrew since the build still counts for
    min_rows, and is left out of both sides of max_removed_share.
    """
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
    could_stay = verdict.previous - verdict.previous_barred
    share = verdict.previous_leaving / could_stay if could_stay else 0.0
    if not share <= audience.max_removed_share:
        broken.append(
            f"{audience.name}: guard max_removed_share: {verdict.previous_leaving} of"
            f" {could_stay} earlier customers are gone ({share:.1%}), at most"
            f" {audience.max_removed_share:.1%} may be."
            f" {remedy.format('max_removed_share')}, or remove"
            f" {out / file_name(audience.name)} to start afresh."
        )
    return broken


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


def wrong_age(as_of: date, yesterday: date, max_age_days: int | None) -> list[str]:
    """Why a build of a day may not be exported; a day that is not over is too new.

    Age is counted in whole days before yesterday; None = any age.
    """
    if max_age_days is None:
        return []
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
    return []
