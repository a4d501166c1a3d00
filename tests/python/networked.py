"""A built shop whose audiences go to a destination behind a network, on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml

from customer_segments.exporting import export_audiences
from tests.python.crashing import export_in_child
from tests.python.fault_server import FaultServer
from tests.python.test_export_audiences import Outcome, Shop, copy_shop
from tests.python.warehouse import Warehouse

NEWS, WIN_BACK, MESSAGES = "news_to_all", "win_back", "purchase_frequency"
COUPON, GUIDE = "first_purchase_coupon", "activation_guide"
LISTED, SENT = "list_hook", "message_hook"
SETS = (NEWS, WIN_BACK)
DESTINATIONS = {NEWS: LISTED, WIN_BACK: LISTED, MESSAGES: SENT}
CHANNELS = {NEWS: "email", WIN_BACK: "sms"}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENVIRON = {"HOOK_SECRET": SECRET}
MEMBERS = 60
BATCHES = {LISTED: 20, SENT: 5}
# stands for captured output where a fixture of a module has none
SILENT: Any = SimpleNamespace(readouterr=lambda: SimpleNamespace(out="", err=""))


def connect_audiences(database: Path) -> None:
    """Let audiences of a build go to webhooks: two lists, and one of messages.

    The largest becomes small, and one is taken away, so that a run is quick.
    """
    with duckdb.connect(str(database)) as connection:
        for statement in (
            f"""
            insert into main_seeds.destinations by name
            select '{LISTED}' as destination, 'webhook' as adapter
            union all by name
            select '{SENT}' as destination, 'webhook' as adapter
            """,
            f"""
            delete from main.audience_members
            where audience = '{NEWS}' and customer_id not in (
                select customer_id from main.audience_members
                where audience = '{NEWS}' order by customer_id limit {MEMBERS}
            )
            """,
            f"""
            update main.audiences
            set
                destination = '{LISTED}', adapter = 'webhook', mode = 'mirror'
            where audience in ('{NEWS}', '{WIN_BACK}')
            """,
            f"""
            update main.audiences
            set
                destination = '{SENT}', adapter = 'webhook', mode = 'trigger',
                sent_from = '00:00', sent_until = '24:00'
            where audience = '{MESSAGES}'
            """,
        ):
            connection.sql(statement)
        for table in ("audiences", "audience_members", "audience_exclusions"):
            connection.sql(
                f"delete from main.{table} where audience = 'hesitating_cart_coupon'"
            )
        recount(connection)


def recount(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the numbers of audiences be those of their members again."""
    connection.sql(
        """
        update main.audiences
        set
            member_count = member_count - sendable_count + counted.members,
            sendable_count = counted.members
        from (
            select audiences.audience, count(members.customer_id) as members
            from main.audiences
            left join main.audience_members as members using (audience)
            group by audiences.audience
        ) as counted
        where audiences.audience = counted.audience
        """
    )


class Network(Shop):
    """A shop with destinations behind a network, and whose wishes it loaded."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder, capsys)
        self.ledger = folder / "ledger.duckdb"
        self.destinations = folder / "destinations.yml"
        self.gone: set[tuple[str, str]] = set()
        self.wishes = 0

    def copied(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> Network:
        """A copy that a test may change, with what it sent and whom it lost."""
        copy = networked(self.warehouse, folder, capsys)
        shutil.copy(self.ledger, copy.ledger)
        shutil.copytree(self.out, copy.out)
        copy.gone, copy.wishes = set(self.gone), self.wishes
        return copy

    def connect(self, server: FaultServer, **settings: Any) -> None:
        """Let both webhooks go to a server."""
        common = {
            "url": f"{server.url}/hooks",
            "secret_env": "HOOK_SECRET",
            "allow_hosts": ["127.0.0.1"],
            "batch_size": BATCHES[LISTED],
            "timeout_seconds": 0.5,
            "retry_seconds": 5,
            "backoff_seconds": 0.01,
            "max_backoff_seconds": 0.05,
            "poll_every_seconds": 0.01,
            "poll_seconds": 2,
        }
        own: dict[str, dict[str, Any]] = {
            LISTED: {"effect": "set"},
            SENT: {"effect": "send", "batch_size": BATCHES[SENT]},
        }
        content = {name: {**common, **more, **settings} for name, more in own.items()}
        self.destinations.write_text(
            yaml.safe_dump({"destinations": content}), encoding="utf-8"
        )

    def set(self, name: str, **settings: Any) -> None:
        """Change settings of one destination."""
        content = yaml.safe_load(self.destinations.read_text("utf-8"))
        content["destinations"][name].update(settings)
        self.destinations.write_text(yaml.safe_dump(content), encoding="utf-8")

    def add_destination(self, name: str, **settings: Any) -> None:
        """Settings of one more destination."""
        content = yaml.safe_load(self.destinations.read_text("utf-8"))
        content["destinations"][name] = settings
        self.destinations.write_text(yaml.safe_dump(content), encoding="utf-8")

    def words(self, command: str, *options: str) -> list[str]:
        """The words of a command line."""
        return [
            *(command, "--database", str(self.database), "--out", str(self.out)),
            *("--destinations", str(self.destinations), "--max-age-days", "any"),
            *options,
        ]

    def command(self, command: str, *options: str) -> Outcome:
        """A command in this process."""
        self.capsys.readouterr()
        code = export_audiences.main(self.words(command, *options))
        said = self.capsys.readouterr()
        return Outcome(code, said.out, said.err)

    def send(self, *options: str) -> Outcome:
        """A run that tells destinations behind a network too."""
        return self.command("run", "--send", *options)

    def child(
        self, command: str, *options: str, where: str | None = "", number: int = 0
    ) -> int:
        """A command in a process that dies at a point; returns its code."""
        return export_in_child(
            self.words(command, *options), where=where, number=number, environ=ENVIRON
        ).code

    def wish(self, table: str, header: str, *lines: str) -> None:
        """Load rows of a wish table after the build, in a file of their own."""
        self.wishes += 1
        file = self.warehouse.raw / table / f"wish-{self.wishes}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        self.warehouse.load(loaded_at=f"2026-07-01T05:{self.wishes:02}:00+00:00")

    def withdraw(
        self, audience: str, *customers: str, when: str = "2026-07-01T02:00:00Z"
    ) -> None:
        """Load withdrawals from the channel of an audience."""
        channel = CHANNELS[audience]
        self.consent(*(f"{one},{channel},ad,withdrawn,{when}" for one in customers))
        self.gone |= {(audience, one) for one in customers}

    def grant(self, audience: str, *customers: str) -> None:
        """Load consents of the last day of the build, after earlier withdrawals."""
        channel, when = CHANNELS[audience], "2026-06-30T12:00:00Z"
        self.consent(*(f"{one},{channel},ad,granted,{when}" for one in customers))
        self.gone -= {(audience, one) for one in customers}

    def erase(self, *customers: str) -> None:
        super().erase(*customers)
        self.gone |= {(name, one) for name in DESTINATIONS for one in customers}

    def addressed(self, audience: str) -> dict[str, str]:
        """What the build says: identifiers at the destination, by customer."""
        return dict(
            self.warehouse.query(
                "select customer_id, destination_identifier from main.audience_members"
                f" where audience = '{audience}' order by customer_id"
            )
        )

    def first_requests(self) -> int:
        """How many batches the audiences of destinations come to at first."""
        return sum(
            ceil(len(self.eligible(audience)) / BATCHES[destination])
            for audience, destination in DESTINATIONS.items()
        )

    def eligible(self, audience: str) -> frozenset[str]:
        """Who should be there: members of the build without those who left since."""
        return frozenset(
            identifier
            for customer, identifier in self.addressed(audience).items()
            if (audience, customer) not in self.gone
        )

    def known(self, audience: str, status: str = "acked") -> frozenset[str]:
        """Who is there as the ledger has it."""
        with duckdb.connect(str(self.ledger), read_only=True) as connection:
            rows = connection.execute(
                "select identifier from memberships"
                " where destination = $1 and audience = $2 and status = $3",
                [DESTINATIONS[audience], audience, status],
            ).fetchall()
        assert len(rows) == len(set(rows))
        return frozenset(identifier for (identifier,) in rows)

    def differences(
        self, server: FaultServer, audiences: Sequence[str] = SETS
    ) -> frozenset[str]:
        """Identifiers that server, ledger and eligibility do not agree on."""
        odd: frozenset[str] = frozenset()
        for audience in audiences:
            eligible = self.eligible(audience)
            assert eligible
            odd |= server.members_of(audience) ^ eligible
            odd |= self.known(audience) ^ eligible
            odd |= self.known(audience, "unknown")
        return odd

    def without(self, audience: str, *customers: str) -> None:
        """Take members out of the build."""
        listed = ", ".join(f"'{one}'" for one in customers)
        with duckdb.connect(str(self.database)) as connection:
            connection.sql(
                f"delete from main.audience_members where audience = '{audience}'"
                f" and customer_id in ({listed})"
            )
            recount(connection)


def networked(
    source: Warehouse, folder: Path, capsys: pytest.CaptureFixture[str]
) -> Network:
    """A copy of a shop of `connect_audiences` that a test may change."""
    copy_shop(source, folder)
    return Network(folder, capsys)
