"""A plan carried out: removals first, each batch written down before it is sent."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from customer_segments.exporting.delivery import Adapter, Batch, Row
from customer_segments.exporting.destinations import Sinks
from customer_segments.exporting.file_sink import FileSink
from customer_segments.exporting.judging import Audience, Verdict
from customer_segments.exporting.ledger import Ledger
from customer_segments.exporting.options import (
    ExportOptions,
    ExportReport,
    LineReport,
    Tally,
    Work,
)
from customer_segments.exporting.planning import LinePlan, keep_all_but_wishes
from customer_segments.exporting.points import reached
from customer_segments.exporting.reading import Wishes
from customer_segments.exporting.remote_files import RemoteFailed

ROWS = """
    select
        identifier,
        customer_id,
        coalesce(
            case when status in ('unknown', 'released') then message_id end,
            left(
                sha256(
                    concat_ws('|', $run, destination, audience, identifier)
                ), 32
            )
        ) as message_id,
        arm,
        variables,
        row_hash,
        place
    from changes
    where
        destination = $destination
        and audience = $audience
        and case
            when $operation = 'remove' then operation = 'remove' and channel = $channel
            else operation in ('add', 'update')
        end
        and place > $after
        and place <= $after + $size
"""


class WishesChanged(Exception):
    """Wishes were loaded since the plan was made; it has to be made again."""


@dataclass
class Run:
    """A plan as it is carried out."""

    options: ExportOptions
    ledger: Ledger
    sinks: Sinks
    report: ExportReport
    run_id: str
    wishes: Wishes

    def check_wishes(self) -> None:
        """WishesChanged when somebody's wish was loaded since they were read."""
        if self.wishes.have_changed():
            raise WishesChanged

    def plans(self, destination: str) -> list[LinePlan]:
        """The plans for a destination."""
        return [
            line.plan
            for (name, _), line in self.report.lines.items()
            if name == destination
        ]

    def remove(self) -> None:
        """Take out of every destination who is there and should not be."""
        todo: dict[str, list[Work]] = {}
        for name, audience, channel, count in self.ledger.connection.sql(
            "select destination, audience, channel, count(*) from changes"
            " where operation = 'remove' group by all order by all"
        ).fetchall():
            if name in self.sinks.adapters:
                plan = self.report.lines[name, audience].plan
                todo.setdefault(name, []).append(Work(plan, "remove", channel, count))
        self.hand_over(todo)

    def add(self) -> None:
        """Bring to every destination who should be there and is not."""
        todo: dict[str, list[Work]] = {}
        for name in self.sinks.adapters:
            for plan in self.plans(name):
                work = Work.addition(plan)
                if work.count:
                    todo.setdefault(name, []).append(work)
        self.hand_over(todo)

    def is_quiet(self, audience: str) -> bool:
        """Whether messages to an audience have to wait for its hours."""
        hours = self.report.audiences[audience]
        now = f"{self.options.clock().astimezone(self.options.zone):%H:%M}"
        opens, closes = hours.sent_from, hours.sent_until
        if opens < closes:
            return not opens <= now < closes
        return closes <= now < opens

    def hand_over(self, todo: Mapping[str, Sequence[Work]]) -> None:
        """Work for destinations behind a network; those that failed get no more."""
        if not self.options.send:
            return
        for name, listed in todo.items():
            if name in self.report.failures:
                continue
            for work in self.options.watch(name, listed):
                line = self.report.lines[name, work.plan.line.audience]
                self.carry_out(self.sinks.adapters[name], work, line)
                if line.tally and line.tally.failure:
                    break

    def carry_out(self, adapter: Adapter, work: Work, line: LineReport) -> None:
        """Hand work over batch by batch, until it is done, fails or has to wait.

        WishesChanged before an addition, never within one.
        """
        plan = replace(work.plan.line, channel=work.channel)
        for batch, query in batches(self.ledger, self.run_id, adapter.batch_size, work):
            if work.operation == "add":
                self.check_wishes()
                line.is_quiet = plan.effect == "send" and self.is_quiet(plan.audience)
                if line.is_quiet:
                    return
            line.tally = line.tally or Tally()
            self.ledger.begin_batch(self.run_id, plan, batch, query)
            answer = adapter.deliver(batch)
            reached(f"{work.operation}: answered")
            self.ledger.end_answered(plan, batch, answer)
            line.tally.count(batch, answer)
            if answer.failure:
                return

    def write_files(self, audiences: Sequence[Audience]) -> None:
        """Write the files that change, then put all of them in place."""
        for name, sink in self.sinks.files.items():
            here = {one.name for one in audiences if one.destination == name}
            held = {one.name for one in audiences if one.missing is not None}
            plans = [
                plan for plan in self.plans(name) if plan.line.audience in here - held
            ]
            staged = [
                file
                for work in self.options.watch(
                    name, [Work.addition(plan) for plan in plans]
                )
                for file in [sink.stage(self.run_id, work.plan)]
                if file is not None
            ]
            reached("files: staged")
            obsolete = [] if self.options.names else sink.obsolete(self.run_id, here)
            self.check_wishes()
            sink.drop_changes(self.report.as_of_date)
            if sink.settings.changes and staged:
                sink.stage_changes(staged, self.report.as_of_date)
            sink.publish(self.run_id, [*staged, *obsolete])
            sink.purge(
                self.run_id,
                [
                    plan
                    for plan in self.plans(name)
                    if plan.line.audience in held and plan.removed
                ],
                self.report.as_of_date,
            )
            self.report.removed += [file.path.name for file in obsolete]
            for plan in self.plans(name):
                self.report.lines[name, plan.line.audience].tally = Tally(
                    added=plan.added + plan.updated, removed=plan.removed
                )
            entries = {
                audience: {
                    **members_to_rows(
                        self.report.audiences[audience], self.report.verdicts[audience]
                    ),
                    **facts,
                    "header": list(sink.form.columns),
                    "spreadsheet_safe": sink.form.spreadsheet_safe,
                }
                for audience, facts in sink.facts().items()
                if audience in self.report.audiences
            }
            self.report.entries.update(entries)
            self.report.folders.append(sink.folder)
            sink.write_manifest(
                self.report.as_of_date, {**sink.earlier_entries(here), **entries}
            )
            reached("files: manifest written")
            self.upload(name, sink)

    def upload(self, name: str, sink: FileSink) -> None:
        """Put the files to their remote place, or say that they wait for --send."""
        if sink.is_uploaded():
            return
        if not self.options.send:
            self.report.waiting_uploads.append(name)
            return
        try:
            sink.upload(self.options.environ)
        except RemoteFailed as problem:
            self.report.failed_uploads[name] = problem.lines[0]


def members_to_rows(audience: Audience, verdict: Verdict) -> dict[str, Any]:
    """How the members of an audience add up to rows."""
    return {
        "as_of_date": audience.as_of_date.isoformat(),
        "channel": audience.channel,
        "destination": audience.destination,
        "dropped": verdict.dropped,
        "excluded": verdict.excluded,
        "members": audience.members,
        "message_class": audience.message_class,
        "rejected": verdict.rejected,
        "sendable": audience.sendable,
    }


def batches(
    ledger: Ledger, run_id: str, size: int, work: Work
) -> Iterator[tuple[Batch, str]]:
    """Batches by customer, each with the query of its rows for the ledger."""
    line = work.plan.line
    for after in range(0, work.count, size):
        names = (run_id, line.destination, line.audience, work.operation, work.channel)
        name = "|".join((*names, str(after)))
        batch_id = hashlib.sha256(name.encode()).hexdigest()[:32]
        ledger.connection.execute(
            f"create or replace temp table batch as {ROWS}",
            {
                "run": run_id,
                "destination": line.destination,
                "audience": line.audience,
                "operation": work.operation,
                "channel": work.channel,
                "after": after,
                "size": size,
            },
        )
        rows = ledger.connection.sql("from batch order by place").fetchall()
        yield (
            Batch(
                batch_id=batch_id,
                operation=work.operation,
                audience=line.audience,
                channel=work.channel,
                message_class=line.message_class,
                campaign_id=line.campaign_id,
                rows=[
                    Row(identifier, customer, message, arm, variables_of(variables))
                    for identifier, customer, message, arm, variables, *_ in rows
                ],
            ),
            f"select '{batch_id}', identifier, customer_id, row_hash, message_id, null"
            " from batch order by place",
        )


def variables_of(text: str | None) -> Mapping[str, str | None]:
    """The columns that travel into a message."""
    return {} if text is None else dict(json.loads(text))


def purge(
    options: ExportOptions,
    ledger: Ledger,
    sinks: Sinks,
    report: ExportReport,
    code: int,
) -> list[str]:
    """Take who withdrew, was suppressed or forgotten out everywhere; what was done.

    So are all of an audience that is no longer defined, since nobody judges them; a
    file that somebody else changed is removed, since nobody can say who is in it.
    `code` is the exit code of the command.
    """
    report.lines = {
        key: replace(
            line,
            plan=replace(line.plan, added=0, updated=0, removed=line.plan.barred),
            tally=None,
        )
        for key, line in report.lines.items()
        if line.plan.barred
    }
    ledger.erase("select customer_id from raw_deletion_requests")
    for sink in sinks.files.values():
        sink.drop_changes(report.as_of_date)
    if not report.lines:
        return []
    keep_all_but_wishes(ledger.connection)
    run_id = ledger.begin_run("purge", report.as_of_date)
    run = Run(options, ledger, sinks, report, run_id, Wishes.none())
    run.remove()
    for name, sink in sinks.files.items():
        plans = run.plans(name)
        if plans:
            sink.purge(run_id, plans, report.as_of_date)
            run.upload(name, sink)
    ledger.end_run(run_id, code)
    return [
        *report.failed_uploads.values(),
        *(
            f"{name}: the files over there still hold them until run --send"
            for name in report.waiting_uploads
        ),
        *(
            said
            for (name, audience), line in sorted(report.lines.items())
            for said in of_purge(name, audience, line, name in sinks.files)
        ),
    ]


def of_purge(
    destination: str, audience: str, line: LineReport, is_file: bool
) -> Iterator[str]:
    """What became of those who asked to leave an audience at a destination."""
    barred = line.plan.barred
    done = barred if is_file else line.tally.removed if line.tally else 0
    if done:
        yield f"{audience}: taken out of {destination} by their own wish: {done}"
    if line.tally and done < barred:
        yield (
            f"{audience}: {destination} did not confirm that {barred - done} who asked"
            " to leave are out; export again"
        )
