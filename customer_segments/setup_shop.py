"""The settings that depend on where a shop sells: money, days, holidays, phones.

They follow from its country and are written into dbt_project.yml, which keeps all
else; public holidays go into seeds/holidays.csv. A country of several time zones or
currencies has to say which.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers
from babel.core import get_global
from babel.numbers import get_territory_currencies

from customer_segments.holiday_seed import UnknownRegion, seed_text
from customer_segments.places import ROOT

CURRENCY = "reporting_currency"


class Undecided(Exception):
    """A setting that does not follow from what was said: what to say."""


def one_of(what: str, said: str | None, known: Sequence[str], option: str) -> str:
    """What was said, or the only thing that is known; Undecided."""
    if said is not None:
        return said
    if len(known) == 1:
        return known[0]
    choice = ", ".join(sorted(known)) or "none is known for it"
    raise Undecided(f"its {what}: say {option}, one of {choice}")


def settings(
    country: str, currency: str | None = None, zone: str | None = None
) -> dict[str, str]:
    """Lines of dbt_project.yml by name, for an ISO 3166 country; Undecided."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise Undecided(
            f"{country} is no country of ISO 3166 such as DE, KR or US: say --country"
        )
    zones = [one for one, of in get_global("zone_territories").items() if of == country]
    currencies = get_territory_currencies(country)
    found_zone = one_of("time zone", zone, zones, "--time-zone")
    found_currency = one_of("currency", currency, currencies, "--currency")
    if found_zone not in available_timezones():
        raise Undecided(f"{found_zone} is no time zone such as Europe/Berlin")
    if not re.fullmatch("[A-Z]{3}", found_currency):
        raise Undecided(f"{found_currency} is no currency of ISO 4217 such as EUR")
    return {
        "business_timezone": found_zone,
        "holiday_country": country,
        CURRENCY: found_currency,
        "phone_country_code": f'"{metadata.country_code}"',
        "mobile_number_pattern": f"'{mobile_pattern(metadata)}'",
    }


def mobile_pattern(metadata: phonenumbers.PhoneMetadata) -> str:
    r"""A regular expression of E.164 numbers that can receive texts, such as \+8210…

    Where a mobile number looks like any other, its length decides.
    """
    mobile, fixed, any_number = (
        getattr(metadata, kind) for kind in ("mobile", "fixed_line", "general_desc")
    )
    national = mobile.national_number_pattern
    if national == fixed.national_number_pattern:
        lengths = mobile.possible_length or any_number.possible_length
        shortest, longest = min(lengths), max(lengths)
        count = shortest if shortest == longest else f"{shortest},{longest}"
        national = f"[0-9]{{{count}}}"
    return rf"^\+{metadata.country_code}(?:{national})$"


def replaced(text: str, lines: Mapping[str, str]) -> str:
    """The project file with these settings; comments and all else stay.

    Undecided when a setting is not there to be replaced. A free delivery that was meant
    in another currency is none.
    """
    was = re.search(rf"^  {CURRENCY}: (\S+)", text, re.MULTILINE)
    if was and was[1] != lines[CURRENCY]:
        lines = {**lines, "free_delivery_from": "null"}
    for name, value in lines.items():
        line = r"\g<1>" + value.replace("\\", r"\\")
        text, count = re.subn(rf"^(  {name}: ).*$", line, text, flags=re.MULTILINE)
        if count != 1:
            raise Undecided(
                f"dbt_project.yml has no line for {name}: add it under vars"
            )
    return text


def main(argv: Sequence[str] | None = None) -> int:
    """Show the lines and write them when asked; 0 done, 2 something is to be said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--country", required=True, type=str.upper, help="such as DE")
    parser.add_argument("--currency", type=str.upper, help="such as EUR")
    parser.add_argument("--time-zone", help="such as Europe/Berlin")
    parser.add_argument("--region", help="whose holidays count there, such as BY")
    parser.add_argument("--project-dir", type=Path, default=ROOT)
    parser.add_argument("--write", action="store_true", help="change dbt_project.yml")
    options = parser.parse_args(argv)
    path = options.project_dir / "dbt_project.yml"
    try:
        before = path.read_text("utf-8")
        lines = settings(options.country, options.currency, options.time_zone)
        after = replaced(before, lines)
        seed = options.project_dir / "seeds" / "holidays.csv"
        days_off = seed_text(options.country, options.region)
        is_new_seed = days_off != seed.read_text("utf-8")
    except (Undecided, UnknownRegion, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    changes = [
        f"- {old}\n+ {new}"
        for old, new in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new
    ]
    if is_new_seed:
        said = "the public holidays of Korea and of"
        changes.append(f"+ {seed.name}: {said} {options.country}")
    print("\n".join(changes) or "dbt_project.yml has these settings already.")
    if changes and options.write:
        path.write_text(after, "utf-8")
        seed.write_text(days_off, "utf-8")
        print("Written. Now: dbt build")
    elif changes:
        print("Nothing was written: say --write.")
    return 0
