"""Every way in which a row can be broken, as changes of a good row."""

from typing import NamedTuple


class Fault(NamedTuple):
    """A reason, and SQL for the columns that differ from the good row.

    `end` is how a record ends that is no row any more: short, long or cp949.
    """

    reason: str
    changes: dict[str, str]
    end: str = ""


FAR_FUTURE = "timestamptz '2099-01-01 00:00:00+00'"
YEAR_ONE = "timestamptz '0001-01-01 00:00:00+00'"
NULL_OR_EMPTY = "case when pick(dirt_h, 'empty', 2) = 0 then '' end"
NOBODY = "'NOBODY-' || row_n"
DIRTY_KEYS = {
    "customers": {"customer_id": "'DIRT-' || customer_id"},
    "orders": {"order_id": "'DIRT-' || order_id"},
    "order_items": {"line": "1000 + line"},
    "refunds": {"refund_id": "'DIRT-' || refund_id"},
    "products": {"product_id": "'DIRT-' || product_id"},
    "product_prices": {"product_id": "'DIRT-' || product_id"},
    "events": {"event_id": "'DIRT-' || event_id"},
    "consents": {},
    "suppressions": {"identifier": "'DIRT-' || row_n"},
    "deletion_requests": {"request_id": "'DIRT-' || request_id"},
    "campaigns": {"campaign_id": "'DIRT-' || campaign_id"},
    "campaign_messages": {"message_id": "'DIRT-' || message_id"},
    "exchange_rates": {},
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
}
JUDGED_TIMES = {
    "customers": "created_at",
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "events": "occurred_at",
    "consents": "changed_at",
    "campaign_messages": "sent_at",
}
READ_TIMES = {
    **JUDGED_TIMES,
    "product_prices": "valid_from",
    "campaigns": "starts_at",
}
AMOUNTS = {
    "orders": "gross_amount",
    "order_items": "unit_price",
    "refunds": "amount",
    "products": "unit_cost",
    "product_prices": "price",
    "campaigns": "cost",
    "exchange_rates": "rate",
}
TEXTS = {
    "customers": "name",
    "orders": "coupon_code",
    "order_items": "product_id",
    "products": "name",
    "events": "search_term",
    "suppressions": "identifier",
    "campaigns": "name",
    "campaign_messages": "variant",
}
KOREAN = ["customers", "products", "events", "campaigns"]
FLOAT_IDS = {
    table: column
    for table, column in MISSING_ID.items()
    if table not in ("exchange_rates", "suppressions", "order_items")
}
WRONG_AMOUNTS = "N/A|(5.00)|1,234.50|₩5000|１２９００|1e3|0x10|NaN"
WRONG_TIMES = "01/02/2026|2026-02-30T10:00:00+09:00|1767225600000"


def business_faults(table: str) -> list[Fault]:
    """The faults that rows of any format can have."""
    key = DIRTY_KEYS[table]
    granted = {"status": "'granted'"} if table == "consents" else {}
    missing = {**key, MISSING_ID[table]: NULL_OR_EMPTY}
    faults = [Fault("superseded", {}), Fault("missing_id", missing)]
    if table in JUDGED_TIMES:
        time = JUDGED_TIMES[table]
        faults += [
            Fault("future_time", {**key, **granted, time: FAR_FUTURE}),
            Fault("time_out_of_range", {**key, **granted, time: YEAR_ONE}),
        ]
    return faults + own_faults(table, key)


def own_faults(table: str, key: dict[str, str]) -> list[Fault]:
    """The faults that only rows of this raw table can have."""
    if table == "customers":
        older = {"updated_at": "created_at - interval 1 minute"}
        return [Fault("superseded", older)]
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
    orphans = {
        "order_items": {"order_id": NOBODY},
        "refunds": {**key, "order_id": NOBODY},
        "events": {**key, "customer_id": NOBODY},
        "campaign_messages": {**key, "customer_id": NOBODY},
    }
    return [Fault("orphan", orphans[table])] if table in orphans else []


def text_faults(table: str) -> list[Fault]:
    """The faults that only text can have; the changes are SQL for text."""
    key = DIRTY_KEYS[table]
    faults = [
        Fault("wrong_field_count", key, "short"),
        Fault("wrong_field_count", key, "long"),
    ]
    if table in AMOUNTS:
        faults.append(Fault("bad_amount", {**key, AMOUNTS[table]: one(WRONG_AMOUNTS)}))
    if table in READ_TIMES:
        time = READ_TIMES[table]
        zoneless = f"strftime({time}::timestamp, '%Y-%m-%dT%H:%M:%S')"
        faults += [
            Fault("bad_time", {**key, time: one(WRONG_TIMES)}),
            Fault("no_time_zone", {**key, time: zoneless}),
        ]
    if table in FLOAT_IDS:
        faults.append(Fault("float_id", {FLOAT_IDS[table]: "row_n || '.5'"}))
    if table in TEXTS:
        wicked = "case when pick(dirt_h, 'sign', 2) = 0 then chr(0) else chr(8238) end"
        changes = {**key, TEXTS[table]: f"'a' || {wicked} || 'b'"}
        faults.append(Fault("control_characters", changes))
    if table in KOREAN:
        changes = {**key, TEXTS[table]: "'김민준'"}
        faults.append(Fault("bad_encoding", changes, "cp949"))
    return faults


def one(choices: str) -> str:
    """SQL for one of some texts."""
    count = choices.count("|") + 1
    return f"string_split('{choices}', '|')[1 + pick(dirt_h, 'which', {count})]"
