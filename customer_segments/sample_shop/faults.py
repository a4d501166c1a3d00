"""Every way in which a row can be broken, as changes of a good row."""

from typing import NamedTuple

from .contract import RAW_TABLES

TYPED, PARQUET, TEXT = "typed", "parquet", "text"
RECORD_ENDS = ("short", "long", "truncated", "korean_bytes", "wrong_bytes", "unclosed")


class Fault(NamedTuple):
    """A reason, and SQL for the columns that differ from the good row.

    `carrier` is what can hold it: typed values of any format, those of Parquet only,
    text, or a record that is no row any more, named by how it ends.
    """

    reason: str
    changes: dict[str, str]
    carrier: str = TYPED


FAR_FUTURE = (
    "case when pick(dirt_h, 'far', 2) = 0 then timestamptz '2099-01-01 00:00:00+00'"
    " else timestamptz '9999-12-30 00:00:00+00' end"
)
YEAR_ONE = "timestamptz '0001-01-01 00:00:00+00'"
NULL_OR_EMPTY = "case when pick(dirt_h, 'empty', 2) = 0 then '' end"
NOBODY = "'NOBODY-' || row_n"
# How the broken row is kept from being another version of the good one.
DIRTY_KEYS = {
    "customers": {"customer_id": "'DIRT-' || customer_id"},
    "orders": {"order_id": "'DIRT-' || order_id"},
    "order_items": {"line": "1000 + line"},
    "refunds": {"refund_id": "'DIRT-' || refund_id"},
    "products": {"product_id": "'DIRT-' || product_id"},
    "product_prices": {"product_id": "'DIRT-' || product_id"},
    "events": {"event_id": "'DIRT-' || event_id"},
    "suppressions": {"identifier": "'DIRT-' || row_n"},
    "deletion_requests": {"request_id": "'DIRT-' || request_id"},
    "campaigns": {"campaign_id": "'DIRT-' || campaign_id"},
    "campaign_messages": {"message_id": "'DIRT-' || message_id"},
    "customer_attributes": {"attribute": "'dirt_' || attribute"},
    "identity_links": {"from_id": "'DIRT-' || from_id"},
    "blocked_ids": {"id": "'DIRT-' || id"},
    "accounts": {"account_id": "'DIRT-' || account_id"},
    "account_technologies": {"product": "'DIRT-' || product"},
    "releases": {"release_id": "'DIRT-' || release_id"},
    "acquisition_costs": {"signup_channel": "'dirt_' || signup_channel"},
    "segment_targets": {"segment": "'dirt_' || segment"},
    "plan_prices": {"plan": "'dirt_' || plan"},
}
MISSING_ID = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_id",
    "refunds": "refund_id",
    "products": "product_id",
    "product_prices": "product_id",
    "events": "event_id",
    "consents": "customer_id",
    "suppressions": "identifier",
    "deletion_requests": "customer_id",
    "campaigns": "campaign_id",
    "campaign_messages": "message_id",
    "exchange_rates": "currency",
    "customer_attributes": "customer_id",
    "identity_links": "to_id",
    "blocked_ids": "id",
    "accounts": "account_id",
    "account_technologies": "account_id",
    "releases": "release_id",
    "acquisition_costs": "signup_channel",
    "segment_targets": "segment",
    "plan_prices": "plan",
}
# Times that are judged, not only read.
JUDGED_TIMES = {
    "customers": "created_at",
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "events": "occurred_at",
    "consents": "changed_at",
    "campaign_messages": "sent_at",
    "customer_attributes": "declared_at",
    "identity_links": "linked_at",
    "releases": "started_at",
}
READ_TIMES = {
    **JUDGED_TIMES,
    "product_prices": "valid_from",
    "campaigns": "starts_at",
}
REQUIRED_TIMES = {
    **JUDGED_TIMES,
    "product_prices": "valid_from",
    "exchange_rates": "rate_date",
    "account_technologies": "first_seen_on",
    "acquisition_costs": "month",
    "segment_targets": "month",
    "plan_prices": "valid_from",
}
DATES = {
    "customers": "birth_date",
    "exchange_rates": "rate_date",
    "account_technologies": "last_seen_on",
    "acquisition_costs": "month",
    "segment_targets": "month",
    "plan_prices": "valid_from",
}
AMOUNTS = {
    "orders": "gross_amount",
    "order_items": "unit_price",
    "refunds": "amount",
    "products": "unit_cost",
    "product_prices": "price",
    "campaigns": "cost",
    "exchange_rates": "rate",
    "accounts": "annual_revenue",
    "acquisition_costs": "cost",
    "segment_targets": "target",
    "plan_prices": "monthly_price",
}
REQUIRED_AMOUNTS = {
    table: column
    for table, column in AMOUNTS.items()
    if table not in ("products", "campaigns", "accounts")
}
NEGATIVE_AMOUNTS = {
    **{
        table: column
        for table, column in AMOUNTS.items()
        if table not in ("orders", "order_items", "products", "campaigns")
    },
    "orders": "shipping_amount",
}
INTEGERS = {
    "events": "duration_seconds",
    "accounts": "employees",
}
BOOLEANS = {"customers": "is_test", "products": "is_active"}
TEXTS = {
    "customers": "name",
    "orders": "coupon_code",
    "order_items": "product_id",
    "products": "name",
    "events": "search_term",
    "suppressions": "identifier",
    "campaigns": "name",
    "campaign_messages": "variant",
    "customer_attributes": "value",
    "identity_links": "method",
    "accounts": "name",
    "account_technologies": "product",
    "releases": "name",
}
KOREAN = ["customers", "products", "events", "campaigns", "accounts", "releases"]
# Ids of devices may have points in them.
FLOAT_IDS = {
    table: column
    for table, column in MISSING_ID.items()
    if table
    not in (
        "exchange_rates",
        "suppressions",
        "order_items",
        "identity_links",
        "blocked_ids",
    )
}
ORPHANS = {
    "order_items": "order_id",
    "refunds": "order_id",
    "events": "customer_id",
    "campaign_messages": "customer_id",
    "customer_attributes": "customer_id",
    "account_technologies": "account_id",
}


def faults_of(table: str, file_format: str, encoding: str) -> list[Fault]:
    """The faults that rows of this raw table can have in this format."""
    faults = typed_faults(table, encoding)
    if file_format == "parquet":
        return faults + parquet_faults(table)
    return faults + text_faults(table, file_format) + record_faults(table)


def typed_faults(table: str, encoding: str) -> list[Fault]:
    """The faults that rows of any format can have."""
    key = DIRTY_KEYS.get(table, {})
    granted = {"status": "'granted'"} if table == "consents" else {}
    # a line with nothing on it is no record
    missing = "' '" if len(RAW_TABLES[table]) == 1 else NULL_OR_EMPTY
    faults = [
        Fault("superseded", {}),
        Fault("missing_id", {**key, MISSING_ID[table]: missing}),
    ]
    if table in JUDGED_TIMES:
        time = JUDGED_TIMES[table]
        faults += [
            Fault("future_time", {**key, **granted, time: FAR_FUTURE}),
            Fault("time_out_of_range", {**key, **granted, time: YEAR_ONE}),
        ]
    if table in REQUIRED_TIMES:
        time = REQUIRED_TIMES[table]
        faults.append(Fault("missing_time", {**key, **granted, time: "null"}))
    if table in REQUIRED_AMOUNTS:
        changes = {**key, REQUIRED_AMOUNTS[table]: "null"}
        faults.append(Fault("missing_amount", changes))
    if table in NEGATIVE_AMOUNTS:
        changes = {**key, NEGATIVE_AMOUNTS[table]: "-5"}
        faults.append(Fault("negative_amount", changes))
    if table in FLOAT_IDS:
        faults.append(Fault("float_id", {FLOAT_IDS[table]: "row_n || '.5'"}))
    if table in TEXTS:
        # CP949 has no sign that turns the writing direction.
        wicked = (
            "case when pick(dirt_h, 'sign', 2) = 0 then chr(0) else chr(8238) end"
            if encoding == "utf-8"
            else "chr(0)"
        )
        changes = {**key, TEXTS[table]: f"'a' || {wicked} || 'b'"}
        faults.append(Fault("control_characters", changes))
    if table in ORPHANS:
        faults.append(Fault("orphan", {**key, ORPHANS[table]: NOBODY}))
    return faults + own_faults(table, key)


def own_faults(table: str, key: dict[str, str]) -> list[Fault]:
    """The faults that only rows of this raw table can have."""
    if table == "customers":
        older = {"updated_at": "created_at - interval 1 minute"}
        return [
            Fault("superseded", older),
            Fault("future_time", {**key, "updated_at": FAR_FUTURE}),
        ]
    if table == "orders":
        plain = {**key, "discount_amount": "0", "shipping_amount": "0"}
        older = {
            "updated_at": "ordered_at - interval 1 minute",
            "status": "'pending'",
            "cancelled_at": "null",
        }
        loss = {**key, "gross_amount": "1000", "discount_amount": "1500"}
        won = {"gross_amount": "12900.5", "currency": "'KRW'"}
        return [
            Fault("superseded", older),
            Fault("orphan", {**key, "customer_id": NOBODY}),
            Fault("negative_sale", loss),
            Fault("unknown_status", {**key, "status": "'teleported'"}),
            Fault("unknown_currency", {**key, "currency": "'QQQ'"}),
            Fault("too_many_decimals", {**plain, **won}),
            Fault("no_rate", {**plain, "currency": "'EUR'", "gross_amount": "45.5"}),
        ]
    if table == "consents":
        return [
            Fault("orphan", {"customer_id": NOBODY, "status": "'granted'"}),
            Fault("unknown_channel", {"channel": "'pigeon'", "status": "'granted'"}),
            Fault("unknown_purpose", {"purpose": "'party'", "status": "'granted'"}),
            Fault("unknown_status", {"status": "'perhaps'"}),
        ]
    if table == "events":
        return [
            Fault("missing_event_name", {**key, "event_name": "' '"}),
            Fault("bad_json", {**key, "properties": "'{\"order_id\": '"}),
        ]
    if table in ("campaigns", "campaign_messages"):
        return [Fault("unknown_channel", {**key, "channel": "'pigeon'"})]
    if table == "customer_attributes":
        return [
            Fault("unknown_source", {**key, "source": "'rumour'"}),
            Fault("missing_value", {**key, "value": "null"}),
        ]
    if table == "identity_links":
        return [Fault("self_link", {**key, "to_id": "'DIRT-' || from_id"})]
    if table == "accounts":
        return [
            Fault("bad_naics_code", {**key, "naics_code": "'44511A'"}),
            Fault("unknown_currency", {**key, "currency": "'QQQ'"}),
            Fault("year_out_of_range", {**key, "founded_year": "20199"}),
        ]
    if table == "account_technologies":
        ended = {"last_seen_on": "first_seen_on - 1"}
        return [Fault("ended_before_started", {**key, **ended})]
    if table == "releases":
        return [Fault("unknown_kind", {**key, "kind": "'party'"})]
    if table in ("acquisition_costs", "segment_targets"):
        return [Fault("not_first_of_month", {**key, "month": "month + 14"})]
    return []


def parquet_faults(table: str) -> list[Fault]:
    """What a Parquet type can hold that no text says."""
    if table not in READ_TIMES:
        return []
    time = READ_TIMES[table]
    changes = {**DIRTY_KEYS.get(table, {}), time: "timestamptz 'infinity'"}
    return [Fault("bad_time", changes, PARQUET)]


WRONG_AMOUNTS = {
    "csv": "N/A|(5.00)|1,234.50|₩5000|5000원|1e3|1_000|0x10|NaN|Infinity",
    "shop-csv": "N/A|1e3|1_000|0x10|NaN|Infinity",
}
WRONG_TIMES = {
    "csv": "01/02/2026|2026-02-30T10:00:00+09:00|1767225600000|infinity"
    "|2026-06-30T23:59:60+00:00",
    "shop-csv": "01/02/2026|2026-02-30 10:00:00|1767225600000|infinity",
}
WRONG_DATES = "2026-02-30|01/02/2026|20260102|yesterday"


def text_faults(table: str, file_format: str) -> list[Fault]:
    """The faults that only text can have; the changes are SQL for text."""
    key = DIRTY_KEYS.get(table, {})
    found: list[tuple[str, str, str]] = []
    if table in AMOUNTS:
        amount = AMOUNTS[table]
        found += [
            ("bad_amount", amount, one(WRONG_AMOUNTS[file_format])),
            ("amount_overflow", amount, f"'{'9' * 24}'"),
            ("too_many_decimals", amount, "'1.2345678912'"),
        ]
    if table in READ_TIMES:
        time = READ_TIMES[table]
        found.append(("bad_time", time, one(WRONG_TIMES[file_format])))
        if file_format == "csv":
            zoneless = f"strftime({time}::timestamp, '%Y-%m-%dT%H:%M:%S')"
            found.append(("no_time_zone", time, zoneless))
    if table in DATES:
        found.append(("bad_date", DATES[table], one(WRONG_DATES)))
    if table in INTEGERS:
        found.append(("bad_integer", INTEGERS[table], one("two|1.5|1e1")))
    if table in BOOLEANS:
        found.append(("bad_boolean", BOOLEANS[table], "'perhaps'"))
    return [
        Fault(reason, {**key, column: text}, TEXT) for reason, column, text in found
    ]


def record_faults(table: str) -> list[Fault]:
    """Records of a text file that are no rows."""
    key = DIRTY_KEYS.get(table, {})
    faults = [
        Fault("wrong_field_count", key, "long"),
        Fault("unclosed_quote", key, "unclosed"),
    ]
    if len(RAW_TABLES[table]) > 1:
        faults += [
            Fault("wrong_field_count", key, "short"),
            Fault("wrong_field_count", key, "truncated"),
        ]
    if table in KOREAN:
        korean = {**key, TEXTS[table]: "'김민준'"}
        faults += [
            Fault("bad_encoding", korean, "korean_bytes"),
            Fault("bad_encoding", korean, "wrong_bytes"),
        ]
    return faults


def one(choices: str) -> str:
    """SQL for one of some texts."""
    count = choices.count("|") + 1
    return f"string_split('{choices}', '|')[1 + pick(dirt_h, 'which', {count})]"
