"""The seed `holidays`: Korea's, and those of the country where a shop sells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from holidays import country_holidays
from holidays.utils import list_supported_countries

YEARS = range(1995, 2036)
COLUMNS = ("country", "day", "name_en", "name_ko")
KOREA = "KR"
# Where holidays differ by region, that of most people, unless somebody says another.
REGIONS = {"GB": "ENG"}


class UnknownRegion(Exception):
    """A region of which no holidays are known; says of which they are."""


def holidays_of(
    country: str, region: str | None = None
) -> Iterator[tuple[str, date, str, str]]:
    """Country, day and names of its public holidays, by day; UnknownRegion.

    The English name is the local one where there is no other, the Korean one empty.
    None for a country that nobody has looked up.
    """
    known = list_supported_countries(include_aliases=False)
    regions = sorted(known.get(country, ()))
    region = region or REGIONS.get(country)
    if region is not None and region not in regions:
        raise UnknownRegion(
            f"{region} is no region of {country} with holidays of its own:"
            f" {', '.join(regions) or 'it has none'}"
        )
    if country not in known:
        return
    calendars = {}
    for language in ("en_US", "ko"):
        calendar = country_holidays(country, subdiv=region, years=YEARS)
        speaks = language in getattr(calendar, "supported_languages", ())
        if speaks:
            calendar = country_holidays(
                country, subdiv=region, years=YEARS, language=language
            )
        calendars[language] = calendar if speaks or language == "en_US" else {}
    for day, name in sorted(calendars["en_US"].items()):
        yield country, day, name, calendars["ko"].get(day, "")


def seed_text(country: str, region: str | None = None) -> str:
    """The seed as CSV, Korea first; UnknownRegion."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(holidays_of(KOREA, region if country == KOREA else None))
    if country != KOREA:
        rows.writerows(holidays_of(country, region))
    return text.getvalue()
