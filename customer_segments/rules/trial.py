"""Try segments on a built warehouse, without building anything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from customer_segments.loading.quoting import quote_text
from customer_segments.places import ROOT
from customer_segments.rules.hiding import IsSmall
from customer_segments.rules.project import Family, Project, Relation
from customer_segments.rules.rendering import Host, RuleError, told_faults
from customer_segments.wording import Spoken

# What rules ask for, what is said of them, and who meets them, in this order.
FLAGS = "int_segment_flags"
DEFINITIONS = "int_segment_definitions"
DECIDING = (DEFINITIONS, "int_rule_facts", "int_segment_conditions", FLAGS)
REASONS = "segment_reasons"
BESIDE = "models/marts/segments/rules"
REACH = "is_reachable_by_"
# What stands for the parts of a segment that nobody wrote yet.
UNTITLED = "untitled"
UNWRITTEN: Mapping[str, Any] = {
    "label": {"en": "A segment without a name", "ko": "이름 없는 세그먼트"},
    "text": "–",
    "texts": {"en": "–", "ko": "–"},
}
# Of an open vocabulary so many values are compared with what nobody has, the most
# frequent, and so many named where none is like it.
COMPARED, NAMED = 200, 5


class NotBuilt(Spoken):
    """The database is no warehouse that these rules can be tried on; says why."""


class Refused(Exception):
    """The compiler refuses a segment; `lines` say file, line, place and remedy."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class Step:
    """An outer condition: how many meet it, and how many are left after it.

    `without` counts those who would be members if the condition were not there.
    """

    words: str
    met: int
    left: int
    without: int


@dataclass(frozen=True)
class Reach:
    """Members whom a channel reaches."""

    channel: str
    label: str
    customers: int


@dataclass(frozen=True)
class Overlap:
    """Members who are also in a segment of the build, of so many there."""

    segment: str
    label: str
    size: int
    both: int
    jaccard: float


@dataclass(frozen=True)
class Unmet:
    """A value that nobody has: what of, and existing ones, the nearest first."""

    value: str
    words: str
    near: list[str]
    is_alike: bool


@dataclass(frozen=True)
class Stage:
    """Members of a purchase stage; `is_hidden` when so many would tell of a few."""

    label: str
    customers: int
    is_hidden: bool


@dataclass(frozen=True)
class Revenue:
    """Net revenue of members, and how many of them ever bought; None = never loaded."""

    total: Decimal | None
    buyers: int


@dataclass(frozen=True)
class Built:
    """The segment of the same name in the build: its size, and who would move."""

    size: int
    entered: int
    left: int


@dataclass(frozen=True)
class Trial:
    """What a segment would be on the as-of day of the build.

    `unwritten` are the keys that it still needs to be built, with what they mean;
    `missing` is what was never loaded and is needed to know; None = nothing. Who calls
    `is_small` has the build open.
    """

    name: str
    unwritten: dict[str, str]
    text: Mapping[str, Any]
    words: str
    version: str
    missing: str | None
    as_of: date
    candidates: int
    size: int
    steps: list[Step]
    reach: list[Reach]
    overlaps: list[Overlap]
    built: Built | None
    unmet: list[Unmet]
    stages: list[Stage]
    revenue: Revenue
    is_small: IsSmall


def try_segments(
    project: Project,
    file: Path,
    segments: list[Any],
    connection: duckdb.DuckDBPyConnection,
    database: str,
    language: str = "en",
) -> Iterator[Trial]:
    """Try the segments of a file; Refused when the compiler refuses one.

    Other segments of the project may be referred to; those of the same name, or of
    the same file, are taken to be replaced.
    """
    host = Host(
        project,
        database=database,
        connection=connection,
        variables={"as_of_date": as_of(connection, database).isoformat()},
        stand_ins={name: Relation("temp", "main", name) for name in DECIDING},
        command="run",
    )
    own, beside, *_ = host.call("families")
    unwritten = [host.call("missing_keys", segment) for segment in segments]
    keys = host.call("language_data")["segment_keys"]
    segments = completed(segments, unwritten, keys)
    others = remaining(project.families(), segments, file)
    tried = Family(own, str(file), segments)
    lacks = {
        segment.get("name"): {key: keys[key][language] for key in missing}
        for segment, missing in zip(segments, unwritten, strict=True)
    }
    # what nobody refers to costs time; what is wrong is told beside all that is there
    for known in (referred_to(segments, others), others):
        host.use(project.with_segments([tried, Family(beside, BESIDE, known)]))
        try:
            host.call("resolved_segments")
            break
        except RuleError as error:
            refusal = error
    else:
        raise Refused(told_faults(host, ROOT, language) or [str(refusal)])
    resolved = [
        one for one in host.call("resolved_segments") if one["family"] == tried.name
    ]
    try:
        for name in DECIDING:
            connection.execute(f'create temp table "{name}" as {host.render(name)}')
        # a view: only what is asked of it is computed
        connection.execute(f'create temp view "{REASONS}" as {host.render(REASONS)}')
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise NotBuilt(
            f"built by another version: {first_line(error)}",
            f"다른 버전으로 빌드되었습니다: {first_line(error)}",
        ) from error
    small = small_test(host)
    for one in resolved:
        yield Trial(
            name=one["name"],
            unwritten=lacks.get(one.get("frozen_of") or one["name"], {}),
            text=one["text"],
            words=host.call("rule_words", one["rule"], language),
            version=host.call("rule_version", one["rule"]),
            missing=missing(connection, one["name"]),
            as_of=as_of(connection, database),
            candidates=counted(connection, f'select count(*) from "{FLAGS}"'),
            size=counted(connection, members(one["name"], "count(*)")),
            steps=list(waterfall(connection, one["name"], language)),
            reach=list(reached(host, one["name"], language)),
            overlaps=list(overlaps(host, one["name"], language)),
            built=built(host, one["name"]),
            unmet=list(unmet(host, one["rule"], language)),
            stages=list(stages(host, one["name"], language)),
            revenue=revenue(host, one["name"]),
            is_small=small,
        )


def completed(
    segments: list[Any], unwritten: list[list[str]], keys: Mapping[str, Any]
) -> list[Any]:
    """The segments with something in the place of what nobody wrote but the rule."""
    whole = []
    for number, (segment, missing) in enumerate(
        zip(segments, unwritten, strict=True), start=1
    ):
        stand_ins = {
            key: UNWRITTEN.get(key, UNWRITTEN.get(keys[key]["shape"]))
            for key in missing
            if key not in ("name", "rule")
        }
        if "name" in missing:
            stand_ins["name"] = f"{UNTITLED}_{number}"
        whole.append({**segment, **stand_ins})
    return whole


def small_test(host: Host) -> IsSmall:
    """Whether so many people are too few to be told of, as macros judge it."""

    @cache
    def is_small(count: int) -> bool:
        [(answer,)] = host.run_query(
            f"select {host.call('is_small_group', count)}"
        ).rows
        return bool(answer)

    return is_small


def first_line(error: Exception) -> str:
    """The first line of a message."""
    return str(error).splitlines()[0]


def as_of(connection: duckdb.DuckDBPyConnection, database: str) -> date:
    """The day the warehouse describes; NotBuilt when there is none."""
    runs = Relation(database, "main", "segment_runs")
    try:
        found = connection.execute(
            f"select max(as_of_date) from {runs} where is_in_force"
        ).fetchone()
    except duckdb.CatalogException as error:
        raise NotBuilt("it holds no build", "빌드가 없습니다") from error
    if found is None or found[0] is None:
        raise NotBuilt("no build of it has finished", "완료된 빌드가 없습니다")
    day: date = found[0]
    return day


def remaining(families: list[Family], segments: list[Any], file: Path) -> list[Any]:
    """Segments of the project beside the tried ones."""
    tried = {segment.get("name") for segment in segments}
    return [
        one
        for family in families
        if (ROOT / family.file).resolve() != file.resolve()
        for one in family.segments
        if one.get("name") not in tried
    ]


def referred_to(segments: list[Any], others: list[Any]) -> list[Any]:
    """Segments that the tried ones refer to, in any number of steps."""
    known = {name: one for one in others for name in names_of(one)}
    found: list[Any] = []
    waiting = [name for segment in segments for name in references(segment)]
    while waiting:
        one = known.get(waiting.pop())
        if one is not None and one not in found:
            found.append(one)
            waiting += references(one)
    return found


def names_of(segment: Mapping[str, Any]) -> list[str]:
    """The name of a segment, and that of the cohort it fixes on a day."""
    name = str(segment.get("name"))
    frozen = str(segment.get("freeze") or "").replace("-", "")
    return [name, f"{name}_{frozen}"] if frozen else [name]


def references(value: Any) -> list[str]:
    """Names of segments that a definition refers to, in their order."""
    if isinstance(value, list):
        return [name for one in value for name in references(one)]
    if not isinstance(value, Mapping):
        return []
    found: list[str] = []
    for key, one in value.items():
        if key in ("segment", "parent") and isinstance(one, str):
            found.append(one)
        else:
            found += references(one)
    return list(dict.fromkeys(found))


def counted(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number of a query."""
    found = connection.execute(sql).fetchone()
    return 0 if found is None else int(found[0])


def missing(connection: duckdb.DuckDBPyConnection, segment: str) -> str | None:
    """What a tried segment needs and was never loaded."""
    found = connection.execute(
        f'select missing_data from temp.main."{DEFINITIONS}"'
        f" where segment = {quote_text(segment)}"
    ).fetchone()
    return None if found is None else found[0]


def members(segment: str, columns: str = "customer_id") -> str:
    """A query of the members of a tried segment."""
    return f'select {columns} from temp.main."{FLAGS}" where "{segment}"'


def waterfall(
    connection: duckdb.DuckDBPyConnection, segment: str, language: str
) -> Iterator[Step]:
    """The outer conditions of a tried segment, in their order."""
    rows = connection.execute(
        f"""
        with answered as (
            select
                condition_number,
                condition_{language} as words,
                is_met,
                count(*) filter (where not is_met) over (
                    partition by customer_id
                    order by condition_number
                    rows between unbounded preceding and current row
                ) as missed_so_far,
                count(*) filter (where not is_met) over (
                    partition by customer_id
                ) as missed
            from temp.main."{REASONS}"
            where segment = {quote_text(segment)}
        )

        select
            words,
            count(*) filter (where is_met),
            count(*) filter (where missed_so_far = 0),
            count(*) filter (where missed = 0 or (missed = 1 and not is_met))
        from answered
        group by condition_number, words
        order by condition_number
        """
    ).fetchall()
    for row in rows:
        yield Step(*row)


def reached(host: Host, segment: str, language: str) -> Iterator[Reach]:
    """How many members each channel reaches, by channel."""
    columns = sorted(
        name
        for name in host.project.node("customers")["columns"]
        if name.startswith(REACH)
    )
    if not columns or host.connection is None:
        return
    counts = ", ".join(f'count(*) filter (where "{name}")' for name in columns)
    found = host.connection.execute(
        f"select {counts} from {host.ref('customers')} "
        f"where customer_id in ({members(segment)})"
    ).fetchone()
    labels = dict(
        host.run_query(
            f"select channel, label_{language} from {host.ref('channels')}"
        ).rows
    )
    for name, count in zip(columns, found or (), strict=True):
        channel = name.removeprefix(REACH)
        yield Reach(channel, labels.get(channel, channel), count)


def overlaps(host: Host, segment: str, language: str) -> Iterator[Overlap]:
    """Segments of the build that share members, the most alike first."""
    if host.connection is None:
        return
    rows = host.connection.execute(
        f"""
        with tried as ({members(segment)}),

        shared as (
            select
                built.segment,
                count(*) as size,
                count(tried.customer_id) as both_count
            from {host.ref("segment_members")} as built
            left join tried on built.customer_id = tried.customer_id
            where built.segment <> {quote_text(segment)}
            group by built.segment
        )

        select
            shared.segment,
            segments.label_{language},
            shared.size,
            shared.both_count,
            shared.both_count
            / (shared.size + (select count(*) from tried) - shared.both_count)
                as jaccard
        from shared
        inner join {host.ref("segments")} as segments
            on shared.segment = segments.segment
        where shared.both_count > 0
        order by jaccard desc, shared.segment
        """
    ).fetchall()
    for row in rows:
        yield Overlap(*row)


def unmet(host: Host, rule: Any, language: str) -> Iterator[Unmet]:
    """Values of open vocabularies that a rule asks for and nobody has."""
    kept: dict[tuple[str, str | None], dict[str, bool]] = {}
    for condition in host.call("rule_conditions", rule):
        for asked in condition.get("asked") or []:
            vocabulary = (asked["sql"], asked.get("event"))
            held = kept.get(vocabulary) or held_values(host, asked)
            kept[vocabulary] = held
            if any(one in held for one in asked["stored"]):
                continue
            told = {
                value: label_of(value, asked["labels"], language)
                for value, is_small in held.items()
                if not is_small
            }
            names = {
                name: value
                for value in [*told][:COMPARED]
                for name in host.call(
                    "value_names", value, asked["labels"].get(value, {})
                )
                if name
            }
            near = host.call("near_names", asked["written"], [*names])
            values = [names[name] for name in near] or [*told][:NAMED]
            yield Unmet(
                asked["written"],
                asked["words"][language],
                list(dict.fromkeys(told[value] for value in values)),
                bool(near),
            )


def label_of(value: str, labels: Mapping[str, Any], language: str) -> str:
    """A value as people are told it."""
    label = labels.get(value)
    return f"{label[language]} ({value})" if label else value


def held_values(host: Host, asked: Mapping[str, Any]) -> dict[str, bool]:
    """Values of customers, the most frequent first, and whether only few have them."""
    value = asked["sql"]
    if asked.get("is_list"):
        value = f"unnest(string_split({value}, '|'))"
    source = f"{host.ref('customers')} as customers"
    where = "is_segment_candidate"
    if asked.get("event"):
        source = (
            f"{host.ref('int_customer_actions')} as actions"
            f" inner join {source} using (customer_id)"
        )
        where += f" and actions.event_name = {quote_text(asked['event'])}"
    return dict(
        host.run_query(
            f"""
            with held as (
                select
                    customers.customer_id,
                    {value} as value
                from {source}
                where {where}
            ),

            counted as (
                select
                    value,
                    count(distinct customer_id) as customer_count
                from held
                where value is not null
                group by value
            )

            select
                value,
                {host.call("is_small_group", "customer_count")} as is_small
            from counted
            order by customer_count desc, value
            """
        ).rows
    )


def stages(host: Host, segment: str, language: str) -> Iterator[Stage]:
    """Members by purchase stage, in the order of stages."""
    small = host.call("is_small_group", "customer_count")
    hidden = host.call(
        "hidden_with_complement",
        "is_small",
        "customer_count",
        {"of": "is_member", "key": "purchase_stage"},
    )
    counts = {
        stage: (count, is_hidden)
        for stage, count, is_hidden in host.run_query(
            f"""
            with counted as (
                select
                    purchase_stage,
                    true as is_member,
                    count(*) as customer_count
                from {host.ref("customers")}
                where customer_id in ({members(segment)})
                group by purchase_stage
            ),

            judged as (
                select
                    *,
                    {small} as is_small
                from counted
            )

            select
                purchase_stage,
                customer_count,
                {hidden} as is_hidden
            from judged
            """
        ).rows
    }
    trait = host.call("trait_registry")["purchase_stage"]
    for stage in trait["values"]:
        if stage in counts:
            yield Stage(trait["labels"][stage][language], *counts[stage])


def revenue(host: Host, segment: str) -> Revenue:
    """What members brought in, in the currency of the reports."""
    [(total, buyers)] = host.run_query(
        "select sum(net_revenue), count(*) filter (where order_count > 0)"
        f" from {host.ref('customers')} where customer_id in ({members(segment)})"
    ).rows
    return Revenue(total, buyers)


def built(host: Host, segment: str) -> Built | None:
    """The segment of this name as it is in the build; None when it is new."""
    if host.connection is None:
        return None
    known = host.connection.execute(
        f"select count(*) from {host.ref('segments')}"
        f" where segment = {quote_text(segment)}"
    ).fetchone()
    if known is None or not known[0]:
        return None
    found = host.connection.execute(
        f"""
        with tried as ({members(segment)}),

        built as (
            select customer_id
            from {host.ref("segment_members")}
            where segment = {quote_text(segment)}
        )

        select
            (select count(*) from built),
            (select count(*) from tried anti join built using (customer_id)),
            (select count(*) from built anti join tried using (customer_id))
        """
    ).fetchone()
    return None if found is None else Built(*found)
