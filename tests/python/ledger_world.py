"""A shop, its destinations and an exporter between them, for the machine of the ledger.

What a build would give is made from the people; the export, its ledger and its plan
are the real ones. Destinations hold who is there, and fail as they are told.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pytest

from customer_segments.exporting import export, points, upkeep
from customer_segments.exporting.delivery import Answer, Batch, Effect
from customer_segments.exporting.destinations import Sinks
from customer_segments.exporting.export import Planned
from customer_segments.exporting.judging import CANDIDATES, OUTCOMES, Audience, Verdict
from customer_segments.exporting.ledger import Ledger
from customer_segments.exporting.options import ExportOptions, ExportReport, LineReport
from customer_segments.exporting.planning import Sink, make_plan
from customer_segments.exporting.problems import ExportProblem, GuardStopped
from customer_segments.exporting.reading import COPIES, Copied, Wishes, landed_wishes

CUSTOMERS = ("ann", "bob", "cho", "dan")
ADDRESSES = ("x1", "x2", "x3", "x4", "x5")
TODAY = date(2026, 3, 2)
# audience: destination, effect, mode, whether unknown messages are replayed
AUDIENCES: Mapping[str, tuple[str, Effect, str, bool]] = {
    "mirrored": ("ads", "set", "mirror", False),
    "collected": ("ads", "set", "add_only", False),
    "texted": ("sms", "send", "trigger", False),
    "pushed": ("app", "send", "trigger", True),
}
SETS = ("mirrored", "collected")
SENDS = ("texted", "pushed")
# between these nobody looks at the wishes again before rows are handed over
HANDED_OVER = ("add: written down, not committed", "add: in flight")


class Killed(BaseException):
    """The process of an export ends."""


@dataclass(frozen=True)
class Behaviour:
    """What a destination does with a batch: rows applied, rows told, and the rest.

    Of the rows, 1 is the first, 9 are all; `rest` is what the others are.
    """

    applied: int = 9
    told: int = 9
    rest: str = "unknown"
    failure: str = ""
    is_picky: bool = False


BEHAVIOURS = {
    "good": Behaviour(),
    "lost after": Behaviour(told=0, failure="timeout"),
    "lost before": Behaviour(applied=0, told=0, failure="timeout"),
    "lost between": Behaviour(applied=1, told=0),
    "half told": Behaviour(told=1),
    "half sent": Behaviour(applied=1, told=1, rest="unsent", failure="http_503"),
    "nothing sent": Behaviour(applied=0, told=0, rest="unsent", failure="http_429"),
    "one refused": Behaviour(is_picky=True),
}


def sent_as(address: str) -> str:
    """An address as destinations take it."""
    return f"hash of {address}"


@dataclass
class Person:
    """A customer of the shop; `entries` counts how often they came, by audience."""

    address: str
    variables: str | None = None
    has_withdrawn: bool = False
    is_forgotten: bool = False
    audiences: set[str] = field(default_factory=set)
    resting: set[str] = field(default_factory=set)
    entries: Counter[str] = field(default_factory=Counter)

    @property
    def wishes_to_leave(self) -> bool:
        """Whether they must not be contacted."""
        return self.has_withdrawn or self.is_forgotten


class Known(NamedTuple):
    """What the ledger knows of an address."""

    customer_id: str
    status: str
    reason: str | None


class Server:
    """A destination in this process: the real thing for an exporter."""

    batch_size = 2

    def __init__(self, world: "World", effect: Effect, knows_messages: bool) -> None:
        self.world = world
        self.effect = effect
        self.knows_messages = knows_messages
        self.there: dict[str, dict[str, dict[str, str | None]]] = {}
        self.messages: set[str] = set()
        self.reached: Counter[tuple[str, str, str, int]] = Counter()

    def deliver(self, batch: Batch) -> Answer:
        """Take a batch as the world says."""
        world = self.world
        world.check_batch(self, batch)
        answers = world.answers.get(world.destination_of(self), [])
        behaviour = BEHAVIOURS[answers.pop(0) if answers else "good"]
        refused = {
            row.identifier: "refused"
            for row in batch.rows
            if batch.operation == "add" and row.identifier in world.refused
        }
        if behaviour.is_picky:
            refused[batch.rows[0].identifier] = "picky"
        for row in batch.rows[: behaviour.applied]:
            if row.identifier not in refused:
                self.apply(batch, row.identifier, row.customer_id, row.message_id)
                if batch.operation == "add" and self.effect == "set":
                    self.there.setdefault(batch.audience, {})[row.identifier] = dict(
                        row.variables
                    )
        told = [row.identifier for row in batch.rows[: behaviour.told]]
        rest = [row.identifier for row in batch.rows[behaviour.told :]]
        rejected = {one: refused[one] for one in told if one in refused}
        world.rejected |= {(batch.audience, one) for one in rejected}
        if behaviour.failure:
            world.failed.add(world.destination_of(self))
        return Answer(
            accepted=frozenset(told) - rejected.keys(),
            rejected=rejected,
            unsent=frozenset(rest if behaviour.rest == "unsent" else ()),
            failure=behaviour.failure,
        )

    def apply(
        self, batch: Batch, identifier: str, customer: str, message_id: str
    ) -> None:
        """Let a row have its effect."""
        if batch.operation == "remove":
            self.there.get(batch.audience, {}).pop(identifier, None)
        elif self.effect == "send":
            if self.knows_messages and message_id in self.messages:
                return
            self.messages.add(message_id)
            entry = self.world.people[customer].entries[batch.audience]
            self.reached[batch.audience, identifier, customer, entry] += 1
            assert (
                self.reached[batch.audience, identifier, customer, entry]
                <= 1 + self.world.released[batch.audience, identifier]
            ), "a message reached a person twice"

    def members(self, audience: str) -> Iterator[str] | None:
        """Who is there; a sender of messages cannot tell."""
        return None if self.effect == "send" else iter(self.there.get(audience, {}))

    def close(self) -> None:
        """Nothing to let go of."""


class World:
    """People, destinations, and a folder with a ledger."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.people = {
            name: Person(address)
            for name, address in zip(CUSTOMERS, ADDRESSES, strict=False)
        }
        self.defined = set(AUDIENCES)
        self.servers = {
            destination: Server(self, effect, is_replayed)
            for destination, effect, _, is_replayed in AUDIENCES.values()
        }
        self.ticks = 0
        # of the run that goes on
        self.answers: dict[str, list[str]] = {}
        self.refused: set[str] = set()
        self.is_night = False
        self.is_guarded = False
        self.is_purge = False
        self.has_added = False
        self.failed: set[str] = set()
        self.kill_after: int | None = None
        self.withdrawals: list[tuple[int, str]] = []
        self.is_calm = False
        self.chosen: frozenset[str] = frozenset()
        self.to_forget: str | None = None
        self.tampering: tuple[str, frozenset[str], frozenset[str]] | None = None
        # of the past
        self.rejected: set[tuple[str, str]] = set()
        self.released: Counter[tuple[str, str]] = Counter()
        self.connection: duckdb.DuckDBPyConnection | None = None
        (self.root / "build").touch()
        (self.root / "landing" / "consents").mkdir(parents=True)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(points, "hook", self.pass_point)
        self.patch.setattr(export, "planned", self.planned)
        self.patch.setattr(upkeep, "planned", self.planned)
        self.patch.setattr(export, "objection", self.objection)
        self.patch.setattr(export, "memory", memory)
        with export.opened(self.options()):
            pass

    def close(self) -> None:
        """Leave nothing behind."""
        self.patch.undo()
        self.folder.cleanup()

    # what an export is asked for

    def clock(self) -> datetime:
        """A clock that never stands still."""
        self.ticks += 1
        return datetime(2026, 3, 2, 3, tzinfo=UTC) + timedelta(milliseconds=self.ticks)

    def options(self, names: Iterable[str] = ()) -> ExportOptions:
        """A command line."""
        return ExportOptions(
            database=self.root / "build",
            ledger=self.root / "ledger.duckdb",
            out=None,
            destinations=self.root / "destinations.yml",
            project=self.root,
            names=sorted(names),
            yesterday=TODAY,
            zone=ZoneInfo("UTC"),
            max_age_days=None,
            spreadsheet_safe=False,
            send=True,
            environ={},
            clock=self.clock,
            watch=lambda _, works: works,
        )

    # what happens while it works

    def pass_point(self, name: str) -> None:
        """Withdraw, and die, when it is time."""
        if name == "tombstone laid":
            assert self.to_forget is not None
            self.people[self.to_forget].is_forgotten = True
        if name not in HANDED_OVER:
            self.withdrawals = [(left - 1, who) for left, who in self.withdrawals]
            for left, who in self.withdrawals:
                if left < 0:
                    self.withdraw(who)
            self.withdrawals = [one for one in self.withdrawals if one[0] >= 0]
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                raise Killed
        if name == "run ended" and self.is_calm:
            self.check_converged()

    def withdraw(self, customer: str) -> None:
        """A wish, and the file that it was loaded from."""
        self.people[customer].has_withdrawn = True
        self.ticks += 1
        (self.root / "landing" / "consents" / f"{self.ticks}.parquet").touch()

    def tamper(self) -> None:
        """Let somebody else take addresses out of a destination, and bring some in.

        Out and in again with other columns is what no list of members can tell.
        """
        if self.tampering is None or self.tampering[0] not in self.defined:
            return
        audience, gone, come = self.tampering
        there = self.server(audience).there.setdefault(audience, {})
        for address in gone - come:
            there.pop(sent_as(address), None)
        for address in come:
            there.setdefault(sent_as(address), {"size": "by hand"})

    def objection(
        self, options: ExportOptions, made: Planned, sinks: Sinks
    ) -> ExportProblem | None:
        """A guard breaks when it is told to."""
        return GuardStopped("no") if self.is_guarded else None

    # what the build would give

    def wanted(self, audience: str) -> dict[str, str]:
        """Customers who are to be there by address as sent: the lowest id has it."""
        found: dict[str, str] = {}
        for name, person in sorted(self.people.items()):
            if (
                audience in self.defined & person.audiences - person.resting
                and not person.wishes_to_leave
            ):
                found.setdefault(sent_as(person.address), name)
        return found

    def planned(self, options: ExportOptions, ledger: Ledger, sinks: Sinks) -> Planned:
        """A plan over what the build would give; the ledger is looked at first."""
        self.connection = connection = ledger.connection
        self.check_ledger()
        self.has_added = False
        self.failed = set()
        self.tamper()
        for name, server in self.servers.items():
            sinks.adapters[name] = server
        for destination, effect, _, is_replayed in AUDIENCES.values():
            sinks.sinks[destination] = Sink(destination, effect, is_replayed)
        folders = frozenset([self.root / "landing"])
        landed = landed_wishes(folders)
        audiences = [self.audience(name) for name in sorted(self.defined)]
        self.copy_build(connection, audiences)
        chosen = [
            one for one in audiences if not options.names or one.name in options.names
        ]
        plan = make_plan(
            connection,
            sinks.sinks,
            [audience.name for audience in chosen],
            is_whole=not options.names,
        )
        report = ExportReport(
            as_of_date=TODAY,
            lines={
                (one.line.destination, one.line.audience): LineReport(one)
                for one in plan.lines
            },
            verdicts={
                audience.name: Verdict(0, {}, 0, {}, {}, {}) for audience in audiences
            },
            audiences={audience.name: audience for audience in chosen},
        )
        points.reached("planned")
        return Planned(Copied(Wishes(folders, landed), True, ()), audiences, report)

    def audience(self, name: str) -> Audience:
        """An audience as the build would describe it; at night messages wait."""
        destination, _, mode, _ = AUDIENCES[name]
        opens, closes = ("23:00", "23:30") if self.is_night else ("00:00", "24:00")
        return Audience(
            name=name,
            destination=destination,
            adapter="fake",
            mode=mode,
            channel="sms",
            message_class="ad",
            campaign_id=f"{name} of spring",
            sent_from=opens,
            sent_until=closes,
            min_rows=0,
            max_rows=9,
            max_added_share=None,
            max_removed_share=1.0,
            max_age_days=None,
            members=0,
            sendable=0,
            as_of_date=TODAY,
            missing=None,
        )

    def copy_build(
        self, connection: duckdb.DuckDBPyConnection, audiences: Sequence[Audience]
    ) -> None:
        """Fill the tables that a plan reads, as copying and judging a build would."""
        make_table(connection, "raw_deletion_requests", "customer_id", [])
        make_table(
            connection,
            "audiences",
            "audience, destination, mode, channel, message_class, campaign_id,"
            " missing_data",
            [
                (
                    one.name,
                    one.destination,
                    one.mode,
                    "sms",
                    "ad",
                    one.campaign_id,
                    None,
                )
                for one in audiences
            ],
        )
        members, left_out = [], []
        for name in sorted(self.defined):
            lowest = self.wanted(name)
            for customer, person in self.people.items():
                if name not in person.audiences:
                    continue
                # the wish came after the build, as far as the build can tell
                if customer in lowest.values() or (
                    person.wishes_to_leave and name not in person.resting
                ):
                    members.append(
                        (
                            *(name, customer, "sms", person.address, "ad"),
                            *(f"{name} of spring", sent_as(person.address)),
                            *(None, person.variables, None),
                        )
                    )
                else:
                    left_out.append((name, customer))
        make_table(
            connection,
            "members",
            "audience, customer_id, channel, identifier, message_class, campaign_id,"
            " destination_identifier, arm, variables, cap_left",
            members,
        )
        make_table(connection, "audience_exclusions", "audience, customer_id", left_out)
        for name in ("previous", "belonging", "forgotten"):
            query = COPIES[name].format(build="memory")
            connection.execute(f"create or replace table {name} as {query}")
        make_table(
            connection,
            "withdrawn",
            "customer_id",
            [(name,) for name, one in self.people.items() if one.has_withdrawn],
        )
        make_table(connection, "capped", "audience, customer_id", [])
        connection.execute(
            f"""
            create or replace table judged as
            select
                candidates.*,
                case when withdrawn.customer_id is not null then 'withdrawn' end
                    as reason,
                null::varchar as plain_reason,
                withdrawn.customer_id is not null as is_wish
            from ({CANDIDATES}) as candidates
            inner join audiences on candidates.audience = audiences.audience
            left join withdrawn on candidates.customer_id = withdrawn.customer_id
            """
        )
        connection.execute(f"create or replace table outcomes as {OUTCOMES}")

    # what must hold

    def destination_of(self, server: Server) -> str:
        """The name of a destination."""
        return next(name for name, one in self.servers.items() if one is server)

    def check_batch(self, server: Server, batch: Batch) -> None:
        """What holds for whatever a destination is handed."""
        assert batch.rows, "a request without rows"
        assert batch.channel == "sms", "another channel"
        assert self.connection is not None
        written = self.connection.execute(
            "select status from ledger.batches where batch_id = $1", [batch.batch_id]
        ).fetchall()
        assert written == [("INFLIGHT",)], "sent before it was written down"
        wanted = self.wanted(batch.audience)
        assert self.destination_of(server) not in self.failed, "sent after a failure"
        if batch.operation == "remove":
            assert server.effect == "set", "a message was called back"
            assert not self.has_added, "removed after something was added"
            rows = self.rows(batch.audience)
            for row in batch.rows:
                holder = rows[row.identifier].customer_id
                if holder in self.people and self.people[holder].wishes_to_leave:
                    assert self.is_purge or row.identifier not in wanted
                    continue
                # nobody judges the wishes of an audience that is no longer defined
                is_retired = batch.audience not in self.defined
                assert is_retired or not self.is_purge, "taken out without a wish"
                assert row.identifier not in wanted, "removed, and wanted"
                assert batch.audience != "collected" or (
                    batch.audience not in self.defined
                ), "removed from where nobody is removed"
            return
        self.has_added = True
        assert not (self.is_night and server.effect == "send"), "sent at night"
        for row in batch.rows:
            assert wanted.get(row.identifier) == row.customer_id, "added, not wanted"

    def rows(self, audience: str) -> dict[str, Known]:
        """What the ledger knows of an audience by address as sent."""
        assert self.connection is not None
        listed = self.connection.execute(
            "select identifier, customer_id, status, reason from ledger.memberships"
            " where audience = $1",
            [audience],
        ).fetchall()
        found = {identifier: Known(*known) for identifier, *known in listed}
        assert len(found) == len(listed), "an identifier has two rows"
        return found

    def check_ledger(self) -> None:
        """What holds whenever an export begins, whatever became of the one before."""
        assert self.connection is not None
        assert self.connection.sql(
            "select (select count(*) from ledger.batches where status = 'INFLIGHT'),"
            " (select count(*) from ledger.batch_rows)"
        ).fetchall() == [(0, 0)], "something is in flight"
        for audience in AUDIENCES:
            rows = self.rows(audience)
            there = {
                identifier
                for identifier, (_, status, _) in rows.items()
                if status in ("acked", "unknown")
            }
            if audience in SETS:
                lost = set(self.server(audience).there.get(audience, {})) - there
                assert not lost, "at a destination, and the ledger does not know"

    def server(self, audience: str) -> Server:
        """The destination of an audience."""
        return self.servers[AUDIENCES[audience][0]]

    def check_converged(self) -> None:
        """What holds after a run without a fault."""
        self.check_ledger()
        for audience in self.chosen or AUDIENCES:
            rows = self.rows(audience)
            wanted = self.wanted(audience)
            if audience in SETS:
                self.check_set(audience, rows, wanted)
            elif not self.is_night:
                self.check_send(audience, rows, wanted)

    def check_purged(self, connection: duckdb.DuckDBPyConnection) -> None:
        """What holds when a guard stopped a run: who wished to leave has left."""
        self.connection = connection
        self.check_ledger()
        for audience in SETS:
            for known in self.rows(audience).values():
                assert known.status == "rejected" or not (
                    audience not in self.defined
                    or (
                        known.customer_id in self.people
                        and self.people[known.customer_id].wishes_to_leave
                    )
                ), "whoever wished to leave is still there"

    def check_set(
        self,
        audience: str,
        rows: Mapping[str, Known],
        wanted: Mapping[str, str],
    ) -> None:
        """Server, ledger and eligible are one, but for what the server refuses."""
        there = self.server(audience).there.get(audience, {})
        for identifier, (customer, status, reason) in rows.items():
            if status == "unknown":
                # where nobody is removed it stays unknown until somebody wants it
                assert identifier in self.refused or identifier not in wanted, (
                    "unknown after a calm run"
                )
            else:
                assert (status == "acked") == (identifier in there), "another is there"
            if status == "rejected":
                assert (audience, identifier) in self.rejected
            if identifier not in wanted:
                assert AUDIENCES[audience][2] == "add_only"
                assert audience in self.defined
                assert customer not in self.people or (
                    not self.people[customer].wishes_to_leave
                )
            elif status == "acked" and reason is None:
                assert rows[identifier][0] == wanted[identifier]
                text = self.people[customer].variables
                expected = {} if text is None else {"size": text[-3]}
                assert there[identifier] == expected, "an update was forgotten"
        assert wanted.keys() <= rows.keys(), "somebody is missing"

    def check_send(
        self,
        audience: str,
        rows: Mapping[str, Known],
        wanted: Mapping[str, str],
    ) -> None:
        """Whoever is to have a message has it, or nobody knows; once, if they move."""
        served = {
            customer
            for customer, status, _ in rows.values()
            if status in ("acked", "unknown")
        }
        assert all(
            identifier in rows or customer in served
            for identifier, customer in wanted.items()
        ), "somebody is missing"
        reached = {
            identifier
            for name, identifier, _, _ in self.server(audience).reached
            if name == audience
        }
        for identifier in wanted.keys() & rows.keys():
            customer, status, _ = rows[identifier]
            assert status != "released" or customer in served
            if status == "acked":
                assert identifier in reached, "a message was forgotten"
            if status == "rejected":
                assert (audience, identifier) in self.rejected
            if status == "unknown" and AUDIENCES[audience][3]:
                assert identifier in self.refused, "a replay was forgotten"


@contextmanager
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that is quick with few rows."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        yield connection


def make_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: str,
    rows: Sequence[Sequence[object]],
) -> None:
    """A table of text in memory."""
    listed = columns.split(", ")
    typed = ", ".join(f"{one} varchar" for one in listed)
    connection.execute(f"create or replace table {name} ({typed})")
    if rows:
        one_row = f"({', '.join('?' * len(listed))})"
        connection.execute(
            f"insert into {name} values {', '.join([one_row] * len(rows))}",
            [value for row in rows for value in row],
        )
