"""Shops' own ways to write times and numbers, as SQL that reads them strictly."""

import re
from collections.abc import Sequence
from datetime import date
from unicodedata import normalize

from customer_segments.loading.quoting import quote_text

# microseconds in one unit; a nanosecond is a thousandth of one
EPOCHS = {
    "epoch_seconds": "* 1000000",
    "epoch_millis": "* 1000",
    "epoch_micros": "",
    "epoch_nanos": "// 1000",
}
EPOCH_DIGITS = {
    "epoch_seconds": 11,
    "epoch_millis": 14,
    "epoch_micros": 17,
    "epoch_nanos": 19,
}
# days since the end of 1899, as spreadsheets number them; before March 1900 they err
EXCEL_DAYS = "excel_days"
EXCEL_FIRST_DAY = 61
NUMBERED = (*EPOCHS, EXCEL_DAYS)
MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
DIRECTIVES = {
    "%Y": r"([0-9]{4})",
    "%y": r"([0-9]{2})",
    "%m": r"(0?[1-9]|1[0-2])",
    "%b": r"((?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?)",
    "%d": r"(0?[1-9]|[12][0-9]|3[01])",
    "%H": r"([01]?[0-9]|2[0-3])",
    "%I": r"(0?[1-9]|1[0-2])",
    "%M": r"([0-5][0-9])",
    "%S": r"([0-5][0-9])",
    "%f": r"([0-9]{1,6})",
    "%p": r"([AaPp][Mm]|오전|오후)",
    "%z": r"(Z|[+-][0-9]{2}:?[0-9]{2})",
}
DAY = ("%Y", "%m", "%d")
# the same part written in another way
OTHERWISE = {"%y": "%Y", "%b": "%m"}
DIRECTIVE = re.compile(r"%.")
ALLOWED = " ".join(DIRECTIVES)


def check_format(text: str) -> str:
    """The format itself; ValueError says what is wrong with it."""
    if text in NUMBERED:
        return text
    found = DIRECTIVE.findall(text)
    unknown = sorted({d for d in found if d not in DIRECTIVES and d != "%%"})
    if unknown:
        raise ValueError(
            f"{' '.join(unknown)} is none of {ALLOWED}, {', '.join(NUMBERED)}"
        )
    parts = [OTHERWISE.get(directive, directive) for directive in found]
    if len(parts) != len(set(parts)):
        raise ValueError(f"{text} says something twice")
    if not set(DAY) <= set(parts):
        raise ValueError(f"{text} needs %Y (or %y), %m (or %b) and %d")
    if ("%I" in found) != ("%p" in found):
        raise ValueError(f"{text} needs %I and %p together")
    return text


def iso_text(
    text: str, written: str, is_day: bool = False, pivot: int | None = None
) -> str:
    """SQL: a time or day in ISO 8601, or null when it is not written in this way.

    `text` is SQL for the trimmed text; `written` has passed check_format. Without a
    clock a time is the start of the day; of a day the clock does not count. Years of
    two digits are 20.. below `pivot`.
    """
    if written in NUMBERED:
        return numbered_time(text, written, is_day)
    regex, parts = pattern_of(written)
    # without an end, the last part would be the shortest that fits: 2 of 29
    pattern = quote_text(f"^{regex}$")

    def part(directive: str) -> str:
        group = parts.index(directive) + 1
        return f"regexp_extract({text}, {pattern}, {group})"

    def two_digits(directive: str) -> str:
        return f"lpad({part(directive)}, 2, '0')" if directive in parts else "'00'"

    year = part("%Y") if "%Y" in parts else full_year(part("%y"), pivot or 0)
    month = two_digits("%m")
    if "%b" in parts:
        place = f"strpos('{MONTHS}', lower({part('%b')}[:3]))"
        month = f"lpad((({place} + 2) // 3)::varchar, 2, '0')"
    hour = two_digits("%H")
    if "%I" in parts:
        half = f"lower({part('%p')}) in ('pm', '오후')"
        hour = (
            f"lpad(({part('%I')}::integer % 12"
            f" + case when {half} then 12 else 0 end)::varchar, 2, '0')"
        )
    told = f"{year} || '-' || {month} || '-' || {two_digits('%d')}"
    if not is_day:
        clock = f"{hour} || ':' || {two_digits('%M')} || ':' || {two_digits('%S')}"
        told += f" || ' ' || {clock}"
        told += f" || '.' || {part('%f')}" if "%f" in parts else ""
        told += f" || {part('%z')}" if "%z" in parts else ""
    return f"case when regexp_full_match({text}, {pattern}) then {told} end"


def numbered_time(text: str, written: str, is_day: bool) -> str:
    """SQL: an instant or a spreadsheet's day by its number, in ISO 8601, or null.

    What is finer than a microsecond is cut, and a spreadsheet's millisecond rounded. An
    instant is in UTC, a spreadsheet's day in the shop's zone.
    """
    if written == EXCEL_DAYS:
        days = f"try_cast({text} as decimal(18, 10))"
        fits = f"regexp_full_match({text}, '[0-9]{{1,7}}([.][0-9]+)?')"
        fits += f" and {days} >= {EXCEL_FIRST_DAY}"
        moment = (
            "timestamp '1899-12-30' +"
            f" to_milliseconds(round({days}::double * 86400000)::bigint)"
        )
    else:
        fits = f"regexp_full_match({text}, '[0-9]{{1,{EPOCH_DIGITS[written]}}}')"
        moment = f"make_timestamp(try_cast({text} as bigint) {EPOCHS[written]})"
    zone = "" if written == EXCEL_DAYS else "Z"
    shape = "%Y-%m-%d" if is_day else f"%Y-%m-%d %H:%M:%S.%f{zone}"
    return f"case when {fits} then strftime({moment}, '{shape}') end"


def full_year(digits: str, pivot: int) -> str:
    """SQL: a year of two digits in four."""
    return f"case when {digits}::integer < {pivot} then '20' else '19' end || {digits}"


def day_in_name(name: str, written: str, pivot: int | None = None) -> str | None:
    """The day that a file name says, in ISO 8601; `*` stands for anything."""
    regex, parts = pattern_of(normalize("NFC", written))
    found = re.fullmatch(regex.replace(r"\*", ".*"), normalize("NFC", name))
    if found is None:
        return None
    told = {part: found.group(parts.index(part) + 1) for part in parts}
    if "%y" in told:
        century = 2000 if int(told["%y"]) < (pivot or 0) else 1900
        told["%Y"] = str(century + int(told["%y"]))
    if "%b" in told:
        told["%m"] = str(MONTHS.index(told["%b"][:3].lower()) // 3 + 1)
    try:
        return date(*(int(told[part]) for part in DAY)).isoformat()
    except ValueError:
        return None


def pattern_of(written: str) -> tuple[str, list[str]]:
    """A regular expression, and the directive of each of its groups."""
    pattern, parts, position = "", [], 0
    for found in DIRECTIVE.finditer(written):
        pattern += re.escape(written[position : found.start()])
        if found.group() == "%%":
            pattern += "%"
        else:
            pattern += DIRECTIVES[found.group()]
            parts.append(found.group())
        position = found.end()
    return pattern + re.escape(written[position:]), parts


def plain_number(
    text: str, thousands: str | None, decimal: str, symbols: Sequence[str]
) -> str:
    """SQL: a number in plain digits, or null when it is not written in this way.

    Thousands are grouped in threes or not at all; one sign; symbols on either side.
    """
    sign = "|".join(re.escape(symbol) for symbol in symbols)
    before = f"(?:(?:{sign}) ?)?" if symbols else ""
    after = f"(?: ?(?:{sign}))?" if symbols else ""
    whole = "[0-9]+"
    if thousands:
        whole = f"(?:[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+|[0-9]+)"
    pattern = (
        f"(?:[+-]?{before}|{before}[+-]?){whole}(?:{re.escape(decimal)}[0-9]+)?{after}"
    )
    plain = text
    for scrap in [*symbols, *([thousands] if thousands else []), " "]:
        plain = f"replace({plain}, {quote_text(scrap)}, '')"
    if decimal != ".":
        plain = f"replace({plain}, {quote_text(decimal)}, '.')"
    return (
        f"case when regexp_full_match({text}, {quote_text(pattern)}) then {plain} end"
    )
