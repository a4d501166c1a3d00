"""The language of segment rules once more, slowly and literally, to check the SQL.

Written from design/segment-rules.md, design/definitions.md and what DECISIONS.md adds
to them, not from the compiler. Results are exact: integers and fractions, no floats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

Rule = Mapping[str, object]


class RuleError(ValueError):
    """A rule that would not compile."""


KIND_OF_TYPE = {
    "text": "text",
    "boolean": "boolean",
    "integer": "number",
    "decimal": "number",
    "number": "number",
    "date": "date",
    "list": "list",
}
TESTS = {
    "text": ("is", "is_not", "in", "not_in", "known"),
    "boolean": ("is", "is_not", "in", "not_in", "known"),
    "number": ("at_least", "at_most", "above", "below", "between", "known"),
    "date": ("at_least", "at_most", "above", "below", "between", "known"),
    "list": ("has", "has_any", "has_all", "known"),
    "count": ("at_least", "at_most", "above", "below", "between", "known", "never"),
}
ALL_TESTS = {test for tests in TESTS.values() for test in tests}
PARAMETERS = {
    "trait": (),
    "event": ("within_days", "between_days", "where"),
    "segment": ("for_days", "entered_within_days"),
    "stage": ("for_days", "entered_within_days"),
    "activity": ("for_days", "entered_within_days"),
    "sequence": ("within_days", "same", "then_not"),
    "rank": (),
}
# What rules may ask of an action beside its JSON properties.
PURCHASE_KEYS = ("product_id", "category", "sales_channel", "coupon_code")
EVENT_KEYS = (
    *("product_id", "category", "search_term", "page"),
    *("device", "os", "browser", "campaign_id"),
)
# As JSON writes numbers.
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")
PROPERTY_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True)
class Held:
    """A stage or state held on the as-of day, and the first day of its spell."""

    name: str
    since: date | None = None


@dataclass(frozen=True)
class Action:
    """An event, or a line of a valid order; `values` by the names that rules use."""

    event: str
    action_id: str
    moment: datetime
    day: date
    values: Mapping[str, str | None] = field(default_factory=dict)
    properties: str | None = None

    @cached_property
    def said(self) -> dict[str, object]:
        """The JSON properties, numbers exactly as written."""
        found: dict[str, object] = json.loads(
            self.properties or "{}", parse_float=Decimal
        )
        return found


@dataclass(frozen=True)
class Customer:
    """What a rule may ask about one customer.

    None or a missing trait is unknown; a list is text separated by `|`;
    `counts["purchase"]` counts valid orders by day.
    """

    customer_id: str = ""
    traits: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    actions: Sequence[Action] = ()
    stage: Held | None = None
    activity: Held | None = None


@dataclass(frozen=True)
class Segment:
    """A rule, what it inherits, and the day on which a cohort of it is fixed."""

    rule: Rule
    parent: str | None = None
    freeze: date | None = None


@dataclass(frozen=True)
class Record:
    """What a run recorded: `entered`, `left`, or `run` for the run itself."""

    run_number: int
    as_of: date
    change: str
    segment: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class Shop:
    """What a rule may ask beside one customer; all candidates are there for ranks."""

    as_of: date
    trait_types: Mapping[str, str]
    segments: Mapping[str, Segment] = field(default_factory=dict)
    candidates: Sequence[Customer] = ()
    records: Sequence[Record] = ()

    @cached_property
    def changes(self) -> dict[tuple[str | None, str | None], list[Record]]:
        """Entries and exits that are alive, by segment and customer, in order of days.

        "A log row of day D is alive unless a later run has `as_of_date` <= D".
        """
        runs = {(record.run_number, record.as_of) for record in self.records}
        found: dict[tuple[str | None, str | None], list[Record]] = {}
        for record in sorted(self.records, key=lambda one: one.as_of):
            is_alive = not any(
                number > record.run_number and day <= record.as_of
                for number, day in runs
            )
            if is_alive and record.change != "run":
                key = (record.segment, record.customer_id)
                found.setdefault(key, []).append(record)
        return found

    def entered_on(self, segment: str, customer_id: str, end: date) -> date | None:
        """Return when who was a member at the end of a day had become one."""
        entered = None
        for record in self.changes.get((segment, customer_id), ()):
            if record.as_of <= end:
                entered = record.as_of if record.change == "entered" else None
        return entered


def evaluate(rule: Rule, customer: Customer, shop: Shop) -> bool:
    """Decide a rule: "a condition on an unknown value is false".

    RuleError for a rule that would not compile.
    """
    return node_matches(rule, customer, shop, ())


def is_member(
    name: str, customer: Customer, shop: Shop, inside: tuple[str, ...] = ()
) -> bool:
    """Decide a segment by name; `inside` names the segments being decided."""
    if name in inside:
        raise RuleError("cycle: " + " -> ".join((*inside, name)))
    inside = (*inside, name)
    if name in shop.segments:
        segment = shop.segments[name]
        is_own = node_matches(segment.rule, customer, shop, inside)
        # "all of p's rule and its own"
        if segment.parent is not None:
            return is_member(segment.parent, customer, shop, inside) and is_own
        return is_own
    for of, segment in shop.segments.items():
        fixed = segment.freeze
        if fixed is not None and name == f"{of}_{fixed:%Y%m%d}":
            # "before that day nobody; on that day the rule; after it who is recorded"
            if shop.as_of == fixed:
                return is_member(of, customer, shop, inside)
            recorded = shop.entered_on(of, customer.customer_id, fixed)
            return shop.as_of > fixed and recorded is not None
    raise RuleError(f"unknown segment {name}")


def node_matches(
    node: Rule, customer: Customer, shop: Shop, inside: tuple[str, ...]
) -> bool:
    """Decide a group or a condition."""
    groups = [key for key in ("all", "any", "none") if key in node]
    if not groups:
        return condition_matches(node, customer, shop, inside)
    if len(node) != 1:
        raise RuleError(f"a group stands alone, not {sorted(node)}")
    group = groups[0]
    # Every child is decided, so that a wrong one is an error wherever it stands.
    matches = []
    for child in items(node[group]):
        if not isinstance(child, Mapping):
            raise RuleError(f"`{group}` holds conditions, not {child!r}")
        matches.append(node_matches(child, customer, shop, inside))
    if group == "all":
        return all(matches)
    if group == "any":
        return any(matches)
    # "`none:` is the complement"
    return not any(matches)


def condition_matches(
    condition: Rule, customer: Customer, shop: Shop, inside: tuple[str, ...]
) -> bool:
    """Decide "one flat mapping: one subject, one test"."""
    subjects = [key for key in PARAMETERS if key in condition]
    if len(subjects) != 1:
        raise RuleError(f"a condition has one known subject: {sorted(condition)}")
    subject = subjects[0]
    tests = [key for key in condition if key in ALL_TESTS]
    for key in condition:
        if key != subject and key not in tests and key not in PARAMETERS[subject]:
            raise RuleError(f"`{key}` does not belong to `{subject}`")
    if len(tests) > 1:
        raise RuleError(f"one test a condition, not {tests}")
    if tests and subject not in ("trait", "event"):
        raise RuleError(f"`{subject}` takes no test")

    if subject == "sequence":
        return sequence_matches(condition, customer, shop.as_of)
    if subject == "rank":
        return rank_matches(condition["rank"], customer, shop)
    name = condition[subject]
    if not isinstance(name, str):
        raise RuleError(f"`{subject}` needs a name, not {name!r}")
    if subject == "trait":
        if not tests:
            raise RuleError(f"trait {name} needs a test")
        kind = trait_kind(name, shop)
        value = customer.traits.get(name)
        return value_passes(tests[0], condition[tests[0]], value, kind)
    if subject == "event":
        count = event_count(name, condition, customer, shop.as_of)
        if not tests:
            return count >= 1
        return value_passes(tests[0], condition[tests[0]], count, "count")
    if subject == "segment":
        is_now = is_member(name, customer, shop, inside)
        yesterday = shop.as_of - timedelta(days=1)
        entered = shop.entered_on(name, customer.customer_id, yesterday)
        # "1 when they were not a member before"
        return has_held(condition, is_now, entered or shop.as_of, shop.as_of)
    held = customer.stage if subject == "stage" else customer.activity
    is_now = held is not None and held.name == name
    since = held.since if held is not None else None
    return has_held(condition, is_now, since, shop.as_of)


def trait_kind(name: object, shop: Shop) -> str:
    """Return the kind of a trait; RuleError when the registry has none of the name."""
    if not isinstance(name, str) or name not in shop.trait_types:
        raise RuleError(f"unknown trait {name!r}")
    if shop.trait_types[name] not in KIND_OF_TYPE:
        raise RuleError(f"trait {name} has no known type, use {[*KIND_OF_TYPE]}")
    return KIND_OF_TYPE[shop.trait_types[name]]


def has_held(condition: Rule, is_now: bool, since: date | None, as_of: date) -> bool:
    """Decide `for_days: n` = "held at least n days", the first and as_of included."""
    checks = [is_now]
    for key in ("for_days", "entered_within_days"):
        if key in condition:
            days = positive_days(condition[key])
            if since is None:
                checks.append(False)
            elif key == "for_days":
                checks.append((as_of - since).days + 1 >= days)
            else:
                checks.append((as_of - since).days + 1 <= days)
    return all(checks)


def is_in_window(day: date, condition: Rule, as_of: date) -> bool:
    """Tell whether a day counts: `within_days`, `between_days` ago, or all time."""
    ago = (as_of - day).days
    if "within_days" in condition and "between_days" in condition:
        raise RuleError("within_days or between_days, not both")
    if "within_days" in condition:
        return 0 <= ago < positive_days(condition["within_days"])
    if "between_days" in condition:
        bounds = items(condition["between_days"])
        if len(bounds) != 2:
            raise RuleError("between_days needs two numbers of days ago")
        first, last = whole(bounds[0], 0), whole(bounds[1], 0)
        if first > last:
            raise RuleError("between_days begins with the smaller number")
        return first <= ago <= last
    return ago >= 0


def event_count(name: str, condition: Rule, customer: Customer, as_of: date) -> int:
    """Count an event, never after as_of; with `where` what fits all of its keys."""
    # A wrong window is an error although nothing was done.
    is_in_window(as_of, condition, as_of)
    if "where" not in condition:
        by_day = customer.counts.get(name, {})
        return sum(
            count
            for day, count in by_day.items()
            if is_in_window(day, condition, as_of)
        )
    wanted = wanted_values(name, condition["where"])
    # "an order counts once however many lines fit; all keys on the same line"
    fitting = {
        action.action_id
        for action in customer.actions
        if action.event == name
        and is_in_window(action.day, condition, as_of)
        and all(value_fits(action, key, choices) for key, choices in wanted.items())
    }
    return len(fitting)


class Part(str):
    """A text that a value need only contain, in capitals or not."""


def wanted_values(name: str, where: object) -> dict[str, list[object]]:
    """Return what `where` asks for, by key; RuleError for what no action can have."""
    if not isinstance(where, Mapping) or not where:
        raise RuleError("where needs at least one key")
    wanted: dict[str, list[object]] = {}
    for key, asked in where.items():
        is_part = isinstance(asked, Mapping)
        value = asked
        if isinstance(asked, Mapping):
            if list(asked) != ["contains"]:
                raise RuleError(f"{key} takes values, or what it contains")
            value = asked["contains"]
        choices = items(value) if isinstance(value, (list, tuple)) else [value]
        columns = PURCHASE_KEYS if name == "purchase" else EVENT_KEYS
        if not isinstance(key, str) or not PROPERTY_KEY.fullmatch(key):
            raise RuleError(f"{key!r} is no key")
        if name == "purchase" and key not in columns:
            raise RuleError(f"a purchase has no {key}")
        for one in choices:
            if is_part and not (isinstance(one, str) and one.strip()):
                raise RuleError(f"{key} contains text, not {one!r}")
            if not isinstance(one, str):
                if key in columns:
                    raise RuleError(f"{key} needs text, not {one!r}")
                if not isinstance(one, bool):
                    measure(one, "number")
        wanted[key] = [Part(one) for one in choices] if is_part else choices
    return wanted


def value_fits(action: Action, key: str, choices: Sequence[object]) -> bool:
    """Tell whether an action has one of the values; "Unknown/absent = does not fit"."""
    columns = PURCHASE_KEYS if action.event == "purchase" else EVENT_KEYS
    value = action.values.get(key) if key in columns else action.said.get(key)
    if any(isinstance(one, Part) for one in choices):
        if value is None or isinstance(value, (list, dict)):
            return False
        told = str(value).lower()
        return any(str(one).strip().lower() in told for one in choices)
    if key in columns:
        return value in choices
    return any(says(value, wanted) for wanted in choices)


def says(value: object, wanted: object) -> bool:
    """Compare what a JSON value says: trackers write 3 and "3", true and "true" alike.

    A list or an object within says nothing that rules could ask for.
    """
    if value is None or isinstance(value, (list, dict)):
        return False
    told = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(wanted, bool):
        return told == str(wanted).lower()
    if isinstance(wanted, str):
        return told == wanted
    # "number (equal as a number)"
    is_number = NUMBER.fullmatch(told) is not None
    return is_number and Fraction(told) == measure(wanted, "number")


def sequence_matches(condition: Rule, customer: Customer, as_of: date) -> bool:
    """Decide "did a, later b, …", each at a strictly later moment."""
    steps = items(condition["sequence"])
    if not 2 <= len(steps) <= 5 or not all(isinstance(step, str) for step in steps):
        raise RuleError("a sequence has two to five events")
    if "within_days" in condition:
        positive_days(condition["within_days"])
    if condition.get("same", "product_id") != "product_id":
        raise RuleError("same is product_id")
    if not isinstance(condition.get("then_not", ""), str):
        raise RuleError("then_not is an event")
    done = [action for action in customer.actions if action.day <= as_of]
    if "same" not in condition:
        return has_chain(steps, condition, done, as_of)
    # "a missing product_id never fits; for `then_not` too"
    products = {action.values.get("product_id") for action in done} - {None}
    return any(
        has_chain(
            steps,
            condition,
            [action for action in done if action.values.get("product_id") == product],
            as_of,
        )
        for product in products
    )


def has_chain(
    steps: Sequence[object], condition: Rule, done: Sequence[Action], as_of: date
) -> bool:
    """Tell whether a chain of the steps has nothing unwanted after its last action."""
    ends: set[datetime] = set()
    for number, step in enumerate(steps):
        ends = {
            action.moment
            for action in done
            if action.event == step
            and (
                "within_days" not in condition
                or (as_of - action.day).days < positive_days(condition["within_days"])
            )
            and (number == 0 or any(end < action.moment for end in ends))
        }
    unwanted = [
        action.moment for action in done if action.event == condition.get("then_not")
    ]
    return any(not any(moment > end for moment in unwanted) for end in ends)


def rank_matches(rank: object, customer: Customer, shop: Shop) -> bool:
    """Decide "the n best, ties by id", among candidates with a known value."""
    if not isinstance(rank, Mapping) or sorted(rank) not in (
        ["by", "top"],
        ["by", "top_percent"],
    ):
        raise RuleError("a rank has `by`, and `top` or `top_percent`")
    kind = trait_kind(rank["by"], shop)
    if kind not in ("number", "date"):
        raise RuleError(f"a rank is by number or date, not by {rank['by']}")
    values = {
        one.customer_id: measure(one.traits[rank["by"]], kind)
        for one in shop.candidates
        if one.traits.get(rank["by"]) is not None
    }
    ranked = sorted(values, key=lambda who: (-values[who], who))
    if "top" in rank:
        top = whole(rank["top"], 1)
        if top > 10_000_000:
            raise RuleError("top is at most 10,000,000")
        return customer.customer_id in ranked[:top]
    percent = measure(rank["top_percent"], "number")
    if not 0 < percent <= 100:
        raise RuleError("top_percent is above 0, up to 100")
    # "place k (from 1) is in when (k-1) * 100 < p * count"
    return any(
        who == customer.customer_id and (place - 1) * 100 < percent * len(ranked)
        for place, who in enumerate(ranked, start=1)
    )


def whole(value: object, least: int) -> int:
    """Return a whole number of at least so much; RuleError otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise RuleError(f"needs a whole number from {least}, not {value!r}")
    return value


def positive_days(value: object) -> int:
    """Return a whole number of days of at least one; RuleError otherwise."""
    days = whole(value, 1)
    if days > 3650:
        raise RuleError("a number of days is at most 3650")
    return days


def value_passes(test: str, wanted: object, value: object, kind: str) -> bool:
    """Decide one test on one value; None is unknown and matches only known: false."""
    if test not in TESTS[kind]:
        raise RuleError(f"`{test}` is not a test for {kind}")
    if test == "known":
        return (value is not None) == boolean(wanted)
    if test == "never":
        if wanted is not True:
            raise RuleError("`never` is only ever true")
        return value == 0
    if kind in ("number", "date", "count"):
        return measure_passes(test, wanted, value, kind)
    if kind == "list":
        return list_passes(test, wanted, value)
    # Text and booleans.
    if test in ("is", "is_not"):
        choices = [choice(wanted, kind)]
    else:
        choices = [choice(one, kind) for one in items(wanted)]
    if value is None:
        return False
    if test in ("is", "in"):
        return choice(value, kind) in choices
    return choice(value, kind) not in choices


def measure_passes(test: str, wanted: object, value: object, kind: str) -> bool:
    """Compare a number, date or count; "`between: [a, b]` (inclusive)"."""
    if test == "between":
        bounds = [measure(one, kind) for one in items(wanted)]
        if len(bounds) != 2:
            raise RuleError("`between` needs two bounds")
        return value is not None and bounds[0] <= measure(value, kind) <= bounds[1]
    bound = measure(wanted, kind)
    if value is None:
        return False
    measured = measure(value, kind)
    if test == "at_least":
        return measured >= bound
    if test == "at_most":
        return measured <= bound
    if test == "above":
        return measured > bound
    return measured < bound


def list_passes(test: str, wanted: object, value: object) -> bool:
    """Decide `has`, `has_any`, `has_all` on text separated by `|`."""
    wanted_items = [wanted] if test == "has" else items(wanted)
    sought = [choice(one, "text") for one in wanted_items]
    if value is None:
        return False
    if not isinstance(value, str):
        raise RuleError(f"a list is text separated by |, not {value!r}")
    held = value.split("|") if value != "" else []
    if test == "has_all":
        return all(one in held for one in sought)
    return any(one in held for one in sought)


def items(value: object) -> list[object]:
    """Return the items of a non-empty YAML list; RuleError otherwise."""
    if not isinstance(value, (list, tuple)) or not value:
        raise RuleError(f"needs a list of at least one value, not {value!r}")
    return list(value)


def boolean(value: object) -> bool:
    """Return a boolean as it is; RuleError otherwise."""
    if not isinstance(value, bool):
        raise RuleError(f"needs true or false, not {value!r}")
    return value


def choice(value: object, kind: str) -> str | bool:
    """Return a text or boolean as it is; "a value of the wrong type" is an error."""
    if kind == "boolean":
        return boolean(value)
    if not isinstance(value, str):
        raise RuleError(f"needs text, not {value!r}")
    return value


def measure(value: object, kind: str) -> Fraction:
    """Return a number exactly as written, or a date as its ordinal day."""
    if kind == "date":
        if isinstance(value, str):
            value = date.fromisoformat(value)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise RuleError(f"needs a date, not {value!r}")
        return Fraction(value.toordinal())
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise RuleError(f"needs a number, not {value!r}")
    return Fraction(str(value))
