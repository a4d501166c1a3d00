"""Whatever happens, and in whatever order, an export ends where it should.

A hypothesis machine lets people come, go, change their address and their mind, and
the exporter die at any point before destinations that fail in every way; the checks
are in `ledger_world`.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from customer_segments.exporting import upkeep
from customer_segments.exporting.export import export
from customer_segments.exporting.ledger import attached
from customer_segments.exporting.problems import GuardStopped
from tests.python.ledger_world import (
    ADDRESSES,
    AUDIENCES,
    BEHAVIOURS,
    CUSTOMERS,
    SETS,
    Killed,
    World,
    sent_as,
)

Faults = Mapping[str, Sequence[str]]
customers = st.sampled_from(CUSTOMERS)
audiences = st.sampled_from(list(AUDIENCES))
some_audiences = st.frozensets(audiences)
answers = st.fixed_dictionaries(
    {
        destination: st.lists(st.sampled_from(list(BEHAVIOURS)), max_size=4)
        for destination in ("ads", "app", "sms")
    }
)
deaths = st.none() | st.integers(0, 30)
withdrawals = st.lists(st.tuples(st.integers(0, 20), customers), max_size=2)


class Exporting(RuleBasedStateMachine):
    """People and exports by turns."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.world.close()

    @initialize(absent=st.frozensets(st.tuples(customers, audiences), max_size=4))
    def open_shop(self, absent: frozenset[tuple[str, str]]) -> None:
        """Most are in most audiences from the beginning."""
        for customer, person in self.world.people.items():
            person.audiences = {
                name for name in AUDIENCES if (customer, name) not in absent
            }
            person.entries.update(person.audiences)

    # people

    @rule(customer=customers, names=some_audiences)
    def belong(self, customer: str, names: frozenset[str]) -> None:
        """Somebody enters audiences, as one more entry into each, and leaves others."""
        person = self.world.people[customer]
        person.entries.update(names - person.audiences)
        person.audiences = set(names)

    @rule(customer=customers, names=some_audiences)
    def rest(self, customer: str, names: frozenset[str]) -> None:
        """Somebody is held back in these audiences, by a cap, say, and in no other."""
        self.world.people[customer].resting = set(names)

    @rule(customer=customers)
    def change_mind(self, customer: str) -> None:
        """Somebody wishes to hear no more, or consents again and enters anew."""
        person = self.world.people[customer]
        if person.has_withdrawn:
            person.has_withdrawn = False
            person.entries.update(person.audiences)
        else:
            self.world.withdraw(customer)

    @rule(customer=customers, address=st.sampled_from(ADDRESSES))
    def move(self, customer: str, address: str) -> None:
        """Somebody has another address, a new one or that of somebody else."""
        self.world.people[customer].address = address

    @rule(one=customers, other=customers)
    def swap(self, one: str, other: str) -> None:
        """Two people hand their addresses to each other."""
        people = self.world.people
        people[one].address, people[other].address = (
            people[other].address,
            people[one].address,
        )

    @rule(customer=customers, size=st.sampled_from((None, "S", "M")))
    def vary(self, customer: str, size: str | None) -> None:
        """What a message says to somebody changes."""
        self.world.people[customer].variables = (
            None if size is None else f'{{"size": "{size}"}}'
        )

    # destinations

    @rule(addresses=st.frozensets(st.sampled_from(ADDRESSES), max_size=1))
    def refuse(self, addresses: frozenset[str]) -> None:
        """Destinations take every address, or every address but one."""
        self.world.refused = {sent_as(address) for address in addresses}

    @rule(audience=audiences)
    def define(self, audience: str) -> None:
        """An audience is retired, or defined again."""
        if audience in self.world.defined:
            self.world.defined.remove(audience)
        else:
            self.world.defined.add(audience)
            for person in self.world.people.values():
                person.entries.update([audience])

    # exports

    def begin(
        self,
        faults: Faults = MappingProxyType({}),
        death: int | None = None,
        wishes: Sequence[tuple[int, str]] = (),
    ) -> None:
        """What goes wrong during the next command."""
        world = self.world
        world.answers = {name: list(listed) for name, listed in faults.items()}
        world.kill_after = death
        world.withdrawals = list(wishes)
        world.is_night = world.is_guarded = world.is_calm = False
        world.is_purge = False
        world.tampering = None
        world.chosen = frozenset()

    @rule(names=some_audiences)
    def run_calmly(self, names: frozenset[str]) -> None:
        """Everything goes well, so everything is as it should be."""
        self.begin()
        self.world.is_calm = True
        self.world.chosen = names & self.world.defined
        export(self.world.options(self.world.chosen))

    @rule(
        faults=answers,
        death=deaths,
        wishes=withdrawals,
        is_night=st.booleans(),
        is_followed=st.booleans(),
    )
    def run(
        self,
        faults: Faults,
        death: int | None,
        wishes: Sequence[tuple[int, str]],
        is_night: bool,
        is_followed: bool,
    ) -> None:
        """Everything may go wrong, and the next run may put it right."""
        self.begin(faults, death, wishes)
        self.world.is_night = is_night
        with suppress(Killed):
            export(self.world.options())
        if is_followed:
            self.run_calmly(frozenset())

    @rule(faults=answers, death=deaths)
    def run_against_a_guard(self, faults: Faults, death: int | None) -> None:
        """A broken guard: only who wishes to leave does."""
        self.begin(faults, death)
        self.world.is_guarded = self.world.is_purge = True
        try:
            export(self.world.options())
        except Killed:
            return
        except GuardStopped:
            if not any(faults.values()):
                with attached(self.world.options().ledger) as connection:
                    self.world.check_purged(connection)
            return
        raise AssertionError("a guard was overlooked")

    @rule(customer=st.sampled_from(CUSTOMERS[::3]), faults=answers, death=deaths)
    def forget(self, customer: str, faults: Faults, death: int | None) -> None:
        """Somebody is to be forgotten, for ever."""
        self.begin(faults, death)
        self.world.is_purge = True
        self.world.to_forget = customer
        with suppress(Killed):
            upkeep.forget(self.world.options(), customer)

    @rule(
        gone=st.frozensets(st.sampled_from(ADDRESSES), max_size=2),
        come=st.frozensets(st.sampled_from(ADDRESSES), max_size=2),
        audience=st.sampled_from(SETS),
    )
    def reconcile(
        self, gone: frozenset[str], come: frozenset[str], audience: str
    ) -> None:
        """Somebody else changed a destination, and the ledger learns of it."""
        self.begin()
        self.world.tampering = (audience, gone, come)
        upkeep.reconcile(self.world.options())

    @rule(names=some_audiences)
    def resend_unknown(self, names: frozenset[str]) -> None:
        """Somebody says that messages of which nobody knows may go again."""
        self.begin()
        before = self.released()
        with attached(self.world.options().ledger) as connection:
            known = set(upkeep.known_audiences(connection, ()))
        if names and not names & known:
            return
        upkeep.release_unknown(self.world.options(names & known), with_rejected=False)
        self.world.released.update(self.released() - before)

    def released(self) -> set[tuple[str, str]]:
        """Messages that may go again, by audience and address."""
        with attached(self.world.options().ledger) as connection:
            return set(
                connection.sql(
                    "select audience, identifier from ledger.memberships"
                    " where status = 'released'"
                ).fetchall()
            )


def stories(count: int, turns: int, is_repeated: bool) -> settings:
    """So many stories of so many turns, the same each time or others."""
    return settings(
        max_examples=count,
        stateful_step_count=turns,
        derandomize=is_repeated,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # a story is told as it was found: to shorten one takes minutes
        phases=(Phase.generate,),
        report_multiple_bugs=False,
    )


def test_an_export_ends_where_it_should_whatever_happens() -> None:
    """Eight stories of twenty-five turns; more where a mistake was planted."""
    count = int(os.environ.get("STORIES", "8"))
    run_state_machine_as_test(Exporting, settings=stories(count, 25, True))


def test_who_was_refused_and_left_is_nobody() -> None:
    """A story that chance seldom tells; what must hold is looked at after each run."""
    story = Exporting()
    story.open_shop(absent=frozenset())
    story.refuse(addresses=frozenset(ADDRESSES[:1]))
    story.run_calmly(names=frozenset())
    story.belong(customer=CUSTOMERS[0], names=frozenset())
    story.run_calmly(names=frozenset())
    story.teardown()


@pytest.mark.slow
def test_an_export_ends_where_it_should_in_many_stories() -> None:
    """Six hundred stories of fifty turns, others each time."""
    run_state_machine_as_test(Exporting, settings=stories(600, 50, False))
