"""Shops' own ways to write times and numbers, as SQL that reads them strictly."""

import re
from collections.abc import Sequence
from datetime import date
from unicodedata import normalize

from customer_segments.loading.quoting import quote_text

EPOCHS = {"epoch_seconds": 1_000_000, "epoch_millis": 1_000, "epoch_micros": 1}
EPOCH_DIGITS = {"epoch_seconds": 11, "epoch_millis": 14, "epoch_micros": 17}
DIRECTIVES = {
    "%Y": r"([0-9]{4})",
    "%m": r"(0?[1-9]|1[0-2])",
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
WHOLE = ("%Y", "%f", "%p", "%z")
DIRECTIVE = re.compile(r"%.")
ALLOWED = "%Y %m %d %H %I %M %S %f %p %z"


def check_format(text: str) -> str:
    """The format itself; ValueError says what is wrong with it."""
    if text in EPOCHS:
        return text
    found = DIRECTIVE.findall(text)
    unknown = sorted({d for d in found if d not in DIRECTIVES and d != "%%"})
    if unknown:
        raise ValueError(
            f"{' '.join(unknown)} is none of {ALLOWED}, {', '.join(EPOCHS)}"
        )
    if len(found) != len(set(found)):
        raise ValueError(f"{text} says something twice")
    if not set(DAY) <= set(found):
        raise ValueError(f"{text} needs %Y, %m and %d")
    if ("%I" in found) != ("%p" in found):
        raise ValueError(f"{text} needs %I and %p together")
    return text


def iso_text(text: str, written: str, is_day: bool = False) -> str:
    """SQL: a time or day in ISO 8601, or null when it is not written in this way.

    `text` is SQL for the trimmed text; `written` has passed check_format. Without a
    clock a time is the start of the day; of a day the clock does not count.
    """
    if written in EPOCHS:
        digits = f"[0-9]{{1,{EPOCH_DIGITS[written]}}}"
        return (
            f"case when regexp_full_match({text}, '{digits}') then strftime("
            f"make_timestamp(try_cast({text} as bigint) * {EPOCHS[written]}),"
            f" '{'%Y-%m-%d' if is_day else '%Y-%m-%d %H:%M:%S.%fZ'}') end"
        )
    regex, parts = pattern_of(written)
    # without an end, the last part would be the shortest that fits: 2 of 29
    pattern = quote_text(f"^{regex}$")

    def part(directive: str, otherwise: str = "00") -> str:
        if directive not in parts:
            return f"'{otherwise}'"
        group = parts.index(directive) + 1
        digits = f"regexp_extract({text}, {pattern}, {group})"
        return digits if directive in WHOLE else f"lpad({digits}, 2, '0')"

    hour = part("%H")
    if "%I" in parts:
        half = f"lower({part('%p')}) in ('pm', '오후')"
        hour = (
            f"lpad(({part('%I')}::integer % 12"
            f" + case when {half} then 12 else 0 end)::varchar, 2, '0')"
        )
    clock = f" || ' ' || {hour} || ':' || {part('%M')} || ':' || {part('%S')}"
    if "%f" in parts:
        clock += f" || '.' || {part('%f')}"
    if "%z" in parts:
        clock += f" || {part('%z')}"
    if is_day:
        clock = ""
    return (
        f"case when regexp_full_match({text}, {pattern})"
        f" then {part('%Y')} || '-' || {part('%m')} || '-' || {part('%d')}{clock} end"
    )


def day_in_name(name: str, written: str) -> str | None:
    """The day that a file name says, in ISO 8601; `*` stands for anything."""
    regex, parts = pattern_of(normalize("NFC", written))
    found = re.fullmatch(regex.replace(r"\*", ".*"), normalize("NFC", name))
    if found is None:
        return None
    told = {part: int(found.group(parts.index(part) + 1)) for part in DAY}
    try:
        return date(*(told[part] for part in DAY)).isoformat()
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
