"""A real PostgreSQL that takes members, refuses some, and goes away."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError

from customer_segments.exporting.adapters import ADAPTERS
from customer_segments.exporting.adapters.postgres_table import (
    GONE,
    PostgresTable,
    Settings,
    TableUnreadable,
)
from customer_segments.exporting.delivery import Answer, Batch, Operation, Row
from customer_segments.exporting.problems import WrongSpec
from tests.python.postgres_server import Wire, dsn, postgres_server

CANARY = "canary.person@example.kr"
HOSTILE = ["'; drop table x; --", '"', "{a,b}", "NULL", "\\N", "%s", "민지 😀", "a\nb"]
Tables = Iterator["Table"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgres_server() as port:
        yield port


class Table:
    """A table of a test's own in a schema of its own."""

    def __init__(self, port: int, number: int) -> None:
        self.port = port
        self.schema = f'test "{number}"; --'
        self.name = '회원 "list"'
        self.given: dict[str, Any] = {
            "dsn_env": "PG",
            "schema": self.schema,
            "table": self.name,
            "create": True,
            "timeout_seconds": 10,
        }
        self.ask(f"create schema {quoted(self.schema)}")

    @property
    def place(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What another connection sees."""
        with psycopg.connect(dsn(self.port), autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def adapter(self, port: int | None = None, **changes: Any) -> PostgresTable:
        settings = Settings.model_validate({**self.given, **changes})
        return PostgresTable(settings, {"PG": dsn(port or self.port)})

    def rows(self) -> list[tuple[Any, ...]]:
        return self.ask(f"select audience, identifier from {self.place} order by 1, 2")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture
def table(port: int, request: pytest.FixtureRequest) -> Table:
    return Table(port, abs(hash(request.node.name)))


def row(identifier: str, customer: str = "c", **more: Any) -> Row:
    return Row(identifier, customer, f"m-{identifier}", **more)


def batch(
    operation: Operation, *rows: Row, audience: str = "win_back", campaign: str = "c"
) -> Batch:
    return Batch("b1", operation, audience, "sms", "ad", campaign, rows)


def names(*identifiers: str) -> frozenset[str]:
    return frozenset(identifiers)


def test_members_are_added_brought_up_to_date_and_removed(table: Table) -> None:
    adapter = table.adapter()
    first = row("a", "c1", arm="x", variables={"name": "민지", "b": None})
    assert adapter.deliver(batch("add", first, row("b"))) == Answer(names("a", "b"))
    changed = batch("add", row("a", "c2"), row("c"), campaign="summer")
    assert adapter.deliver(changed) == Answer(names("a", "c"))
    other = batch("add", row("a"), audience="vip")
    assert adapter.deliver(other) == Answer(names("a"))
    assert table.ask(
        f"select identifier, customer_id, campaign_id, arm, variables"
        f" from {table.place} where audience = 'win_back' order by 1"
    ) == [
        ("a", "c2", "summer", None, None),
        ("b", "c", "c", None, None),
        ("c", "c", "summer", None, None),
    ]
    gone = batch("remove", row("a"), row("never there"))
    assert adapter.deliver(gone) == Answer(names("a", "never there"))
    assert adapter.deliver(gone) == Answer(names("a", "never there"))
    assert list(adapter.members("win_back")) == ["b", "c"]
    assert list(adapter.members("vip")) == ["a"]
    assert list(adapter.members("nobody")) == []
    assert adapter.deliver(batch("add")) == Answer(frozenset())
    adapter.close()


def test_variables_arrive_as_json(table: Table) -> None:
    adapter = table.adapter()
    variables = {"name": '민지 "M"', "none": None, "a": "1"}
    adapter.deliver(batch("add", row("a", variables=variables)))
    assert table.ask(f"select variables from {table.place}") == [(variables,)]
    adapter.close()


def test_hostile_values_are_values(table: Table) -> None:
    adapter = table.adapter()
    rows = [Row(text, text, "m", arm=text, variables={text: text}) for text in HOSTILE]
    for audience in HOSTILE:
        added = adapter.deliver(
            batch("add", *rows, audience=audience, campaign=audience)
        )
        assert added == Answer(names(*HOSTILE))
        assert sorted(adapter.members(audience)) == sorted(HOSTILE)
    found = table.ask(
        f"select identifier, customer_id, arm, variables from {table.place}"
        " where audience = campaign_id"
    )
    assert len(found) == len(HOSTILE) ** 2
    for identifier, customer, arm, variables in found:
        assert customer == arm == identifier and variables == {identifier: identifier}
    for audience in HOSTILE:
        adapter.deliver(batch("remove", *rows, audience=audience))
    assert table.rows() == []
    adapter.close()


def test_bad_rows_are_found_and_the_others_arrive(table: Table) -> None:
    adapter = table.adapter()
    assert adapter.deliver(batch("add", row("first"))).accepted
    table.ask(f"alter table {table.place} add check (customer_id <> 'bad')")
    rows = [row(f"i{number:04}", "c") for number in range(1000)]
    rows[3] = row("nul", "c\x00")
    rows[500] = row("check", "bad")
    rows[999] = row("json", variables={"name": "\x00"})
    answer = adapter.deliver(batch("add", *rows))
    assert answer.rejected == {"check": "23514", "json": "22P05", "nul": "22000"}
    assert len(answer.accepted) == 997 and not answer.unsent and not answer.failure
    assert len(table.rows()) == 998
    adapter.close()


def test_the_same_identifier_twice_counts_once(table: Table) -> None:
    adapter = table.adapter()
    twice = batch("add", row("a", "c1"), row("a", "c2"))
    assert adapter.deliver(twice) == Answer(names("a"))
    assert table.ask(f"select customer_id from {table.place}") == [("c2",)]
    adapter.close()


def test_a_table_of_somebody_else_keeps_its_names(table: Table) -> None:
    table.ask(
        f"create table {table.place} (list text, who text, extra text default 'x',"
        ' "Vars" text, primary key (list, who))'
    )
    columns = {
        **{"audience": "list", "identifier": "who", "variables": "Vars"},
        **dict.fromkeys(("customer_id", "channel", "message_class"), None),
        **dict.fromkeys(("campaign_id", "arm"), None),
    }
    adapter = table.adapter(columns=columns, create=False)
    adapter.deliver(batch("add", row("a", variables={"n": "1"})))
    assert table.ask(f"table {table.place}") == [("win_back", "a", "x", '{"n": "1"}')]
    only = {**columns, "variables": None}
    bare = table.adapter(columns=only)
    assert bare.deliver(batch("add", row("a"), row("b"))) == Answer(names("a", "b"))
    assert list(bare.members("win_back")) == ["a", "b"]
    adapter.close()
    bare.close()


def test_without_leave_no_table_is_made(table: Table) -> None:
    adapter = table.adapter(create=False)
    answer = adapter.deliver(batch("add", row("a")))
    assert answer == Answer(frozenset(), unsent=names("a"), failure="42P01")
    with pytest.raises(TableUnreadable, match="42P01"):
        list(adapter.members("win_back"))
    adapter.close()


def test_a_table_without_the_key_takes_nothing(table: Table) -> None:
    adapter = table.adapter()
    adapter.deliver(batch("add", row("a")))
    table.ask(
        f"alter table {table.place} drop constraint {quoted(table.name + '_pkey')}"
    )
    answer = adapter.deliver(batch("add", row("b")))
    assert answer == Answer(frozenset(), unsent=names("b"), failure="42P10")
    adapter.close()


def test_an_answer_to_the_commit_that_is_lost_makes_the_rows_unknown(
    table: Table,
) -> None:
    wire = Wire(table.port)
    adapter = table.adapter(wire.port)
    assert adapter.deliver(batch("add", row("a"))) == Answer(names("a"))
    wire.cut_after = b"commit"
    answer = adapter.deliver(batch("add", row("b")))
    assert answer == Answer(frozenset(), failure=GONE)
    assert wire.cuts == 1
    # it did arrive, which nobody could know
    assert [identifier for _, identifier in table.rows()] == ["a", "b"]
    wire.cut_after = None
    assert adapter.deliver(batch("remove", row("b"))) == Answer(names("b"))
    assert list(adapter.members("win_back")) == ["a"]
    adapter.close()
    wire.close()


def test_a_connection_that_breaks_before_the_commit_leaves_the_rows_unsent(
    table: Table,
) -> None:
    wire = Wire(table.port)
    adapter = table.adapter(wire.port)
    assert adapter.deliver(batch("add", row("a"))) == Answer(names("a"))
    wire.cut_after = b"insert into"
    answer = adapter.deliver(batch("add", row("b")))
    assert answer == Answer(frozenset(), unsent=names("b"), failure=GONE)
    assert wire.cuts == 3
    assert [identifier for _, identifier in table.rows()] == ["a"]
    wire.cut_after = None
    assert adapter.deliver(batch("add", row("b"))) == Answer(names("b"))
    adapter.close()
    wire.close()


def test_a_connection_that_the_server_ended_is_made_again(table: Table) -> None:
    adapter = table.adapter()
    adapter.deliver(batch("add", row("a")))
    table.ask(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'customer-segments'"
    )
    time.sleep(0.1)
    assert adapter.deliver(batch("add", row("b"))) == Answer(names("b"))
    adapter.close()


def test_a_constraint_that_speaks_at_the_commit_undoes_all_rows(table: Table) -> None:
    adapter = table.adapter()
    adapter.deliver(batch("add", row("a", "c1")))
    table.ask(
        f"alter table {table.place} add unique (customer_id)"
        " deferrable initially deferred"
    )
    answer = adapter.deliver(batch("add", row("b", "c1"), row("c", "c2")))
    assert answer.failure == "23505" and answer.unsent == names("b", "c")
    assert [identifier for _, identifier in table.rows()] == ["a"]
    adapter.close()


def test_a_table_that_is_locked_is_given_up_in_time(table: Table) -> None:
    adapter = table.adapter(timeout_seconds=0.3)
    adapter.deliver(batch("add", row("a")))
    with psycopg.connect(dsn(table.port)) as other:
        other.execute(f"lock table {table.place}")
        answer = adapter.deliver(batch("add", row("b")))
    assert answer == Answer(frozenset(), unsent=names("b"), failure="57014")
    adapter.close()


@pytest.mark.parametrize(
    "text",
    [
        "host=127.0.0.1 port=1 user=tester password=canary-password",
        f"no dsn {CANARY}",
        "postgresql://u:canary-password@127.0.0.1:1/x",
        "host=/nowhere user=canary",
    ],
)
def test_nobody_there_means_unsent_and_nothing_is_shown(
    text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    adapter = PostgresTable(Settings(), {"POSTGRES_DSN": text})
    answer = adapter.deliver(batch("add", row(CANARY)))
    assert answer == Answer(frozenset(), unsent=names(CANARY), failure=GONE)
    with pytest.raises(TableUnreadable) as caught:
        list(adapter.members("win_back"))
    said = f"{caught.value} {adapter!r} " + "".join(capfd.readouterr())
    assert "canary" not in said and caught.value.__suppress_context__
    assert caught.value.code == 5
    adapter.close()


def test_a_full_batch_takes_seconds(table: Table) -> None:
    adapter = table.adapter()
    rows = [row(f"i{number}", variables={"n": "1"}) for number in range(5_000)]
    assert adapter.batch_size == len(rows) and adapter.effect == "set"
    begun = time.monotonic()
    assert len(adapter.deliver(batch("add", *rows)).accepted) == 5_000
    assert len(list(adapter.members("win_back"))) == 5_000
    assert len(adapter.deliver(batch("remove", *rows)).accepted) == 5_000
    assert time.monotonic() - begun < 10
    assert table.rows() == []
    adapter.close()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dsn_env": "a b"}, "should match"),
        ({"dsn": "host=x password=canary-password"}, "Extra inputs"),
        ({"table": "x" * 64}, "should match"),
        ({"table": ""}, "should match"),
        ({"columns": {"audience": None}}, "are the key"),
        ({"columns": {"arm": "channel"}}, "same name"),
        ({"columns": {"nosuch": "x"}}, "Input should be"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    given: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        Settings.model_validate(given)
    assert "canary" not in str(caught.value)


def test_it_is_registered_and_wants_its_secret_from_the_environment() -> None:
    settings = json.loads('{"dsn_env": "PG", "schema": "crm", "table": "members"}')
    adapter = ADAPTERS["postgres"](settings, {"PG": "host=x"})
    assert isinstance(adapter, PostgresTable)
    with pytest.raises(WrongSpec, match="variable PG"):
        ADAPTERS["postgres"](settings, {})
    with pytest.raises(WrongSpec):
        ADAPTERS["postgres"]({"tabel": "x"}, {"PG": "host=x"})
