"""What the ledger makes of an answer, and what a plan makes of the ledger."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from customer_segments.exporting.delivery import Answer, Batch, Effect, Operation, Row
from customer_segments.exporting.ledger import Ledger, Line, attach_ledger, person
from customer_segments.exporting.options import Work
from customer_segments.exporting.planning import (
    LinePlan,
    Sink,
    keep_all_but_wishes,
    make_plan,
)
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.running import batches
from customer_segments.exporting.upkeep import compare

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
X = "hash of x"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with duckdb.connect() as connection:
        attach_ledger(connection, tmp_path / "ledger.duckdb")
        yield Ledger(connection, ZoneInfo("Asia/Seoul"), lambda: NOW)


def line(effect: Effect = "set") -> Line:
    """An audience at a destination."""
    return Line("ads", "winback", effect, "sms", "ad", "spring")


def know(ledger: Ledger, status: str, row_hash: str = "") -> None:
    """Let the ledger know of one address."""
    ledger.connection.execute(
        "insert into ledger.memberships values ('ads', 'winback', $1, 'ann', $2, null,"
        " $3, 'first message', null, $4, $4, 'sms')",
        [X, status, row_hash, ledger.now],
    )


def known(ledger: Ledger) -> list[tuple[str, str | None, str, str]]:
    """Status, reason, customer and message of what the ledger knows."""
    return ledger.connection.sql(
        "select status, reason, customer_id, message_id from ledger.memberships"
        " order by identifier"
    ).fetchall()


def begin(ledger: Ledger, operation: Operation, effect: Effect = "set") -> Batch:
    """Put a batch of one row in flight."""
    (number,) = ledger.connection.sql("select count(*) from ledger.batches").fetchall()
    batch_id = f"batch {number[0]}"
    batch = Batch(
        *(batch_id, operation, "winback", "sms", "ad", "spring"),
        rows=[Row(X, "bob", "new message")],
    )
    ledger.begin_batch(
        "r1",
        line(effect),
        batch,
        f"select '{batch_id}', '{X}', 'bob', 'new hash', 'new message', null",
    )
    return batch


ANSWERS = {
    "accepted": Answer(frozenset([X])),
    "rejected": Answer(frozenset(), {X: "bad_number"}),
    "unsent": Answer(frozenset(), unsent=frozenset([X]), failure="http_503"),
    "silence": Answer(frozenset(), failure="timeout"),
}
OLD = ("ann", "first message")
NEW = ("bob", "new message")


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        (None, "accepted", ("acked", None, *NEW)),
        (None, "rejected", ("rejected", "bad_number", *NEW)),
        (None, "unsent", None),
        (None, "silence", ("unknown", None, *NEW)),
        ("acked", "accepted", ("acked", None, *NEW)),
        ("acked", "rejected", ("acked", "bad_number", *NEW)),
        ("acked", "unsent", ("acked", None, *OLD)),
        ("acked", "silence", ("unknown", None, *NEW)),
        ("unknown", "accepted", ("acked", None, *NEW)),
        ("unknown", "rejected", ("unknown", "bad_number", *NEW)),
        ("unknown", "unsent", ("unknown", None, *OLD)),
        ("unknown", "silence", ("unknown", None, *NEW)),
        ("rejected", "accepted", ("acked", None, *NEW)),
        ("rejected", "rejected", ("rejected", "bad_number", *NEW)),
        ("rejected", "unsent", ("rejected", None, *OLD)),
        ("rejected", "silence", ("unknown", None, *NEW)),
        ("released", "accepted", ("acked", None, *NEW)),
        ("released", "rejected", ("rejected", "bad_number", *NEW)),
        ("released", "unsent", ("released", None, *OLD)),
        ("released", "silence", ("unknown", None, *NEW)),
    ],
)
def test_an_addition_is_known_by_its_answer(
    ledger: Ledger,
    before: str | None,
    answer: str,
    after: tuple[str, str | None, str, str] | None,
) -> None:
    """Who may be there is never taken for absent, whatever the answer."""
    if before is not None:
        know(ledger, before)
    batch = begin(ledger, "add")
    ledger.end_answered(line(), batch, ANSWERS[answer])
    assert known(ledger) == ([] if after is None else [after])


@pytest.mark.parametrize("before", ["acked", "unknown"])
@pytest.mark.parametrize(
    ("answer", "after"),
    [
        ("accepted", None),
        ("rejected", ("same", "bad_number", *OLD)),
        ("unsent", ("same", None, *OLD)),
        ("silence", ("unknown", None, *OLD)),
    ],
)
def test_a_removal_is_done_only_when_the_destination_says_so(
    ledger: Ledger,
    before: str,
    answer: str,
    after: tuple[str, str | None, str, str] | None,
) -> None:
    """Else the row stays, and the next plan removes it again."""
    know(ledger, before)
    batch = begin(ledger, "remove")
    ledger.end_answered(line(), batch, ANSWERS[answer])
    if after is None:
        assert known(ledger) == []
    else:
        status = before if after[0] == "same" else after[0]
        assert known(ledger) == [(status, *after[1:])]


@pytest.mark.parametrize(
    ("answer", "status", "counts"),
    [
        ("accepted", "ACKED", (1, 0, "")),
        ("rejected", "ACKED", (0, 1, "")),
        ("unsent", "UNSENT", (0, 0, "http_503")),
        ("silence", "UNKNOWN", (0, 0, "timeout")),
    ],
)
def test_a_batch_ends_with_counts_and_a_code(
    ledger: Ledger, answer: str, status: str, counts: tuple[int, int, str]
) -> None:
    """And its rows are told by the memberships alone."""
    batch = begin(ledger, "add")
    ledger.end_answered(line(), batch, ANSWERS[answer])
    assert ledger.connection.sql(
        "select status, accepted, rejected, code, rows, ended_at is not null"
        " from ledger.batches"
    ).fetchall() == [(status, *counts, 1, True)]
    assert ledger.connection.sql("from ledger.batch_rows").fetchall() == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("accepted", [("bob", "sms", "ad", "spring", True)]),
        ("rejected", []),
        ("unsent", []),
        ("silence", [("bob", "sms", "ad", "spring", False)]),
    ],
)
def test_a_message_that_may_have_arrived_counts_as_delivered(
    ledger: Ledger, answer: str, expected: list[tuple[str, str, str, str, bool]]
) -> None:
    """A cap counts it; being in a list is no message."""
    batch = begin(ledger, "add", "send")
    ledger.end_answered(line("send"), batch, ANSWERS[answer])
    begin(ledger, "add")
    ledger.end_answered(line(), batch, ANSWERS[answer])
    assert (
        ledger.connection.sql(
            "select customer_id, channel, message_class, campaign_id, is_certain"
            " from ledger.deliveries"
        ).fetchall()
        == expected
    )


@pytest.mark.parametrize("mode", ["mirror", None])
def test_who_leaves_does_so_by_the_channel_they_came_by(
    ledger: Ledger, mode: str | None
) -> None:
    """Whatever channel the audience has now, and when it is no more."""
    ledger.end_answered(line(), begin(ledger, "add"), ANSWERS["accepted"])
    channels = "select channel from ledger.memberships"
    assert ledger.connection.sql(channels).fetchall() == [("sms",)]
    ledger.connection.execute("update ledger.memberships set channel = 'email'")
    assert plan(ledger, mode=mode) == {X: "remove"}
    assert ledger.connection.sql(
        "select channel, place from changes where operation = 'remove'"
    ).fetchall() == [("email", 1)]


def test_a_message_that_went_again_under_its_name_is_one_message(
    ledger: Ledger,
) -> None:
    """Or a cap would count it twice; one under another name is another one."""
    for answer in ("silence", "silence", "accepted"):
        ledger.end_answered(line("send"), begin(ledger, "add", "send"), ANSWERS[answer])
    certain = "select customer_id, is_certain from ledger.deliveries"
    assert ledger.connection.sql(certain).fetchall() == [("bob", True)]
    ledger.connection.execute("update ledger.deliveries set message_id = 'another'")
    ledger.end_answered(line("send"), begin(ledger, "add", "send"), ANSWERS["silence"])
    assert ledger.connection.sql(certain).fetchall() == [("bob", True), ("bob", False)]


@pytest.mark.parametrize("operation", ["add", "remove"])
def test_what_a_dead_export_had_in_flight_is_unknown(
    ledger: Ledger, operation: Operation
) -> None:
    """Of an addition as of a removal; the second recovery finds nothing."""
    know(ledger, "acked")
    begin(ledger, operation)
    assert [ledger.recover(), ledger.recover()] == [1, 0]
    assert known(ledger) == [("unknown", None, *(NEW if operation == "add" else OLD))]
    assert ledger.connection.sql(
        "select status, code from ledger.batches"
    ).fetchall() == [("UNKNOWN", "interrupted")]


def test_who_was_added_first_stays_so(ledger: Ledger) -> None:
    """An update changes no first_added_at; an addition after a rejection is one."""
    for status, expected in (("acked", 2025), ("unknown", 2025), ("rejected", 2026)):
        know(ledger, status)
        ledger.connection.execute(
            "update ledger.memberships set first_added_at = timestamp '2025-01-01'"
        )
        ledger.end_answered(line(), begin(ledger, "add"), ANSWERS["accepted"])
        assert ledger.connection.sql(
            "select year(first_added_at), year(changed_at) from ledger.memberships"
        ).fetchall() == [(expected, 2026)]
        ledger.connection.execute("delete from ledger.memberships")


@pytest.mark.parametrize(
    ("before", "is_found", "after", "counts"),
    [
        ("acked", True, ("acked", "old"), (0, 0, 0)),
        ("acked", False, None, (0, 1, 0)),
        ("unknown", True, ("acked", None), (1, 0, 0)),
        ("unknown", False, None, (0, 1, 0)),
        ("rejected", True, ("acked", None), (1, 0, 0)),
        ("rejected", False, ("rejected", "old"), (0, 0, 0)),
        (None, True, ("unknown", None), (0, 0, 1)),
        (None, False, None, (0, 0, 0)),
    ],
)
def test_a_ledger_believes_what_a_destination_tells(
    ledger: Ledger,
    before: str | None,
    is_found: bool,
    after: tuple[str, str | None] | None,
    counts: tuple[int, int, int],
) -> None:
    """One row for an address; what was never confirmed is told again."""
    if before is not None:
        know(ledger, before, row_hash="old")
    told = compare(ledger, line(), iter([X] if is_found else []))
    assert (told.confirmed, told.missing, told.extra) == counts
    assert ledger.connection.sql(
        "select status, row_hash from ledger.memberships"
    ).fetchall() == ([] if after is None else [after])


def test_a_destination_that_cannot_tell_changes_nothing(ledger: Ledger) -> None:
    """None is no empty list."""
    know(ledger, "acked")
    assert compare(ledger, line(), None).there is None
    assert len(known(ledger)) == 1


def test_what_is_no_ledger_is_told_so(tmp_path: Path) -> None:
    """Without a word of its content."""
    path = tmp_path / "odd.duckdb"
    path.write_text("ann@example.com")
    with duckdb.connect() as connection, pytest.raises(WrongSpec) as problem:
        attach_ledger(connection, path)
    assert "ann@" not in str(problem.value)


# a plan


def plan(
    ledger: Ledger,
    *,
    effect: Effect = "set",
    mode: str | None = "mirror",
    is_replayed: bool = False,
    wanted: Sequence[str] = (),
    wishing: Sequence[str] = (),
    belonging: Sequence[str] = (),
    is_whole: bool = True,
    missing: str | None = None,
) -> dict[str, str]:
    """Operations by address; `wanted` says customers that are to be under X."""
    connection = ledger.connection
    connection.execute(
        """
        create or replace table audiences as
        select 'winback' as audience, 'ads' as destination, $1::varchar as mode,
            'sms' as channel, 'ad' as message_class, 'spring' as campaign_id,
            $2::varchar as missing_data
        where $1 is not null
        """,
        [mode, missing],
    )
    connection.execute(
        """
        create or replace table outcomes as
        select 'winback' as audience, unnest($1::varchar[]) as customer_id,
            $2 as destination_identifier, 'sms' as channel, 'ad' as message_class,
            'spring' as campaign_id, null::varchar as arm, null::varchar as variables,
            null::varchar as dropped, null::varchar as rejected
        """,
        [list(wanted), X],
    )
    connection.execute(
        """
        create or replace table previous as
        select destination, audience, customer_id, 'x' as identifier,
            identifier as sent_identifier, status, row_hash, message_id, place,
            channel as sent_channel, false as is_listed
        from ledger.memberships
        """
    )
    connection.execute(
        """
        create or replace table judged as
        select 'winback' as audience, unnest($1::varchar[]) as customer_id,
            'x' as identifier, true as is_wish
        """,
        [list(wishing)],
    )
    connection.execute(
        """
        create or replace table belonging as
        select 'winback' as audience, unnest($1::varchar[]) as customer_id
        """,
        [list(belonging)],
    )
    connection.execute(
        "create or replace table forgotten as select person from ledger.tombstones"
    )
    make_plan(
        connection,
        {"ads": Sink("ads", effect, is_replayed)},
        [] if mode is None else ["winback"],
        is_whole,
    )
    return dict(connection.sql("select identifier, operation from changes").fetchall())


def same(ledger: Ledger, customer: str) -> str:
    """The hash of what is wanted for a customer now."""
    plan(ledger, wanted=[customer])
    ((row_hash,),) = ledger.connection.sql("select row_hash from desired").fetchall()
    return str(row_hash)


@pytest.mark.parametrize(
    ("status", "is_same", "operation"),
    [
        (None, False, "add"),
        ("acked", True, "keep"),
        ("acked", False, "update"),
        ("unknown", True, "add"),
        ("unknown", False, "add"),
        ("rejected", True, "refused"),
        ("rejected", False, "add"),
    ],
)
def test_who_should_be_in_a_list(
    ledger: Ledger, status: str | None, is_same: bool, operation: str
) -> None:
    """What is unknown is absent, and what was refused goes again once it changed."""
    row_hash = same(ledger, "ann") if is_same else "other"
    if status is not None:
        know(ledger, status, row_hash=row_hash)
    assert plan(ledger, wanted=["ann"]) == {X: operation}


@pytest.mark.parametrize(
    ("status", "mode", "is_wish", "operation"),
    [
        ("acked", "mirror", False, "remove"),
        ("acked", "mirror", True, "remove"),
        ("acked", "add_only", False, "keep"),
        ("acked", "add_only", True, "remove"),
        ("unknown", "mirror", False, "remove"),
        ("unknown", "add_only", False, "keep"),
        ("unknown", "add_only", True, "remove"),
        ("rejected", "mirror", False, "drop"),
        ("rejected", "add_only", True, "drop"),
        ("acked", None, False, "remove"),
        ("rejected", None, False, "drop"),
    ],
)
def test_who_should_not_be_in_a_list(
    ledger: Ledger, status: str, mode: str | None, is_wish: bool, operation: str
) -> None:
    """What is unknown is there; a retired audience (no mode) leaves whole."""
    know(ledger, status)
    assert plan(ledger, mode=mode, wishing=["ann"] if is_wish else []) == {X: operation}


@pytest.mark.parametrize(
    ("status", "is_replayed", "operation"),
    [
        (None, False, "add"),
        ("acked", False, "keep"),
        ("acked", True, "keep"),
        ("unknown", False, "hold"),
        ("unknown", True, "add"),
        ("released", False, "add"),
        ("released", True, "add"),
        ("rejected", False, "refused"),
    ],
)
def test_who_should_have_a_message(
    ledger: Ledger, status: str | None, is_replayed: bool, operation: str
) -> None:
    """Once; what changed in it is no reason for another."""
    if status is not None:
        know(ledger, status, row_hash="other")
    assert plan(ledger, effect="send", is_replayed=is_replayed, wanted=["ann"]) == {
        X: operation
    }


@pytest.mark.parametrize(
    ("status", "belongs", "is_wish", "operation"),
    [
        ("acked", True, False, "keep"),
        ("acked", True, True, "drop"),
        ("acked", False, False, "drop"),
        ("unknown", True, True, "hold"),
        ("unknown", False, False, "hold"),
        ("rejected", True, False, "keep"),
        ("rejected", False, False, "drop"),
        ("released", True, False, "keep"),
        ("released", False, True, "drop"),
    ],
)
def test_who_had_a_message_and_should_have_none_now(
    ledger: Ledger, status: str, belongs: bool, is_wish: bool, operation: str
) -> None:
    """Who is only held back is remembered; who left may enter again."""
    know(ledger, status)
    assert plan(
        ledger,
        effect="send",
        belonging=["ann"] if belongs else [],
        wishing=["ann"] if is_wish else [],
    ) == {X: operation}


@pytest.mark.parametrize(("status", "there"), [("acked", "keep"), ("unknown", "hold")])
def test_who_moves_within_a_stay_gets_no_second_message(
    ledger: Ledger, status: str, there: str
) -> None:
    """Nor when nobody knows whether the first one arrived."""
    know(ledger, status)
    ledger.connection.execute("update ledger.memberships set identifier = 'before'")
    assert plan(ledger, effect="send", wanted=["ann"], belonging=["ann"]) == {
        X: "keep",
        "before": there,
    }


@pytest.mark.parametrize(
    ("status", "is_same"), [("unknown", True), ("released", True), (None, False)]
)
def test_a_message_goes_again_under_its_name(
    ledger: Ledger, status: str | None, is_same: bool
) -> None:
    """So that its receiver knows it, and a cap counts it once."""
    if status is not None:
        know(ledger, status)
    plan(ledger, effect="send", is_replayed=True, wanted=["ann"])
    work = Work.addition(LinePlan(line("send"), added=1))
    ((batch, _),) = batches(ledger, "r9", 10, work)
    ((row,),) = (batch.rows,)
    assert (row.message_id == "first message") == is_same
    assert is_same or len(row.message_id) == 32


def test_who_was_forgotten_wishes_to_leave(ledger: Ledger) -> None:
    """Even where nobody else is removed."""
    know(ledger, "acked")
    ledger.connection.execute(
        "insert into ledger.tombstones values ($1, $2)", [person("ann"), ledger.now]
    )
    assert plan(ledger, mode="add_only") == {X: "remove"}


def test_an_address_that_another_has_now_stays(ledger: Ledger) -> None:
    """It is told of the other, though its holder before wished to leave."""
    know(ledger, "acked")
    assert plan(ledger, wanted=["bob"], wishing=["ann"]) == {X: "update"}
    assert ledger.connection.sql("select customer_id from changes").fetchall() == [
        ("bob",)
    ]


def test_a_part_of_the_audiences_retires_none(ledger: Ledger) -> None:
    """Who names audiences does not say that there are no others."""
    know(ledger, "acked")
    assert plan(ledger, mode=None, is_whole=False) == {}


@pytest.mark.parametrize(
    ("effect", "is_wish", "operation"),
    [("set", True, "remove"), ("set", False, "keep"), ("send", True, "keep")],
)
def test_a_plan_of_wishes_alone(
    ledger: Ledger, effect: Effect, is_wish: bool, operation: str
) -> None:
    """Takes out who wishes to leave; a message cannot be called back."""
    know(ledger, "acked")
    plan(ledger, effect=effect, wishing=["ann"] if is_wish else [])
    keep_all_but_wishes(ledger.connection)
    assert ledger.connection.sql("select operation, place from changes").fetchall() == [
        (operation, 1)
    ]


@pytest.mark.parametrize("effect", ["set", "send"])
def test_an_audience_without_data_takes_nobody(ledger: Ledger, effect: Effect) -> None:
    operations = plan(ledger, effect=effect, wanted=["ann"], missing="lost (events)")
    assert operations == {X: "keep"}


@pytest.mark.parametrize(
    ("effect", "is_wish", "operation"),
    [("set", True, "remove"), ("set", False, "keep"), ("send", True, "keep")],
)
def test_an_audience_without_data_lets_go_who_wishes(
    ledger: Ledger, effect: Effect, is_wish: bool, operation: str
) -> None:
    """Nobody can say that the others do not belong any more."""
    know(ledger, "acked")
    wishing = ["ann"] if is_wish else []
    operations = plan(ledger, effect=effect, wishing=wishing, missing="lost (events)")
    assert operations == {X: operation}
