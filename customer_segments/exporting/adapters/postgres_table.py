"""A table in PostgreSQL that holds each member of an audience once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from customer_segments.exporting.delivery import Answer, Batch, Effect, Row
from customer_segments.exporting.problems import ExportProblem, WrongSpec

try:
    import psycopg
    from psycopg import sql
except ImportError:
    raise WrongSpec(
        "PostgreSQL needs packages that are not here; run make setup-destinations"
    ) from None

Column = Literal[
    "audience",
    "identifier",
    "customer_id",
    "channel",
    "message_class",
    "campaign_id",
    "arm",
    "variables",
]
TYPES: dict[Column, str] = {
    "audience": "text not null",
    "identifier": "text not null",
    "customer_id": "text not null",
    "channel": "text not null",
    "message_class": "text not null",
    "campaign_id": "text not null",
    "arm": "text",
    "variables": "jsonb",
}
KEY: tuple[Column, ...] = ("audience", "identifier")
# a deadlock or a conflict of transactions: nothing was done, and it may work now
CONFLICTS = ("40001", "40P01")
GONE = "connection"
ATTEMPTS = 3
READ_AT_ONCE = 10_000

# PostgreSQL cuts longer names
Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,63}$")]


class Settings(BaseModel):
    """Which table; `columns` says by our name how theirs is called, null = left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    dsn_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "POSTGRES_DSN"
    schema_name: Annotated[Name, Field(alias="schema")] = "public"
    table: Name = "audience_members"
    columns: dict[Column, Name | None] = {}
    create: bool = False
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60

    @model_validator(mode="after")
    def keep_the_key(self) -> "Settings":
        """ValueError when members could not be told apart."""
        if any(self.columns.get(name, name) is None for name in KEY):
            raise ValueError("audience and identifier are the key; keep them")
        if len(set(self.names.values())) < len(self.names):
            raise ValueError("two columns have the same name")
        return self

    @property
    def names(self) -> dict[Column, str]:
        """Their names of the columns that are written, by ours."""
        names = {name: self.columns.get(name, name) for name in TYPES}
        return {name: theirs for name, theirs in names.items() if theirs is not None}


class TableUnreadable(ExportProblem):
    """The table cannot be read."""

    code = 5


class PostgresTable:
    """Members by audience and identifier; each batch is one transaction."""

    batch_size = 5_000
    effect: Effect = "set"

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.dsn = environ.get(settings.dsn_env, "")
        if not self.dsn:
            raise WrongSpec(f"set the environment variable {settings.dsn_env}")
        self.connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def __repr__(self) -> str:
        return f"PostgresTable({self.settings.dsn_env})"

    @property
    def table(self) -> sql.Identifier:
        """The table as SQL says it."""
        return sql.Identifier(self.settings.schema_name, self.settings.table)

    def column(self, name: Column) -> sql.Identifier:
        """A column of theirs as SQL says it, by our name."""
        return sql.Identifier(self.settings.names[name])

    def deliver(self, batch: Batch) -> Answer:
        """Upsert or delete the rows; unknown only if the commit went unanswered."""
        everybody = frozenset(row.identifier for row in batch.rows)
        failure = ""
        for _ in range(ATTEMPTS):
            try:
                connection = self.connect()
                connection.execute("begin")
                rejected = self.apply(connection, batch, unique(batch.rows))
            except psycopg.Error as error:
                # no commit was sent, so the server has undone it or will
                self.close()
                failure = code(error)
                if failure in (GONE, *CONFLICTS):
                    continue
                break
            except OSError:
                self.close()
                failure = GONE
                continue
            failure = self.commit(connection)
            if failure == GONE:
                return Answer(frozenset(), rejected, failure=GONE)
            if not failure:
                return Answer(everybody - rejected.keys(), rejected)
            if failure not in CONFLICTS:
                break
        return Answer(frozenset(), unsent=everybody, failure=failure)

    def commit(self, connection: psycopg.Connection[tuple[Any, ...]]) -> str:
        """Commit; a code when it did not happen, GONE when nobody knows."""
        try:
            status = connection.execute("commit").statusmessage
        except psycopg.Error as error:
            self.close()
            return code(error)
        except OSError:
            self.close()
            return GONE
        return "" if status == "COMMIT" else "rolled_back"

    def apply(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        batch: Batch,
        rows: Sequence[Row],
    ) -> dict[str, str]:
        """Change the table; codes of rows that it does not take, found by halving."""
        if not rows:
            return {}
        try:
            with connection.transaction():
                if batch.operation == "add":
                    self.upsert(connection, batch, rows)
                else:
                    self.delete(connection, batch, rows)
            return {}
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(rows) == 1:
                return {rows[0].identifier: error.sqlstate or "22000"}
        middle = len(rows) // 2
        return {
            **self.apply(connection, batch, rows[:middle]),
            **self.apply(connection, batch, rows[middle:]),
        }

    def upsert(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        batch: Batch,
        rows: Sequence[Row],
    ) -> None:
        """Add members or bring them up to date."""
        values = {
            "audience": [batch.audience] * len(rows),
            "identifier": [row.identifier for row in rows],
            "customer_id": [row.customer_id for row in rows],
            "channel": [batch.channel] * len(rows),
            "message_class": [batch.message_class] * len(rows),
            "campaign_id": [batch.campaign_id] * len(rows),
            "arm": [row.arm for row in rows],
            "variables": [as_json(row.variables) for row in rows],
        }
        names = list(self.settings.names)
        changed = [name for name in names if name not in KEY]
        then = sql.SQL("nothing")
        if changed:
            news = sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(self.column(name))
                for name in changed
            )
            then = sql.SQL("update set {}").format(news)  # type: ignore[assignment]
        connection.execute(
            sql.SQL(
                "insert into {table} as members ({columns})"
                " select {values} from unnest({arrays}) as given ({given})"
                " on conflict ({key}) do {then}"
            ).format(
                table=self.table,
                columns=sql.SQL(", ").join(map(self.column, names)),
                values=sql.SQL(", ").join(
                    sql.SQL("{}::jsonb" if name == "variables" else "{}").format(
                        sql.Identifier("given", name)
                    )
                    for name in names
                ),
                arrays=sql.SQL(", ").join(sql.SQL("%s::text[]") for _ in names),
                given=sql.SQL(", ").join(map(sql.Identifier, names)),
                key=sql.SQL(", ").join(map(self.column, KEY)),
                then=then,
            ),
            [values[name] for name in names],
        )

    def delete(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        batch: Batch,
        rows: Sequence[Row],
    ) -> None:
        """Remove members; who is not there is fine."""
        connection.execute(
            sql.SQL("delete from {} where {} = %s and {} = any(%s::text[])").format(
                self.table, self.column("audience"), self.column("identifier")
            ),
            [batch.audience, [row.identifier for row in rows]],
        )

    def members(self, audience: str) -> Iterator[str]:
        """Identifiers that are there now; TableUnreadable while they are read."""
        try:
            connection = self.connect()
            with connection.transaction(), connection.cursor("members") as cursor:
                cursor.itersize = READ_AT_ONCE
                cursor.execute(
                    sql.SQL(
                        "select {identifier} from {table} where {audience} = %s"
                        " order by {identifier}"
                    ).format(
                        identifier=self.column("identifier"),
                        table=self.table,
                        audience=self.column("audience"),
                    ),
                    [audience],
                )
                for (identifier,) in cursor:
                    yield identifier
        except (psycopg.Error, OSError) as error:
            self.close()
            failure = code(error) if isinstance(error, psycopg.Error) else GONE
            raise TableUnreadable(
                f"the table {self.settings.table} could not be read ({failure})"
            ) from None

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The connection, made when there is none; the table with it, if allowed."""
        if self.connection is not None and not self.connection.closed:
            return self.connection
        seconds = self.settings.timeout_seconds
        self.connection = psycopg.connect(
            self.dsn,
            autocommit=True,
            connect_timeout=max(2, round(min(seconds, 30))),
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=round(seconds * 1000),
            application_name="customer-segments",
        )
        self.connection.execute(
            "select set_config('statement_timeout', %s, false)",
            [str(round(seconds * 1000))],
        )
        if self.settings.create:
            self.create_table(self.connection)
        return self.connection

    def create_table(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Make the table unless it is there."""
        found = connection.execute(
            "select 1 from information_schema.tables"
            " where table_schema = %s and table_name = %s",
            [self.settings.schema_name, self.settings.table],
        ).fetchone()
        if found:
            return
        columns = sql.SQL(", ").join(
            sql.SQL("{} " + TYPES[name]).format(self.column(name))
            for name in self.settings.names
        )
        connection.execute(
            sql.SQL("create table if not exists {} ({}, primary key ({}))").format(
                self.table, columns, sql.SQL(", ").join(map(self.column, KEY))
            )
        )

    def close(self) -> None:
        """Hang up; what was not committed is undone."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def unique(rows: Sequence[Row]) -> list[Row]:
    """One row an identifier, the last."""
    return list({row.identifier: row for row in rows}.values())


def as_json(variables: Mapping[str, str | None]) -> str | None:
    """Variables as text; null when there is none."""
    if not variables:
        return None
    return json.dumps(dict(variables), ensure_ascii=False, sort_keys=True)


def code(error: psycopg.Error) -> str:
    """SQLSTATE, or GONE when the connection is no more; never the text."""
    state = error.sqlstate
    if state is None or state.startswith(("08", "57P")):
        return GONE
    return state
