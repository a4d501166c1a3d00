"""What people do with the ledger between exports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb

from customer_segments.exporting.export import opened, planned, refuse_unknown
from customer_segments.exporting.ledger import Ledger, Line, person
from customer_segments.exporting.options import ExportOptions
from customer_segments.exporting.points import reached
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.running import purge
from customer_segments.loading.quoting import quote_text

STATUS = """
    select
        memberships.destination,
        memberships.audience,
        count(*) filter (where status = 'acked') as acked,
        count(*) filter (where status = 'unknown') as unknown,
        count(*) filter (where status = 'rejected') as rejected,
        count(*) filter (where status = 'released') as released,
        max(changed_at) as changed_at
    from ledger.memberships
    where audience in (select unnest($audiences::varchar[]))
    group by memberships.destination, memberships.audience
    order by memberships.destination, memberships.audience
"""

LAST_RUNS = """
    select command, as_of_date, started_at, ended_at, exit_code
    from ledger.runs
    order by started_at desc, run_id desc
    limit 5
"""

RELEASED = """
    update ledger.memberships
    set status = 'released'
    where
        status = 'unknown'
        and (destination, audience) in (
            select destination, audience from ledger.batches where effect = 'send'
        )
        and audience in (select unnest($audiences::varchar[]))
"""

# who was refused is nowhere, so nothing is known of them
OFFERED_AGAIN = """
    delete from ledger.memberships
    where
        status = 'rejected'
        and audience in (select unnest($audiences::varchar[]))
"""


@dataclass(frozen=True)
class Status:
    """What the ledger knows: identifiers by destination and audience, last runs."""

    memberships: list[tuple[str, str, int, int, int, int, datetime]]
    runs: list[tuple[str, object, datetime, datetime | None, int | None]]
    in_flight: int


@dataclass
class Reconciled:
    """What a destination told about an audience, in identifiers."""

    destination: str
    audience: str
    there: int | None
    confirmed: int = 0
    missing: int = 0
    extra: int = 0


@dataclass
class Forgotten:
    """Where a person was removed, and where that is still to be done."""

    done: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


def known_audiences(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> list[str]:
    """The audiences that were asked for, all when none was; WrongSpec."""
    known = [
        audience
        for (audience,) in connection.sql(
            "select distinct audience from ledger.memberships order by audience"
        ).fetchall()
    ]
    refuse_unknown(names, known, "the ledger knows ")
    return list(names) or known


def read_status(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str] = ()
) -> Status:
    """What an attached ledger knows of audiences, all when none is named; WrongSpec."""
    asked = known_audiences(connection, names)
    (in_flight,) = connection.sql(
        "select count(*) from ledger.batches where status = 'INFLIGHT'"
    ).fetchone() or (0,)
    return Status(
        connection.execute(STATUS, {"audiences": asked}).fetchall(),
        connection.sql(LAST_RUNS).fetchall(),
        in_flight,
    )


def release_unknown(options: ExportOptions, with_rejected: bool) -> tuple[int, int]:
    """Let messages that nobody confirmed be sent again, and rows that were refused.

    How many of the first, and of the second; WrongSpec for an audience that the ledger
    does not know.
    """
    with opened(options) as (ledger, _):
        asked = {"audiences": known_audiences(ledger.connection, options.names)}
        with ledger.transaction():
            (released,) = ledger.connection.execute(RELEASED, asked).fetchone() or (0,)
            (offered,) = (
                ledger.connection.execute(OFFERED_AGAIN, asked).fetchone()
                if with_rejected
                else None
            ) or (0,)
    return released, offered


def forget(options: ExportOptions, customer_id: str) -> Forgotten:
    """Remove a person from every destination, and never add them again.

    What cannot be removed now is tried again by each export. Whose wish it is to
    leave a destination leaves it as well.
    """
    customer_id = customer_id.strip()
    if not customer_id:
        raise WrongSpec("say whom to forget: --customer ID")
    options = replace(options, names=())
    with opened(options) as (ledger, sinks):
        connection = ledger.connection
        with ledger.transaction():
            connection.execute(
                "insert into ledger.tombstones select $1, $2"
                " where $1 not in (select person from ledger.tombstones)",
                [person(customer_id), ledger.now],
            )
        reached("tombstone laid")
        made = planned(options, ledger, sinks)
        done = purge(options, ledger, sinks, made.report, 0)
        ledger.erase(f"select {quote_text(customer_id)}")
        return Forgotten(
            done or ["nobody of that id was anywhere; they will not be added"],
            made.report.failures,
        )


def reconcile(options: ExportOptions) -> list[Reconciled]:
    """Ask destinations who is there, and believe them; the next run does the rest.

    Who is missing there counts as absent; who is there and not in the ledger is
    unknown: wanted, they are added again, else they are removed. Whose addition was
    unknown or refused is there with nobody knows what, so it is told again.
    """
    with opened(options) as (ledger, sinks):
        made = planned(options, ledger, sinks)
        return [
            one
            for name, adapter in sinks.adapters.items()
            for (destination, audience), line in sorted(made.report.lines.items())
            if destination == name
            for one in [compare(ledger, line.plan.line, adapter.members(audience))]
        ]


def compare(ledger: Ledger, line: Line, members: Iterator[str] | None) -> Reconciled:
    """Bring the ledger in line with who a destination says is there."""
    destination, audience = line.destination, line.audience
    if members is None:
        return Reconciled(destination, audience, None)
    connection = ledger.connection
    found = sorted(set(members))
    connection.execute(
        "create or replace temp table found as"
        " select unnest($1::varchar[]) as identifier",
        [found],
    )
    here = {"destination": destination, "audience": audience}
    where = "destination = $destination and audience = $audience"
    with ledger.transaction():
        counts = [
            connection.execute(query, {**here, **more}).fetchone() or (0,)
            for query, more in (
                (
                    "update ledger.memberships set status = 'acked', reason = null,"
                    " row_hash = null, changed_at = $now"
                    f" where {where} and status in ('unknown', 'rejected')"
                    " and identifier in (select identifier from found)",
                    {"now": ledger.now},
                ),
                (
                    f"delete from ledger.memberships where {where}"
                    " and status in ('acked', 'unknown')"
                    " and identifier not in (select identifier from found)",
                    {},
                ),
                (
                    "insert into ledger.memberships"
                    " select $destination, $audience, identifier, '', 'unknown', null,"
                    " null, null, null, $now, $now, nullif($channel, '')"
                    " from found"
                    " where identifier not in (select identifier"
                    f" from ledger.memberships where {where}"
                    " and status in ('acked', 'unknown'))",
                    {"now": ledger.now, "channel": line.channel},
                ),
            )
        ]
    confirmed, missing, extra = (int(count) for (count,) in counts)
    return Reconciled(destination, audience, len(found), confirmed, missing, extra)
