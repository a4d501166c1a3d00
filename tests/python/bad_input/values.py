"""Values that share files: ids, amounts, times and texts, a good row after each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from tests.python.bad_input.common import (
    AMOUNTS,
    IDS,
    INTACT,
    LATER,
    MEGABYTE,
    MOMENT,
    NEW_YORK,
    ROWS,
    TIMES,
    Kept,
    NotYet,
    Quarantined,
    Value,
)


def faults(
    section: str,
    table: str,
    column: str,
    reason: str,
    values: Mapping[str, str | None],
    *options: str,
    apart: str = "",
) -> Iterator[Value]:
    """Values of one column that are quarantined for one reason."""
    fate = Quarantined(column, reason)
    for id, value in values.items():
        yield Value(section, id, table, {column: value}, fate, options, apart)


def kept(
    section: str,
    table: str,
    column: str,
    values: Mapping[str, tuple[str, object]],
    *options: str,
) -> Iterator[Value]:
    """Values of one column, and what each must be in staging."""
    for id, (value, exact) in values.items():
        fate = Kept({column: exact})
        yield Value(section, id, table, {column: value}, fate, options)


KEYS = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_id",
    "refunds": "refund_id",
    "events": "event_id",
    "consents": "customer_id",
    "suppressions": "identifier",
    "deletion_requests": "customer_id",
    "exchange_rates": "currency",
    "product_prices": "product_id",
    "campaign_messages": "message_id",
}


def ids() -> Iterator[Value]:
    """Null, empty and float ids, orphans."""
    for table, column in KEYS.items():
        values = {"null": None, "empty": "", "of_spaces": "   "}
        values |= {"of_a_tab": "\t", "of_wide_spaces": "\u3000\u00a0"}
        named = {f"{table}_id_{word}": value for word, value in values.items()}
        yield from faults(IDS, table, column, "missing_id", named)
    yield from faults(
        IDS, "order_items", "line", "missing_id", {"order_items_line_empty": ""}
    )
    floats = {"id_float_1": "1.5", "id_float_2": "2.5", "id_float_whole": "7.0"}
    floats |= {"id_float_of_a_spreadsheet": "1.23457E+12", "id_float_minus": "-1.5"}
    floats |= {"id_float_exponent": "1E+12", "id_float_point": "7."}
    yield from faults(IDS, "orders", "order_id", "float_id", floats)
    for table, column in {
        "orders": "customer_id",
        "customers": "customer_id",
        "events": "customer_id",
        "refunds": "order_id",
        "order_items": "product_id",
        "consents": "channel",
    }.items():
        values = {f"{table}_{column}_float": "3.5"}
        yield from faults(IDS, table, column, "float_id", values)
    for table, column in {
        "orders": "customer_id",
        "events": "customer_id",
        "campaign_messages": "customer_id",
        "refunds": "order_id",
        "order_items": "order_id",
        "consents": "customer_id",
    }.items():
        yield from faults(IDS, table, column, "orphan", {f"{table}_orphan": "nobody"})
    yield from kept(IDS, "orders", "customer_id", {"order_of_a_guest": ("", None)})
    yield from kept(IDS, "events", "customer_id", {"event_of_nobody": (" ", None)})


BAD_AMOUNTS = {
    "amount_not_available": "N/A",
    "amount_in_parentheses": "(5.00)",
    "amount_with_thousands": "1,234.50",
    "amount_european": "1.234,50",
    "amount_decimal_comma": "5,5",
    "amount_with_won_sign": "₩5000",
    "amount_with_dollar_sign": "$5",
    "amount_with_won_word": "5000원",
    "amount_arabic_digits": "٥٠٠",
    "amount_hexadecimal": "0x1F",
    "amount_octal": "0o17",
    "amount_exponent": "1e3",
    "amount_exponent_capital": "1E3",
    "amount_underscore": "1_000",
    "amount_spaces_inside": "5 000",
    "amount_nan": "NaN",
    "amount_infinity": "Infinity",
    "amount_inf": "inf",
    "amount_minus_infinity": "-Infinity",
    "amount_sign_after": "5000-",
    "amount_two_signs": "--5",
    "amount_sign_and_space": "- 5",
    "amount_unicode_minus": "−5",
    "amount_sign_alone": "-",
    "amount_without_whole_part": ".5",
    "amount_without_fraction": "5.",
    "amount_two_points": "1.2.3",
    "amount_percent": "50%",
    "amount_null_word": "null",
    "amount_formula": "=2500*2",
    "amount_no_break_space": "5000\u00a0",
    "amount_zero_width_space": "5000\u200b",
}
AMOUNTS_TOO_FINE = {
    "amount_of_five_decimals": "1.23456",
    "amount_of_half_a_won": "5000.5",
    "amount_of_a_ten_thousandth": "0.0001",
}
AMOUNTS_TOO_LARGE = {
    "amount_overflow": "100000000000000",
    "amount_overflow_below_zero": "-100000000000000",
    "amount_of_60_digits": "9" * 60,
}
GOOD_AMOUNTS = {
    "amount_zero": ("0", Decimal(0)),
    "amount_minus_zero": ("-0", Decimal(0)),
    "amount_plus_sign": ("+5000", Decimal(5000)),
    "amount_spaces_around": ("  5000 ", Decimal(5000)),
    "amount_leading_zeros": ("007", Decimal(7)),
    "amount_zero_decimals": ("5000.000000", Decimal(5000)),
    "amount_full_width": ("５０００", Decimal(5000)),
    "amount_largest": ("99999999999999", Decimal(99999999999999)),
}
BAD_INTEGERS = {
    "fraction": "1.5",
    "exponent": "1e3",
    "underscore": "1_000",
    "hexadecimal": "0x1F",
    "thousands": "1,000",
    "nan": "NaN",
    "words": "two",
    "clock": "00:05",
    "overflow": "2147483648",
    "overflow_below_zero": "-2147483649",
}


def amounts() -> Iterator[Value]:
    """What is no amount, has too many decimals, is too large or below nothing."""
    for reason, values in (
        ("bad_amount", BAD_AMOUNTS),
        ("too_many_decimals", AMOUNTS_TOO_FINE),
        ("amount_overflow", AMOUNTS_TOO_LARGE),
        ("missing_amount", {"amount_empty": "", "amount_of_spaces": "  "}),
        ("negative_sale", {"sale_negative": "-5000", "sale_negative_by_one": "-1"}),
    ):
        yield from faults(AMOUNTS, "orders", "gross_amount", reason, values)
    yield from kept(AMOUNTS, "orders", "gross_amount", GOOD_AMOUNTS)
    for id, changes, fate in (
        (
            "dollars_with_three_decimals",
            {"currency": "USD", "gross_amount": "0.123"},
            Quarantined("gross_amount", "too_many_decimals"),
        ),
        (
            "dollars_with_two_decimals",
            {"currency": "USD", "gross_amount": "0.12"},
            Kept({"gross_amount": Decimal("0.12"), "currency": "USD"}),
        ),
        (
            "dollars_of_almost_10_to_16_won",
            {"currency": "USD", "gross_amount": "6894174422612.89"},
            Kept({"gross_amount": Decimal("6894174422612.89")}),
        ),
        (
            "dollars_of_10_to_16_won",
            {"currency": "USD", "gross_amount": "6894174422612.90"},
            Quarantined("gross_amount", "amount_overflow"),
        ),
        (
            "dollars_of_the_largest_amount",
            {"currency": "USD", "gross_amount": "99999999999999.99"},
            Quarantined("gross_amount", "amount_overflow"),
        ),
        (
            "discount_too_fine",
            {"discount_amount": "0.5"},
            Quarantined("gross_amount", "too_many_decimals"),
        ),
        (
            "discount_above_the_amount",
            {"discount_amount": "5001"},
            Quarantined("gross_amount", "negative_sale"),
        ),
        (
            "discount_of_all",
            {"discount_amount": "5000"},
            Kept({"discount_amount": Decimal(5000)}),
        ),
        (
            "discount_negative",
            {"discount_amount": "-1"},
            Quarantined("discount_amount", "negative_amount"),
        ),
        (
            "discount_not_available",
            {"discount_amount": "N/A"},
            Quarantined("discount_amount", "bad_amount"),
        ),
    ):
        yield Value(AMOUNTS, id, "orders", changes, fate)
    durations = {f"duration_{word}": value for word, value in BAD_INTEGERS.items()}
    yield from faults(AMOUNTS, "events", "duration_seconds", "bad_integer", durations)
    seconds: dict[str, tuple[str, object]] = {
        "duration_largest": ("2147483647", 2147483647),
        "duration_with_a_zero_fraction": ("2.0", 2),
        "duration_full_width": ("５", 5),
    }
    yield from kept(AMOUNTS, "events", "duration_seconds", seconds)
    weights = {"quantity_words": "two", "quantity_exponent": "1e3"}
    yield from faults(AMOUNTS, "order_items", "quantity", "bad_amount", weights)
    fine = {"quantity_of_five_decimals": "0.00001"}
    yield from faults(AMOUNTS, "order_items", "quantity", "too_many_decimals", fine)
    quantities: dict[str, tuple[str, object]] = {
        "quantity_of_pieces": ("1.0", Decimal(1)),
        "quantity_weighed": ("0.350", Decimal("0.35")),
        "quantity_taken_back": ("-1", Decimal(-1)),
        "quantity_of_nothing": ("0", Decimal(0)),
    }
    yield from kept(AMOUNTS, "order_items", "quantity", quantities)
    for id, price, line_fate in (
        ("line_of_almost_10_to_14", "46566", Kept({"unit_price": Decimal(46566)})),
        ("line_of_10_to_14", "46567", Quarantined("quantity", "amount_overflow")),
    ):
        line = {"quantity": "2147483647", "unit_price": price}
        yield Value(AMOUNTS, id, "order_items", line, line_fate)
    empty: dict[str, tuple[str, object]] = {"duration_seconds_empty": ("", None)}
    yield from kept(AMOUNTS, "events", "duration_seconds", empty)
    for table, column, reason, value in (
        ("order_items", "quantity", "missing_amount", ""),
        ("order_items", "unit_price", "missing_amount", ""),
        ("order_items", "unit_price", "bad_amount", "₩2500"),
        ("refunds", "amount", "missing_amount", ""),
        ("refunds", "amount", "bad_amount", "1,000"),
        ("refunds", "amount", "negative_amount", "-1000"),
        ("product_prices", "price", "missing_amount", ""),
        ("product_prices", "price", "bad_amount", "1e3"),
        ("product_prices", "price", "negative_amount", "-1"),
        ("exchange_rates", "rate", "missing_amount", ""),
        ("exchange_rates", "rate", "bad_amount", "1,450.5"),
        ("exchange_rates", "rate", "too_many_decimals", "1.123456789"),
        ("exchange_rates", "rate", "negative_amount", "-1"),
    ):
        values = {f"{table}_{column}_{reason}": value}
        yield from faults(AMOUNTS, table, column, reason, values)
    zero = {"refund_of_nothing": "0"}
    yield from faults(AMOUNTS, "refunds", "amount", "negative_amount", zero)
    zero = {"rate_of_nothing": "0"}
    yield from faults(AMOUNTS, "exchange_rates", "rate", "negative_amount", zero)


BAD_TIMES = {
    "time_bare_date": "2026-01-01",
    "time_epoch_seconds": "1767225600",
    "time_epoch_milliseconds": "1767225600000",
    "time_epoch_with_fraction": "1767225600.5",
    "time_30_february": "2026-02-30T00:00:00Z",
    "time_30_february_without_zone": "2026-02-30 00:00:00",
    "time_29_february_2026": "2026-02-29T00:00:00Z",
    "time_29_february_1900": "1900-02-29T00:00:00Z",
    "time_31_april": "2026-04-31T00:00:00Z",
    "time_month_13": "2026-13-01T00:00:00Z",
    "time_leap_second": "2016-12-31T23:59:60Z",
    "time_hour_24": "2026-01-01T24:00:00Z",
    "time_minute_60": "2026-01-01T23:60:00Z",
    "time_day_or_month_first": "01/02/2026",
    "time_day_or_month_first_with_hour": "01/02/2026 10:00:00Z",
    "time_dots": "2026.01.02 10:00:00Z",
    "time_compact": "20260101T000000Z",
    "time_two_digit_year": "26-01-01T00:00:00Z",
    "time_words": "Jan 1, 2026 00:00:00Z",
    "time_korean": "2026년 1월 1일",
    "time_half_day": "2026-01-01 10:00:00 PM",
    "time_infinity": "infinity",
    "time_minus_infinity": "-infinity",
    "time_now": "now",
    "time_epoch_word": "epoch",
    "time_year_0": "0000-06-01T00:00:00Z",
    "time_year_0_in_utc": "0001-01-01T00:00:00+09:00",
    "time_year_10000": "10000-01-01T00:00:00Z",
    "time_year_10000_in_utc": "9999-12-31T23:59:59-01:00",
    "time_negative_year": "-2026-01-01T00:00:00Z",
    "time_zone_name": "2026-01-01 00:00:00 UTC",
    "time_zone_of_15_hours": "2026-01-01T00:00:00+15:00",
    "time_seven_decimals": "2026-01-01T00:00:00.1234567Z",
}
GOOD_TIMES = {
    "time_five_minutes_ahead": ("2026-06-01T00:05:00Z", datetime(2026, 6, 1, 0, 5)),
    "time_of_1970": ("1970-01-01T00:00:00Z", datetime(1970, 1, 1)),
    "time_29_february_2024": ("2024-02-29T00:00:00Z", datetime(2024, 2, 29)),
    "time_29_february_2000": ("2000-02-29T00:00:00Z", datetime(2000, 2, 29)),
    "time_of_another_zone": ("2026-01-01T09:00:00+09:00", MOMENT),
    "time_behind_utc": ("2025-12-31T20:30:00-0330", MOMENT),
    "time_with_microseconds": (
        "2026-01-01 00:00:00.123456Z",
        datetime(2026, 1, 1, microsecond=123456),
    ),
}
CLOCKS = {
    "clock_before_the_gap": ("2026-03-08 01:59:59", datetime(2026, 3, 8, 6, 59, 59)),
    "clock_after_the_gap": ("2026-03-08 03:00:00", datetime(2026, 3, 8, 7)),
    "clock_first_of_two": ("2025-11-02 01:30:00", datetime(2025, 11, 2, 5, 30)),
    "clock_not_asked": ("2026-03-08T02:30:00Z", datetime(2026, 3, 8, 2, 30)),
}
FAULTS_OF_TIMES = {
    "no_time_zone": "2026-01-01 00:00:00",
    "missing_time": "",
    "time_out_of_range": "0001-01-01T00:00:00Z",
    "future_time": "2026-06-01T00:05:00.000001Z",
    "bad_time": "2026-02-30T00:00:00Z",
}
BAD_DAYS = {
    "birth_date_30_february": "1990-02-30",
    "birth_date_29_february_1999": "1999-02-29",
    "birth_date_with_time": "1990-01-01 00:00:00",
    "birth_date_slashes": "01/02/1990",
    "birth_date_compact": "19900101",
    "birth_date_year_0": "0000-01-01",
    "birth_date_infinity": "infinity",
    "birth_date_epoch": "7305",
}


def times() -> Iterator[Value]:
    """What is no time, or one that cannot be."""
    yield from faults(TIMES, "orders", "ordered_at", "bad_time", BAD_TIMES)
    yield from kept(TIMES, "orders", "ordered_at", GOOD_TIMES)
    for table, column in {
        "orders": "ordered_at",
        "customers": "created_at",
        "events": "occurred_at",
        "refunds": "refunded_at",
        "consents": "changed_at",
        "campaign_messages": "sent_at",
    }.items():
        for reason, value in FAULTS_OF_TIMES.items():
            values = {f"{table}_{column}_{reason}": value}
            yield from faults(TIMES, table, column, reason, values)
    for reason, values in {
        "no_time_zone": {"time_of_minutes_without_zone": "2026-01-01T00:00"},
        "time_out_of_range": {"time_before_1970": "1969-12-31T23:59:59.999999Z"},
        "future_time": {
            "time_year_9999": "9999-12-31T23:59:59Z",
            "time_future_of_another_zone": "2026-06-01T09:05:01+09:00",
        },
    }.items():
        yield from faults(TIMES, "orders", "ordered_at", reason, values)
    for table in ("customers", "orders"):
        values = {f"{table}_updated_in_the_future": "2026-06-01T00:05:00.000001Z"}
        yield from faults(TIMES, table, "updated_at", "future_time", values)
    gap = {"clock_in_the_gap": "2026-03-08 02:30:00", "clock_gap": "2026-03-08 02:00"}
    yield from faults(TIMES, "orders", "ordered_at", "bad_time", gap, *NEW_YORK)
    yield from kept(TIMES, "orders", "ordered_at", CLOCKS, *NEW_YORK)
    end = datetime(2026, 6, 30, 14, 59, 59, 999999)
    last = {"time_at_the_end_of_the_day": ("2026-06-30T14:59:59.999999Z", end)}
    yield from kept(TIMES, "orders", "ordered_at", last, *LATER)
    after = {"ordered_at": "2026-06-30T15:00:00Z"}
    yield Value(TIMES, "time_after_the_day", "orders", after, NotYet(), LATER)
    withdrawal = {"status": "withdrawn", "changed_at": "2030-01-01T00:00:00Z"}
    counts = Kept({"changed_at": datetime(2030, 1, 1)})
    yield Value(TIMES, "withdrawal_in_the_future", "consents", withdrawal, counts)
    yield from faults(TIMES, "customers", "birth_date", "bad_date", BAD_DAYS)
    days: dict[str, tuple[str, object]] = {
        "birth_date_29_february_2000": ("2000-02-29", date(2000, 2, 29)),
        "birth_date_empty": ("", None),
    }
    yield from kept(TIMES, "customers", "birth_date", days)
    for table, column in {
        "suppressions": "starts_at",
        "deletion_requests": "requested_at",
    }.items():
        wish: dict[str, tuple[str, object]] = {
            f"{table}_count_without_their_time": ("30 February", None)
        }
        yield from kept(TIMES, table, column, wish)


CONTROLS = {
    "control_nul": "Kim\x00",
    "control_bell": "\x07Kim",
    "control_escape": "\x1b[2JKim",
    "control_vertical_tab": "Kim\x0bMinji",
    "control_unit_separator": "Kim\x1fMinji",
    "control_right_to_left_override": "Kim\u202e",
    "control_left_to_right_embedding": "Kim\u202a",
    "control_pop_direction": "Kim\u202c",
    "control_right_to_left_isolate": "Kim\u2067",
    "control_pop_isolate": "Kim\u2069",
}


def words() -> Iterator[Value]:
    """Unknown words, and signs that hide or break."""
    for table, column, reason, values in (
        (
            "orders",
            "currency",
            "unknown_currency",
            {"currency_unknown": "XXQ", "currency_word": "won", "currency_sign": "₩"},
        ),
        (
            "orders",
            "status",
            "unknown_status",
            {"status_unknown": "lost", "status_korean": "결제", "status_empty": ""},
        ),
        ("orders", "currency", "no_rate", {"rate_missing": "JPY"}),
        ("consents", "status", "unknown_status", {"consent_unknown": "maybe"}),
        ("consents", "purpose", "unknown_purpose", {"purpose_unknown": "fun"}),
        ("consents", "channel", "unknown_channel", {"channel_unknown": "pigeon"}),
        ("events", "event_name", "missing_event_name", {"event_name_empty": " "}),
        (
            "events",
            "properties",
            "bad_json",
            {"json_broken": "{", "json_list": "[1]", "json_text": "plain"},
        ),
        (
            "customers",
            "push_enabled",
            "bad_boolean",
            {"boolean_maybe": "maybe", "boolean_2": "2"},
        ),
    ):
        yield from faults(ROWS, table, column, reason, values)
    for id, ordered_at, fate in (
        (
            "rate_of_a_later_day",
            "2025-12-31T14:59:59Z",
            Quarantined("currency", "no_rate"),
        ),
        ("rate_of_the_day", "2025-12-31T15:00:00Z", Kept({"currency": "USD"})),
    ):
        changes = {"currency": "USD", "ordered_at": ordered_at}
        yield Value(ROWS, id, "orders", changes, fate)
    yield from kept(ROWS, "orders", "status", {"status_capital": (" PAID ", "paid")})
    own = {"currency_empty": ("", "KRW"), "currency_small": (" usd ", "USD")}
    yield from kept(ROWS, "orders", "currency", own)
    yield from kept(
        ROWS, "events", "event_name", {"event_name_new": ("dance", "dance")}
    )
    reason = "control_characters"
    yield from faults(ROWS, "customers", "name", reason, CONTROLS, apart="control")
    for column, value in {
        "order_id": "~\x00",
        "ordered_at": "2026-01-01\x00T00:00:00Z",
        "gross_amount": "50\x0000",
    }.items():
        nul: dict[str, str | None] = {f"control_in_{column}": value}
        yield from faults(ROWS, "orders", column, reason, nul, apart="control")


TEXTS = {
    "newline": "line 1\nline 2",
    "crlf": "line 1\r\nline 2",
    "blank_line": "line 1\n\n\nline 4",
    "tab": "a\tb",
    "comma": "Kim, Minji",
    "quotes_in_quotes": 'Kim "Minji" Lee',
    "quotes_only": '""',
    "single_quote": "O'Neil",
    "backslash": "a\\b\\",
    "semicolon_and_bar": "a;b|c",
    "emoji": "👩‍👩‍👧‍👦 🇰🇷 👍🏽",
    "hangul_composed": "한글",
    "hangul_decomposed": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "hangul_half_width": "\uffb7\uffc2\uffa4",
    "accent_decomposed": "cafe\u0301",
    "han_and_kana": "山田 太郎 ヤマダ",
    "arabic": "سارة",
    "beyond_the_basic_plane": "𠮷野",
    "no_break_space": "Kim\u00a0Minji",
    "zero_width_joiner": "a\u200db",
    "next_line": "a\u0085b",
    "line_separator": "a\u2028b",
    "byte_order_mark_inside": "a\ufeffb",
    "spaces_around": "  Kim  ",
    "word_null": "NULL",
    "word_nan": "NaN",
    "number": "007",
    "formula": "=1+1",
    "sql": "'; drop table customers; --",
    "jinja": "{{ 1 / 0 }}",
    "replacement_character": "\ufffd",
    "megabyte": "x" * MEGABYTE,
    "megabyte_of_hangul": "한" * (MEGABYTE // 3),
    "megabyte_of_lines": "y\n" * (MEGABYTE // 2),
}


def texts() -> Iterator[Value]:
    """Text of people, to the last byte."""
    same: dict[str, tuple[str, object]] = {
        f"text_{id}": (text, text) for id, text in TEXTS.items()
    }
    yield from kept(INTACT, "customers", "name", same)
    yield from kept(INTACT, "customers", "name", {"text_empty": ("", None)})
    told = '{"a": "x, \\"y\\"", "b": [1, {"c": null}]}'
    yield from kept(INTACT, "events", "properties", {"json_object": (told, told)})


VALUES: tuple[Value, ...] = (*ids(), *amounts(), *times(), *words(), *texts())
