"""What other tools read of audiences, over days with changes, against a plain model.

The model remembers whole audiences, one for each run; the warehouse remembers changes.
Runs repeat days and restate earlier ones; people leave, return, change their address,
are known by another id or ask to be forgotten in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from customer_segments.yaml_files import known_yaml
from tests.python.compiled import seed_rows
from tests.python.warehouse import ROOT, Warehouse, failures

CHANNELS = tuple(row["channel"] for row in seed_rows("channels"))
FIRST_DAY = date(2026, 7, 1)
SHOWN_DAYS = known_yaml(ROOT / "dbt_project.yml")["vars"]["removals_shown_days"]
SYNCS = "models/marts/audiences/syncs"
COLUMNS = (
    *("audience_member_key", "audience", "customer_id", "identifier"),
    *("destination_identifier", "message_class", "campaign_id", "arm", "variables"),
    *("row_hash", "first_added_at", "changed_at", "change_type", "is_removed"),
)
# Audience, channel, message class and campaign, as the table audiences tells them.
NEWS = ("news_to_all", "email", "ad", "cmp_news")
TEXTS = ("win_back", "sms", "ad", "cmp_win_back")

Receivers = Mapping[tuple[str, str], str]  # (audience, customer) to identifier


def digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def sent(audience: str, identifier: str) -> tuple[str, str | None, str | None]:
    """Identifier as sent, arm and variables; texts have the first of them only."""
    if audience == TEXTS[0]:
        return digest(identifier), None, None
    return identifier, "a", f'{{"greeting": "{identifier[0]}"}}'


@dataclass
class Model:
    """Whole audiences as they were at each run, and who was erased when."""

    runs: list[tuple[date, Receivers]] = field(default_factory=list)
    erased: dict[str, date] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def in_force(self) -> list[tuple[int, date, Receivers]]:
        """Runs that no later one of the same day or an earlier one restated."""
        return [
            (number, day, receivers)
            for number, (day, receivers) in enumerate(self.runs)
            if all(later > day for later, _ in self.runs[number + 1 :])
        ]

    def expected(self) -> set[tuple[Any, ...]]:
        """Rows of the seven views."""
        runs = self.in_force()
        _, today, now = runs[-1]
        found: set[tuple[Any, ...]] = set()
        for who in {who for _, receivers in self.runs for who in receivers}:
            audience, customer = who
            spec = NEWS if audience == NEWS[0] else TEXTS
            key = digest(audience, customer)
            start, changed = self.last_stay(runs, who)
            if who in now:
                kind = "unchanged"
                if start == today:
                    kind = "added"
                elif changed == today:
                    kind = "updated"
                called, arm, variables = sent(audience, now[who])
                contents = (customer, now[who], *spec[2:], called, arm, variables)
                travels = digest(*spec[:2], *(text or "" for text in contents))
                row = (key, audience, *contents[:2], called, *spec[2:], arm, variables)
                found.add((*row, travels, start, changed, kind, False))
                continue
            last_seen = max(n for n, (_, one) in enumerate(self.runs) if who in one)
            gone = next(day for number, day, _ in runs if number > last_seen)
            if (today - gone).days < SHOWN_DAYS:
                is_named = customer not in self.erased.keys() | self.unknown
                who_left = (key, audience, customer if is_named else None, None, None)
                stay = start if is_named else None
                nothing = (*spec[2:], None, None, None)
                found.add((*who_left, *nothing, stay, gone, "removed", True))
        return found

    @staticmethod
    def last_stay(
        runs: Sequence[tuple[int, date, Receivers]], who: tuple[str, str]
    ) -> tuple[date | None, date | None]:
        """First day of the last stay by the runs in force, and of its last change."""
        start = changed = before = None
        for _, day, receivers in runs:
            identifier = receivers.get(who)
            if identifier is not None and before is None:
                start = day
            if identifier is not None and identifier != before:
                changed = day
            before = identifier
        return start, changed


class Syncs(Warehouse):
    """A built shop whose audiences are given by the test, run after run."""

    def give(self, model: Model, day: date, receivers: Receivers) -> None:
        """Put the receivers of a day, and the people there are, into the build."""
        rows = [
            (
                audience,
                customer,
                spec[1],
                identifier,
                *spec[2:],
                *sent(audience, identifier),
            )
            for (audience, customer), identifier in sorted(receivers.items())
            for spec in [NEWS if audience == NEWS[0] else TEXTS]
        ]
        people = {who for _, one in model.runs for _, who in one}
        people |= {who for _, who in receivers}
        known = sorted(people - model.erased.keys() - model.unknown)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("update main.build_record set tables_of = ?", [day])
            connection.execute("delete from main.audience_members")
            for row in rows:
                connection.execute(
                    "insert into main.audience_members (audience, customer_id,"
                    " channel, identifier, message_class, campaign_id,"
                    " destination_identifier, arm, variables)"
                    " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
            connection.execute(
                "create or replace table main.customers (customer_id text)"
            )
            for who in known:
                connection.execute("insert into main.customers values (?)", [who])
            erased = ", ".join(f"'{who}'" for who in sorted(model.erased))
            connection.execute(
                "create or replace view main_staging.stg_deletion_requests as select"
                f" unnest([{erased}]::text[]) as customer_id, 'kept' as row_state"
            )

    def run(self, model: Model, day: date, receivers: Receivers, *options: str) -> None:
        """Build the syncs as of a day, and let the model remember the run."""
        receivers = {
            who: identifier
            for who, identifier in receivers.items()
            if who[1] not in model.erased.keys() | model.unknown
        }
        self.give(model, day, receivers)
        model.runs.append((day, receivers))
        result = self.dbt(
            *("run", "--select", f"path:{SYNCS}", *options),
            variables={"as_of_date": day.isoformat()},
        )
        assert result.success, failures(result)
        self.vouch()

    def listed(self) -> set[tuple[Any, ...]]:
        """Rows of the seven views; each row is in one of them."""
        columns = ", ".join(COLUMNS)
        rows = [
            row
            for channel in CHANNELS
            for row in self.query(f"select {columns} from main.audience_{channel}")
        ]
        assert len(set(rows)) == len(rows)
        return set(rows)

    def records(self) -> list[tuple[Any, ...]]:
        return self.query("select * from main.audience_records order by all")

    def broken(self) -> int:
        """How many rows break the law of the syncs."""
        result = self.dbt("test", "--select", "assert_audience_syncs_add_up")
        return sum(one.failures for one in result.result)


@pytest.fixture
def syncs(shop: Warehouse, tmp_path: Path) -> Syncs:
    """A copy of the shop that has recorded nothing yet."""
    copy = Syncs(tmp_path)
    copy.landing = shop.landing
    copy.database.write_bytes(shop.database.read_bytes())
    with duckdb.connect(str(copy.database)) as connection:
        connection.execute("drop table main.audience_records")
    return copy


def test_days_with_changes(syncs: Syncs) -> None:
    """Somebody changes an address, leaves, returns, is merged, asks to be forgotten."""
    model = Model()
    day = [FIRST_DAY + timedelta(days=n) for n in range(80)]
    receivers = {("news_to_all", who): f"{who}@shop.example" for who in "abcdef"}
    receivers |= {("win_back", who): f"+8210{n:08}" for n, who in enumerate("abx")}
    syncs.run(model, day[0], receivers)
    assert syncs.listed() == model.expected()
    assert {row[-2] for row in syncs.listed()} == {"added"}

    receivers[("news_to_all", "a")] = "new@shop.example"
    del receivers[("news_to_all", "b")]
    receivers[("news_to_all", "g")] = "g@shop.example"
    syncs.run(model, day[1], receivers)
    kinds = {row[0]: row[-2] for row in syncs.listed()}
    assert [kinds[digest("news_to_all", who)] for who in "abcg"] == [
        *("updated", "removed", "unchanged", "added")
    ]
    before = syncs.records()
    syncs.run(model, day[1], receivers)
    assert syncs.records() == before
    model.runs.pop()  # a repetition is no run
    syncs.run(model, day[1], receivers, "--full-refresh")
    assert syncs.records() == before
    model.runs.pop()
    assert syncs.listed() == model.expected()

    model.erased["c"] = day[2]
    model.unknown.add("d")
    receivers[("news_to_all", "b")] = "b@shop.example"
    syncs.run(model, day[2], receivers)
    assert syncs.listed() == model.expected()
    key = digest("news_to_all", "c")
    forgotten = syncs.query(
        "select customer_id, identifier, row_hash, first_added_at, change_type"
        f" from main.audience_email where audience_member_key = '{key}'"
    )
    assert forgotten == [(None, None, None, None, "removed")]
    assert not [row for row in syncs.records() if "c" in row]
    address = "c@shop.example"
    contents = ("c", address, "ad", "cmp_news", *sent("news_to_all", address))
    traces = digest("news_to_all", "email", *(text or "" for text in contents))
    assert traces in str(before) and traces not in str(syncs.records())

    # a quiet month: removals are shown on the last day they may be, not on the next
    for later in (2 + SHOWN_DAYS - 1, 2 + SHOWN_DAYS):
        syncs.run(model, day[later], receivers)
        assert syncs.listed() == model.expected()
        is_shown = later == 2 + SHOWN_DAYS - 1
        removed = {row[1:3] for row in syncs.listed() if row[-1]}
        assert removed == ({("news_to_all", None)} if is_shown else set())
    assert key not in str(syncs.records())
    assert syncs.broken() == 0


def test_a_restated_day_takes_out_whom_only_it_had_added(syncs: Syncs) -> None:
    """Others have read what a run said, also when a later run says otherwise."""
    model = Model()
    first, second = FIRST_DAY, FIRST_DAY + timedelta(days=1)
    syncs.run(model, first, {("win_back", "a"): "+821011111111"})
    late = {("win_back", who): "+821022222222" for who in "bc"}
    syncs.run(model, second, late)
    model.erased["c"] = second
    syncs.run(model, second, {("win_back", "a"): "+821011111111"})
    assert syncs.listed() == model.expected()
    removed = {row[0]: row[2] for row in syncs.listed() if row[-1]}
    assert removed == {digest("win_back", "b"): "b", digest("win_back", "c"): None}
    assert syncs.broken() == 0


def test_an_audience_that_takes_another_channel_leaves_the_old_one(
    syncs: Syncs,
) -> None:
    model = Model()
    syncs.run(model, FIRST_DAY, {("win_back", "a"): "+821011111111"})
    with duckdb.connect(str(syncs.database)) as connection:
        connection.execute(
            "update main.audience_members set channel = 'email', identifier = 'a@b.kr'"
        )
        next_day = (FIRST_DAY + timedelta(days=1)).isoformat()
        connection.execute(f"update main.build_record set tables_of = '{next_day}'")
    result = syncs.dbt(
        "run", "--select", f"path:{SYNCS}", variables={"as_of_date": next_day}
    )
    assert result.success, failures(result)
    syncs.vouch()
    said = "select identifier, change_type from main.audience_{}"
    assert syncs.query(said.format("sms")) == [(None, "removed")]
    assert syncs.query(said.format("email")) == [("a@b.kr", "added")]


@pytest.mark.parametrize(
    ("seed", "count"), [(1, 6), pytest.param(2, 12, marks=pytest.mark.slow)]
)
def test_random_runs(syncs: Syncs, seed: int, count: int) -> None:
    """Days forward, the same day again and earlier days, with everything changing."""
    random = Random(seed)
    model = Model()
    day = FIRST_DAY
    receivers: dict[tuple[str, str], str] = {}
    people = "abcdefghijklmn"
    for step in range(count):
        for audience in (NEWS[0], TEXTS[0]):
            for who in people:
                fate = random.random()
                if fate < 0.25:
                    receivers.pop((audience, who), None)
                elif fate < 0.5:
                    receivers[(audience, who)] = f"{who}{random.randrange(3)}"
        if step in (3, 6):
            model.erased[random.choice(people)] = day
        if step == 5:
            model.unknown.add(random.choice(people))
        syncs.run(model, day, dict(receivers))
        assert syncs.listed() == model.expected(), step
        day += timedelta(days=random.choice((-1, 0, 1, 1, 2, 9)))
    assert syncs.broken() == 0


def test_there_is_a_view_for_each_channel(shop: Warehouse) -> None:
    """With the columns of audience_syncs but the channel, in their order."""
    shown = shop.query(
        "select table_name, list(column_name order by ordinal_position)"
        " from information_schema.columns where table_schema = 'main'"
        " and table_name like 'audience\\_%' escape '\\' group by all"
    )
    views = {name: tuple(columns) for name, columns in shown}
    for channel in CHANNELS:
        assert views[f"audience_{channel}"] == COLUMNS, channel
