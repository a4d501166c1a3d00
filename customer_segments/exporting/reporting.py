"""What an export says it did: for people, and for schedulers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from customer_segments.exporting.options import ExportReport, LineReport
from customer_segments.exporting.samples import Sample
from customer_segments.terminal import table

DONE = 0
PIPE_WIDTH = 160


def in_words(counts: Mapping[str, int], most: int | None = None) -> str:
    """Counts by reason, the largest first; `-` for none."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{reason} {rows:,}" for reason, rows in ranked[:most])
    return f"{shown}, …" if most is not None and len(ranked) > most else shown or "-"


def what_happened(line: LineReport) -> str:
    """What became of a plan, in words."""
    plan, tally = line.plan, line.tally
    if tally is None:
        planned = {"add": plan.added, "update": plan.updated, "remove": plan.removed}
        words = in_words({name: count for name, count in planned.items() if count})
        if line.is_quiet:
            return f"waits for its hours: {words}"
        return "no change" if words == "-" else f"would {words}"
    done = {
        "in": tally.added,
        "out": tally.removed,
        "unknown": tally.unknown,
        "not sent": tally.unsent,
    }
    words = in_words({name: count for name, count in done.items() if count})
    if tally.failure:
        return f"failed ({tally.failure}): {words}"
    return "no change" if words == "-" else words


def print_report(console: Console, report: ExportReport) -> None:
    """The closing table: how members became rows, and rows identifiers there."""
    grid = Table(title=f"audiences as of {report.as_of_date}", title_justify="left")
    for heading in ("audience", "channel", "to"):
        grid.add_column(heading, overflow="fold")
    for heading in ("members", "sendable"):
        grid.add_column(heading, justify="right")
    for heading in ("excluded", "dropped since the build"):
        grid.add_column(heading, overflow="fold")
    grid.add_column("rows", justify="right")
    grid.add_column("what happened", overflow="fold")
    for (destination, name), line in report.lines.items():
        audience = report.audiences.get(name)
        if audience is None or audience.destination != destination:
            happened = what_happened(line)
            grid.add_row(name, "", destination, *[""] * 4, "0", happened)
            continue
        verdict = report.verdicts[name]
        grid.add_row(
            name,
            audience.channel,
            destination,
            f"{audience.members:,}",
            f"{audience.sendable:,}",
            in_words(verdict.excluded, most=2),
            in_words(verdict.dropped),
            f"{line.plan.wanted:,}",
            what_happened(line),
        )
    console.print(grid, markup=False)
    for (destination, name), line in report.lines.items():
        judged = report.verdicts.get(name)
        rejected = dict(judged.rejected) if judged else {}
        rejected |= line.tally.rejected if line.tally else {}
        if rejected:
            remark(console, f"{name}: rejected: {in_words(rejected)}")
        if line.plan.held:
            remark(
                console,
                f"{name}: nobody confirmed {line.plan.held:,} messages to"
                f" {destination}; they are held. If they did not arrive, run"
                " resend-unknown.",
            )
        if line.plan.refused:
            remark(
                console,
                f"{name}: {line.plan.refused:,} were rejected before and have not"
                " changed; resend-unknown --rejected offers them again",
            )
    for why in report.stopped:
        remark(console, why)
    for file in report.removed:
        remark(console, f"{file}: removed, its audience is no more")
    for folder in report.folders:
        remark(console, f"in {folder}")
    for failure in report.failed_uploads.values():
        remark(console, failure)
    if report.is_waiting:
        remark(console, "Nobody behind a network was told; say run --send.")


def print_samples(console: Console, samples: Sequence[Sample]) -> None:
    """Masked rows, so that somebody sees what they would be."""
    grid = Table(title="samples, masked", title_justify="left")
    for heading in ("audience", "operation", "identifier", "arm", "variables"):
        grid.add_column(heading, overflow="fold")
    for one in samples:
        grid.add_row(
            one.audience, one.operation, one.identifier, one.arm or "", one.variables
        )
    console.print(grid, markup=False)


def remark(console: Console, text: str) -> None:
    """A line of its own, whatever it holds."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def report_json(report: ExportReport, code: int) -> dict[str, object]:
    """The report for a scheduler."""
    return {
        "as_of_date": report.as_of_date.isoformat(),
        "audiences": report.entries,
        "destinations": [
            {
                **{
                    name: value
                    for name, value in asdict(line.plan).items()
                    if name != "line"
                },
                "audience": audience,
                "destination": destination,
                "done": asdict(line.tally) if line.tally else None,
                "waits_for_its_hours": line.is_quiet,
            }
            for (destination, audience), line in report.lines.items()
        ],
        "exit_code": code,
        "failures": report.failures,
        "removed": report.removed,
        "stopped": report.stopped,
        "waiting_uploads": report.waiting_uploads,
    }


def print_json(content: Mapping[str, Any]) -> None:
    """A document for a scheduler; keys are sorted."""
    print(
        json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    )


def wide_console() -> Console:
    """A console that keeps lines whole when nobody is watching."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def print_rows(
    form: str,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    code: int = DONE,
) -> int:
    """A table, or the same as JSON; returns the code."""
    if form == "json":
        listed = [dict(zip(headings, row, strict=True)) for row in rows]
        print_json({title: listed, "exit_code": code})
        return code
    told = [[in_utc(value) for value in row] for row in rows]
    wide_console().print(table(title, headings, told), markup=False)
    return code


def in_utc(value: object) -> object:
    """A moment of the ledger as people read it; anything else as it is."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value
