"""What was sent where: a DuckDB file of its own, which no build can forget.

What is about to be sent is written down before the request, what became of it after
the answer, each in one transaction. A row of `memberships` says what is known of one
identifier at one destination:

  acked     the destination has it
  unknown   it or its removal was sent, and no answer came
  rejected  the destination does not take it; `reason` is its code
  released  was unknown, and a person said that it may be sent again
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from customer_segments.exporting.delivery import Answer, Batch
from customer_segments.exporting.folder import disk_full
from customer_segments.exporting.points import reached
from customer_segments.exporting.problems import Locked, WrongSpec
from customer_segments.loading.quoting import quote_text
from customer_segments.warehouse_file import is_lock

SCHEMA = """
    create table if not exists ledger.runs (
        run_id varchar, command varchar, as_of_date date, started_at timestamp,
        ended_at timestamp, exit_code integer
    );
    create table if not exists ledger.memberships (
        destination varchar, audience varchar, identifier varchar, customer_id varchar,
        status varchar check (status in ('acked', 'unknown', 'rejected', 'released')),
        reason varchar, row_hash varchar, message_id varchar, place bigint,
        first_added_at timestamp, changed_at timestamp
    );
    create table if not exists ledger.batches (
        batch_id varchar, run_id varchar, destination varchar, audience varchar,
        operation varchar check (operation in ('add', 'remove', 'replace')),
        effect varchar check (effect in ('set', 'send', 'file')),
        status varchar check (status in ('INFLIGHT', 'ACKED', 'UNSENT', 'UNKNOWN')),
        channel varchar, message_class varchar, campaign_id varchar, sha256 varchar,
        form varchar, rows bigint, accepted bigint, rejected bigint, code varchar,
        started_at timestamp, started_on date, ended_at timestamp
    );
    create table if not exists ledger.batch_rows (
        batch_id varchar, identifier varchar, customer_id varchar, row_hash varchar,
        message_id varchar, place bigint
    );
    create table if not exists ledger.deliveries (
        destination varchar, audience varchar, customer_id varchar, channel varchar,
        message_class varchar, campaign_id varchar, sent_at timestamp, sent_on date,
        is_certain boolean
    );
    alter table ledger.deliveries add column if not exists message_id varchar;
    alter table ledger.memberships add column if not exists channel varchar;
    create table if not exists ledger.files (
        destination varchar, audience varchar, folder varchar, file varchar,
        rows bigint, bytes bigint, sha256 varchar, form varchar, written_at timestamp
    );
    create table if not exists ledger.uploads (
        destination varchar, manifest_sha256 varchar, uploaded_at timestamp
    );
    create table if not exists ledger.tombstones (
        person varchar, forgotten_at timestamp
    );
    create table if not exists ledger.about (version integer);
    insert into ledger.about select 1 where not exists (from ledger.about)
"""
VERSION = 1

# who is there already stays there when the destination refuses what is new of them
SETTLED_ADDITIONS = """
    create or replace temp table settled as
    select
        batches.destination, batches.audience, batch_rows.identifier,
        batch_rows.customer_id,
        case
            when answered.status = 'rejected'
                and memberships.status in ('acked', 'unknown')
                then memberships.status
            else answered.status
        end as status,
        answered.reason, batch_rows.row_hash, batch_rows.message_id, batch_rows.place,
        coalesce(
            case when memberships.status in ('acked', 'unknown')
                then memberships.first_added_at end,
            $now
        ) as first_added_at,
        $now as changed_at,
        batches.channel
    from ledger.batch_rows
    inner join ledger.batches on batch_rows.batch_id = batches.batch_id
    inner join answered on batch_rows.identifier = answered.identifier
    left join ledger.memberships
        on
            batches.destination = memberships.destination
            and batches.audience = memberships.audience
            and batch_rows.identifier = memberships.identifier
    where batch_rows.batch_id = $batch and answered.status <> 'unsent'
"""

SETTLED_REMOVALS = """
    update ledger.memberships
    set
        status = case
            when answered.status = 'unknown' then 'unknown' else memberships.status
        end,
        reason = answered.reason,
        changed_at = $now
    from answered, ledger.batches
    where
        batches.batch_id = $batch
        and memberships.destination = batches.destination
        and memberships.audience = batches.audience
        and memberships.identifier = answered.identifier
        and answered.status in ('unknown', 'rejected')
"""

REMOVED = """
    delete from ledger.memberships
    using answered, ledger.batches
    where
        batches.batch_id = $batch
        and memberships.destination = batches.destination
        and memberships.audience = batches.audience
        and memberships.identifier = answered.identifier
        and answered.status = 'acked'
"""

# a message that went again under its name is one message
RESENT = """
    delete from ledger.deliveries
    using ledger.batch_rows, answered
    where
        batch_rows.batch_id = $batch
        and batch_rows.identifier = answered.identifier
        and answered.status in ('acked', 'unknown')
        and deliveries.message_id = batch_rows.message_id
"""

DELIVERED = """
    insert into ledger.deliveries
    select
        batches.destination, batches.audience, batch_rows.customer_id, batches.channel,
        batches.message_class, batches.campaign_id, batches.started_at,
        batches.started_on, answered.status = 'acked', batch_rows.message_id
    from ledger.batch_rows
    inner join ledger.batches on batch_rows.batch_id = batches.batch_id
    inner join answered on batch_rows.identifier = answered.identifier
    where batch_rows.batch_id = $batch and answered.status in ('acked', 'unknown')
"""


@dataclass(frozen=True)
class Line:
    """An audience at a destination; `effect` is that of the destination."""

    destination: str
    audience: str
    effect: str
    channel: str
    message_class: str
    campaign_id: str


class Ledger:
    """The ledger, attached as `ledger` to the connection of the one exporter."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
    ) -> None:
        self.connection = connection
        self.zone = zone
        self.clock = clock

    @property
    def now(self) -> datetime:
        """The moment, in UTC without a zone."""
        return self.clock().astimezone(UTC).replace(tzinfo=None)

    @property
    def today(self) -> date:
        """The business day of the moment."""
        return self.clock().astimezone(self.zone).date()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        try:
            self.connection.commit()
        except duckdb.Error as error:
            raise disk_full(error, "the ledger") or error from None

    def begin_run(self, command: str, as_of: date | None) -> str:
        """Write down that a run begins; its id."""
        run_id = f"{self.now:%Y%m%dT%H%M%S%f}-{os.getpid()}"
        self.connection.execute(
            "insert into ledger.runs values ($1, $2, $3, $4, null, null)",
            [run_id, command, as_of, self.now],
        )
        return run_id

    def end_run(self, run_id: str, exit_code: int | None) -> None:
        """Write down how a run ended; None = for new wishes, another one went on."""
        self.connection.execute(
            "update ledger.runs set ended_at = $2, exit_code = $3 where run_id = $1",
            [run_id, self.now, exit_code],
        )

    def recover(self) -> int:
        """What an export that died had in flight is unknown; how many batches.

        A file that was in flight stays so: it can be read (`settle_file`).
        """
        batches = self.connection.sql(
            "select batch_id, operation, effect from ledger.batches"
            " where status = 'INFLIGHT' and effect <> 'file' order by batch_id"
        ).fetchall()
        for batch_id, operation, effect in batches:
            with self.transaction():
                self.connection.execute(
                    """
                    create or replace temp table answered as
                    select identifier, 'unknown' as status, null::varchar as reason
                    from ledger.batch_rows where batch_id = $1
                    """,
                    [batch_id],
                )
                self.settle(batch_id, operation, effect)
                self.end_batch(batch_id, "UNKNOWN", 0, 0, "interrupted")
                reached("recovery: not committed")
            reached("recovery: committed")
        return len(batches)

    def begin_batch(self, run_id: str, line: Line, batch: Batch, query: str) -> None:
        """Write down what is about to be sent: rows of a query over `changes`."""
        with self.transaction():
            self.insert_batch(run_id, line, batch.batch_id, batch.operation, query)
            reached(f"{batch.operation}: written down, not committed")
        reached(f"{batch.operation}: in flight")

    def insert_batch(
        self,
        run_id: str,
        line: Line,
        batch_id: str,
        operation: str,
        query: str,
        sha256: str | None = None,
        form: str | None = None,
    ) -> None:
        """A batch in flight and its rows, inside a transaction."""
        self.connection.execute(f"insert into ledger.batch_rows {query}")
        self.connection.execute(
            """
            insert into ledger.batches
            select
                $batch, $run, $destination, $audience, $operation, $effect, 'INFLIGHT',
                $channel, $class, $campaign, $sha256, $form, count(*), 0, 0, '', $now,
                $today, null
            from ledger.batch_rows where batch_id = $batch
            """,
            {
                "batch": batch_id,
                "run": run_id,
                "destination": line.destination,
                "audience": line.audience,
                "operation": operation,
                "effect": line.effect,
                "channel": line.channel,
                "class": line.message_class,
                "campaign": line.campaign_id,
                "sha256": sha256,
                "form": form,
                "now": self.now,
                "today": self.today,
            },
        )

    def end_answered(self, line: Line, batch: Batch, answer: Answer) -> None:
        """Write down what became of a batch that was handed over."""
        states = [state(row.identifier, answer) for row in batch.rows]
        known = [status for status, _ in states]
        with self.transaction():
            self.connection.execute(
                """
                create or replace temp table answered as
                select
                    unnest($1::varchar[]) as identifier,
                    unnest($2::varchar[]) as status,
                    unnest($3::varchar[]) as reason
                """,
                [
                    [row.identifier for row in batch.rows],
                    known,
                    [reason for _, reason in states],
                ],
            )
            self.settle(batch.batch_id, batch.operation, line.effect)
            reached(f"{batch.operation}: settled, not committed")
            self.end_batch(
                batch.batch_id,
                "UNKNOWN"
                if "unknown" in known
                else "UNSENT"
                if set(known) <= {"unsent"}
                else "ACKED",
                known.count("acked"),
                known.count("rejected"),
                answer.failure,
            )
        reached(f"{batch.operation}: settled")

    def settle(self, batch_id: str, operation: str, effect: str) -> None:
        """Bring what is `answered` of a batch into the memberships."""
        of_batch = {"batch": batch_id}
        if operation == "remove":
            self.connection.execute(REMOVED, of_batch)
            self.connection.execute(SETTLED_REMOVALS, {**of_batch, "now": self.now})
        else:
            self.connection.execute(SETTLED_ADDITIONS, {**of_batch, "now": self.now})
            self.connection.execute(
                "delete from ledger.memberships using settled where"
                " memberships.destination = settled.destination"
                " and memberships.audience = settled.audience"
                " and memberships.identifier = settled.identifier"
            )
            self.connection.execute("insert into ledger.memberships from settled")
        if effect == "send" and operation == "add":
            self.connection.execute(RESENT, of_batch)
            self.connection.execute(DELIVERED, of_batch)

    def end_batch(
        self, batch_id: str, status: str, accepted: int, rejected: int, code: str
    ) -> None:
        """A batch is no longer in flight; its rows are told by the memberships."""
        self.connection.execute(
            "update ledger.batches set status = $2, accepted = $3, rejected = $4,"
            " code = $5, ended_at = $6 where batch_id = $1",
            [batch_id, status, accepted, rejected, code, self.now],
        )
        self.connection.execute(
            "delete from ledger.batch_rows where batch_id = $1", [batch_id]
        )

    def settle_file(self, batch_id: str, path: Path) -> None:
        """What was in flight for a file is in it now, and nothing else is."""
        self.connection.execute(
            "create or replace temp table answered as select identifier,"
            " 'acked' as status, null::varchar as reason"
            " from ledger.batch_rows where batch_id = $1",
            [batch_id],
        )
        self.connection.execute(SETTLED_ADDITIONS, {"batch": batch_id, "now": self.now})
        line = self.connection.execute(
            "select destination, audience, sha256, form, rows from ledger.batches"
            " where batch_id = $1",
            [batch_id],
        ).fetchone()
        assert line is not None
        destination, audience, sha256, form, rows = line
        self.forget_file(destination, audience)
        self.connection.execute("insert into ledger.memberships from settled")
        if sha256:
            self.connection.execute(
                "insert into ledger.files values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                [
                    *(destination, audience, str(path.parent), path.name, rows),
                    *(path.stat().st_size, sha256, form, self.now),
                ],
            )
        self.end_batch(batch_id, "ACKED", rows, 0, "")

    def drop(self) -> None:
        """Forget what a plan drops: rows of which nothing is at the destination."""
        self.erase("select customer_id from raw_deletion_requests")
        with self.transaction():
            self.connection.execute(
                "delete from ledger.memberships using changes"
                " where changes.operation = 'drop'"
                " and memberships.destination = changes.destination"
                " and memberships.audience = changes.audience"
                " and memberships.identifier = changes.identifier"
            )
            reached("dropped, not committed")

    def erase(self, people: str) -> None:
        """Forget people, given as a query, but for what has yet to be taken back.

        Their messages stay as nobody's.
        """
        theirs = f"customer_id in ({people})"
        with self.transaction():
            self.connection.execute(
                f"update ledger.deliveries set customer_id = null where {theirs}"
            )
            self.connection.execute(
                f"delete from ledger.memberships where {theirs}"
                " and (status in ('rejected', 'released') or destination in"
                " (select destination from sinks where effect = 'send'))"
            )

    def forget_file(self, destination: str, audience: str) -> None:
        """Nothing is in the file of an audience any more."""
        for table in ("memberships", "files"):
            self.connection.execute(
                f"delete from ledger.{table} where destination = $1 and audience = $2",
                [destination, audience],
            )


def state(identifier: str, answer: Answer) -> tuple[str, str | None]:
    """What an answer says of a row, and the code of a rejection."""
    if identifier in answer.accepted:
        return "acked", None
    if identifier in answer.rejected:
        return "rejected", answer.rejected[identifier]
    return ("unsent" if identifier in answer.unsent else "unknown"), None


def person(customer_id: str) -> str:
    """How a forgotten customer is remembered, so as never to be added again."""
    return hashlib.sha256(f"customer|{customer_id}".encode()).hexdigest()


def attach_ledger(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Open the ledger for this process alone; Locked, WrongSpec."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = os.umask(0o077)
    try:
        if path.is_file():
            connection.execute(f"attach {quote_text(str(path))} as ledger (read_only)")
            try:
                inspect(connection, path)
            finally:
                connection.execute("detach ledger")
        connection.execute(f"attach {quote_text(str(path))} as ledger")
        connection.execute(SCHEMA)
    except duckdb.Error as error:
        if is_lock(error):
            raise Locked(f"{path} is held by another export; try again later") from None
        raise WrongSpec(
            f"the ledger {path} cannot be read ({type(error).__name__}): it is damaged,"
            " of a newer DuckDB, or none. Keep it: it says what was sent where. Put a"
            " copy of it back, or say another --ledger"
        ) from None
    finally:
        os.umask(before)


def inspect(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read all of a ledger; WrongSpec for one of a newer version, or none at all."""
    tables = [
        name
        for (name,) in connection.sql(
            "select table_name from duckdb_tables() where database_name = 'ledger'"
            " order by table_name"
        ).fetchall()
    ]
    if tables and "memberships" not in tables:
        raise WrongSpec(f"{path} is a database, but no ledger; say another --ledger")
    if "about" in tables:
        (version,) = connection.sql(
            "select max(version) from ledger.about"
        ).fetchone() or (None,)
        if version is not None and version > VERSION:
            raise WrongSpec(
                f"the ledger {path} is of version {version}, written by a newer export;"
                f" this one knows {VERSION}. Export with the newer one"
            )
    for name in tables:
        # a damaged block is found by reading it
        connection.execute(f"select bit_xor(hash(one)) from ledger.{name} as one")


@contextmanager
def attached(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The ledger by itself, to look at it; Locked, WrongSpec."""
    if not path.is_file():
        raise WrongSpec(f"no ledger {path}; nothing was exported yet")
    with duckdb.connect() as connection:
        attach_ledger(connection, path)
        yield connection
