"""Small mistakes in the core of the exporter, each of which its tests must notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from customer_segments.places import ROOT

CORE = ROOT / "customer_segments" / "exporting"
# the quick one first: it is enough for most
TESTS = ("tests/python/test_ledger.py", "tests/python/test_ledger_machine.py")

# what goes wrong, where, the text that is there, the text instead of it
MUTATIONS = {
    "recovery dropped": ("export", "        ledger.recover()\n", ""),
    "in flight taken for absent": (
        "ledger",
        "                self.settle(batch_id, operation, effect)\n"
        '                self.end_batch(batch_id, "UNKNOWN"',
        '                self.end_batch(batch_id, "UNKNOWN"',
    ),
    "unknown absent when removing": (
        "planning",
        "coalesce(known.status in ('acked', 'unknown'), false) as is_there",
        "coalesce(known.status = 'acked', false) as is_there",
    ),
    "unknown there when adding": (
        "planning",
        "when compared.status = 'acked' then 'keep'",
        "when compared.status in ('acked', 'unknown') then 'keep'",
    ),
    "additions before removals": (
        "export",
        "        run.remove()\n"
        "        run.write_files(made.audiences)\n"
        "        run.add()\n",
        "        run.write_files(made.audiences)\n"
        "        run.add()\n"
        "        run.remove()\n",
    ),
    "an identifier known twice": (
        "ledger",
        "            self.connection.execute(\n"
        '                "delete from ledger.memberships using settled where"',
        '            str(\n                "delete from ledger.memberships where"',
    ),
    "another name when sent again": (
        "running",
        "case when status in ('unknown', 'released') then message_id end",
        "null",
    ),
    "held messages sent again": (
        "planning",
        "when compared.status = 'unknown' and sinks.is_replayed",
        "when compared.status = 'unknown'",
    ),
    "messages never sent again": (
        "planning",
        "when compared.status = 'unknown' and sinks.is_replayed",
        "when false",
    ),
    "wishes not looked at before additions": (
        "running",
        '            if work.operation == "add":\n'
        "                self.check_wishes()\n",
        '            if work.operation == "add":\n',
    ),
    "a wish stays where nobody else leaves": (
        "planning",
        "                    and not compared.is_wish\n"
        "                    then 'keep'\n"
        "                when not compared.is_wanted then 'remove'",
        "                    then 'keep'\n"
        "                when not compared.is_wanted then 'remove'",
    ),
    "who is forgotten did not wish it": (
        "planning",
        " or forgotten.person is not null as is_wish",
        " as is_wish",
    ),
    "rows of a batch stay": (
        "ledger",
        '"delete from ledger.batch_rows where batch_id = $1"',
        "\"delete from ledger.batch_rows where batch_id = $1 || 'x'\"",
    ),
    "not sent counts as there": (
        "ledger",
        'return ("unsent" if identifier in answer.unsent',
        'return ("acked" if identifier in answer.unsent',
    ),
    "no word counts as a refusal": (
        "ledger",
        'else "unknown"), None',
        'else "rejected"), None',
    ),
    "who is there is gone by a refusal": (
        "ledger",
        "and memberships.status in ('acked', 'unknown')\n"
        "                then memberships.status\n",
        "and memberships.status = 'nobody'\n                then memberships.status\n",
    ),
    "a removal without an answer is done": (
        "ledger",
        '        and answered.status = \'acked\'\n"""',
        "        and answered.status in ('acked', 'unknown')\n\"\"\"",
    ),
    "a refused removal is done": (
        "ledger",
        '        and answered.status = \'acked\'\n"""',
        "        and answered.status in ('acked', 'rejected')\n\"\"\"",
    ),
    "changes of a row never told": (
        "planning",
        "when compared.status = 'acked' and not compared.is_same then 'update'",
        "",
    ),
    "variables not looked at": (
        "planning",
        "coalesce(outcomes.variables, '')",
        "''",
    ),
    "written down after the request": (
        "running",
        "            self.ledger.begin_batch(self.run_id, plan, batch, query)\n"
        "            answer = adapter.deliver(batch)\n",
        "            answer = adapter.deliver(batch)\n"
        "            self.ledger.begin_batch(self.run_id, plan, batch, query)\n",
    ),
    "goes on after a failure": (
        "running",
        "            if answer.failure:\n                return\n",
        "",
    ),
    "additions after a removal that failed": (
        "running",
        "            if name in self.report.failures:\n                continue\n",
        "",
    ),
    "held back taken for left": (
        "planning",
        "                            compared.is_member\n",
        "                            false\n",
    ),
    "a held message is dropped with its member": (
        "planning",
        "                        when compared.status = 'unknown' then 'hold'\n"
        "                        when\n",
        "                        when\n",
    ),
    "hours not asked": (
        "running",
        'plan.effect == "send" and self.is_quiet(plan.audience)',
        "False",
    ),
    "audiences that are no more stay": (
        "planning",
        "            or compared.audience not in (select audience from audiences)\n"
        "            and (select is_whole from scope)\n",
        "",
    ),
    "dropped rows stay": ("export", "    ledger.drop()\n", ""),
    "a stopped export takes out everybody": (
        "planning",
        "                when is_there and (is_wish or not is_defined) and effect"
        " <> 'send'\n",
        "                when is_there and effect <> 'send'\n",
    ),
    "a stopped export takes out nobody": (
        "planning",
        "                when is_there and (is_wish or not is_defined) and effect"
        " <> 'send'\n",
        "                when false\n",
    ),
    "a refusal that is there stays refused": (
        "upkeep",
        "and status in ('unknown', 'rejected')\"",
        "and status in ('unknown')\"",
    ),
    "what was unknown counts as told": (
        "upkeep",
        '" row_hash = null, changed_at = $now"',
        '" changed_at = $now"',
    ),
    "who is missing there stays known": (
        "upkeep",
        '" and identifier not in (select identifier from found)",\n',
        '" and false",\n',
    ),
    "who is there unknown is overlooked": (
        "upkeep",
        '" where identifier not in (select identifier"\n                    f" from',
        '" where false and identifier not in (select identifier"\n'
        '                    f" from',
    ),
    "a row between batches is skipped": (
        "running",
        "    and place > $after\n",
        "    and place > $after + 1\n",
    ),
    "a refusal is told again and again": (
        "planning",
        "when compared.status = 'rejected' and compared.is_same then 'refused'",
        "",
    ),
    "released messages stay": (
        "planning",
        "when compared.status is null or compared.status = 'released'",
        "when compared.status is null",
    ),
    "who leaves does so by the channel of today": (
        "planning",
        "coalesce(compared.sent_channel, audiences.channel, '')",
        "coalesce(audiences.channel, '')",
    ),
    "the channel of an addition is not kept": (
        "ledger",
        "        $now as changed_at,\n        batches.channel\n",
        "        $now as changed_at,\n        null as channel\n",
    ),
    "a message that went again counts twice": (
        "ledger",
        "            self.connection.execute(RESENT, of_batch)\n",
        "",
    ),
    "who moves within a stay has a message more": (
        "planning",
        "            status in ('acked', 'unknown')\n            and destination in",
        "            status in ('acked')\n            and destination in",
    ),
}


def mutated(name: str) -> str:
    """The text of a module with a mistake in it."""
    module, old, new = MUTATIONS[name]
    text = (CORE / f"{module}.py").read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{name}: {text.count(old)} places"
    return text.replace(old, new)


def test_each_mistake_has_its_place() -> None:
    for name in MUTATIONS:
        compile(mutated(name), name, "exec")


def noticed(folder: Path, module: str, text: str) -> bool:
    """Whether the tests fail in a copy of the project with another module."""
    for name in ("customer_segments", "tests", "models", "macros", "seeds"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "dbt_project.yml", "destinations.yml"):
        shutil.copy(ROOT / name, folder / name)
    path = folder / "customer_segments" / "exporting" / f"{module}.py"
    path.write_text(text, encoding="utf-8")
    for file in TESTS:
        command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", file]
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "STORIES": "250"},
            capture_output=True,
            timeout=900,
        )
        assert done.returncode in (0, 1), done.stdout.decode()[-2000:]
        if done.returncode == 1:
            return True
    return False


@pytest.mark.slow
def test_without_a_mistake_nothing_fails(tmp_path: Path) -> None:
    text = (CORE / "planning.py").read_text(encoding="utf-8")
    assert not noticed(tmp_path, "planning", text)


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_small_mistake_does_not_go_unnoticed(name: str, tmp_path: Path) -> None:
    assert noticed(tmp_path, MUTATIONS[name][0], mutated(name))
