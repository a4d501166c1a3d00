"""One export: read, judge, guard, write; the order is what keeps people safe."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from scripts.exporting.folder import (
    WrittenFile,
    earlier_files,
    hold_folder,
    load_previous,
    put_in_place,
    read_manifest,
    remove_obsolete,
    write_file,
    write_manifest,
)
from scripts.exporting.guards import broken_guards, consent_dispute, wrong_age
from scripts.exporting.judging import (
    FORMULA,
    Audience,
    Verdict,
    contradictions,
    judge,
    new_rows,
    read_audiences,
    read_verdicts,
    remaining_rows,
    unread_wishes,
)
from scripts.exporting.names import HEADER, file_name, is_file_name
from scripts.exporting.problems import (
    ExportProblem,
    GuardStopped,
    StaleBuild,
    WrongSpec,
)
from scripts.exporting.reading import BUILD, copy_build, memory

Watch = Callable[[str, Iterable[Audience]], Iterable[Audience]]

NOTHING_ADDED = "No new file was written."


@dataclass(frozen=True)
class ExportOptions:
    """What to export where; `names` empty = all, `max_age_days` None = any age."""

    database: Path
    out: Path
    project: Path
    names: Sequence[str]
    yesterday: date
    max_age_days: int | None
    spreadsheet_safe: bool


@dataclass(frozen=True)
class ExportReport:
    """What was written: the entries of the manifest, and files that are no more."""

    as_of_date: date
    entries: Mapping[str, Mapping[str, Any]]
    removed: Sequence[str]

    @property
    def rejected(self) -> int:
        """Rows that could not be written."""
        return sum(sum(entry["rejected"].values()) for entry in self.entries.values())


def export(options: ExportOptions, watch: Watch) -> ExportReport:
    """Write the chosen audiences; ExportProblem says why not.

    All or nothing: an audience that breaks a guard stops all of them, because a
    broken guard is a sign of a broken build. Who must not be contacted any more
    leaves the old files even then.
    """
    if not options.database.is_file():
        raise WrongSpec(f"no database {options.database}; {BUILD}, or say --database")
    with hold_folder(options.out), memory() as connection:
        files = earlier_files(options.out)
        wanted = {
            name: path
            for name, path in files.items()
            if not options.names or name in options.names
        }
        load_previous(connection, wanted, FORMULA)
        unseen = copy_build(connection, options.database, options.project)
        audiences = read_audiences(connection)
        chosen = choose(audiences, options.names)
        judge(connection, options.spreadsheet_safe)
        verdicts = read_verdicts(connection)
        signs = [*contradictions(connection), *unseen]
        unread = unread_wishes(connection)
        problem = objection(options, chosen, verdicts, signs, unread)
        if problem is not None:
            left = purge(connection, options.out, chosen, verdicts)
            raise type(problem)(*problem.lines, *left)
        entries = {
            audience.name: entry(
                audience,
                verdicts[audience.name],
                stage_file(connection, options.out, audience, verdicts),
                options.spreadsheet_safe,
            )
            for audience in watch("writing", chosen)
        }
        for name in entries:
            put_in_place(options.out / file_name(name))
        known = {audience.name for audience in audiences}
        removed = remove_obsolete(options.out, files.keys() - known)
        kept = {
            name: old
            for name, old in read_manifest(options.out).items()
            if name in known and (options.out / file_name(name)).is_file()
        }
        as_of = audiences[0].as_of_date
        write_manifest(options.out, manifest(as_of.isoformat(), {**kept, **entries}))
        return ExportReport(as_of, entries, removed)


def choose(audiences: Sequence[Audience], names: Sequence[str]) -> list[Audience]:
    """The audiences that were asked for; WrongSpec with the nearest name."""
    known = [audience.name for audience in audiences]
    for name in names:
        if name not in known:
            shown = name if is_file_name(name) else "of that name"
            near = get_close_matches(name, known, 1)
            hint = (
                f"did you mean {near[0]}" if near else f"there are {', '.join(known)}"
            )
            raise WrongSpec(f"no audience {shown}; {hint}?")
    return [audience for audience in audiences if not names or audience.name in names]


def objection(
    options: ExportOptions,
    chosen: Sequence[Audience],
    verdicts: Mapping[str, Verdict],
    signs: Sequence[str],
    unread: Sequence[str],
) -> ExportProblem | None:
    """What stops the export: first the build, then consent and guards."""
    stale = [f"{sign}; {BUILD}" for sign in signs] + wrong_age(
        chosen[0].as_of_date, options.yesterday, options.max_age_days
    )
    if stale:
        return StaleBuild(*stale, NOTHING_ADDED)
    broken = [
        *unread,
        *(
            line
            for audience in chosen
            for line in (
                *consent_dispute(audience, verdicts[audience.name]),
                *broken_guards(audience, verdicts[audience.name], options.out),
            )
        ),
    ]
    return GuardStopped(*broken, NOTHING_ADDED) if broken else None


def purge(
    connection: duckdb.DuckDBPyConnection,
    out: Path,
    chosen: Sequence[Audience],
    verdicts: Mapping[str, Verdict],
) -> list[str]:
    """Take who withdrew, was suppressed or erased out of old files; what was done."""
    barred = [one for one in chosen if verdicts[one.name].previous_barred]
    entries = read_manifest(out)
    for audience in barred:
        verdict = verdicts[audience.name]
        path = out / file_name(audience.name)
        written = write_file(
            path,
            remaining_rows(connection, audience.name),
            verdict.previous - verdict.previous_barred,
        )
        entries[audience.name] = {
            **entries.get(audience.name, {"header": list(HEADER)}),
            **file_facts(path, written),
        }
    for audience in barred:
        put_in_place(out / file_name(audience.name))
    if barred:
        days = [str(old.get("as_of_date", "")) for old in entries.values()]
        write_manifest(out, manifest(max(days), entries))
    return [
        f"{audience.name}: taken out of the old file by their own wish:"
        f" {verdicts[audience.name].previous_barred}"
        for audience in barred
    ]


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    out: Path,
    audience: Audience,
    verdicts: Mapping[str, Verdict],
) -> WrittenFile:
    """Write the file of an audience beside the old one, and read it back."""
    return write_file(
        out / file_name(audience.name),
        new_rows(connection, audience.name),
        verdicts[audience.name].rows,
    )


def manifest(as_of: str, entries: Mapping[str, Any]) -> dict[str, Any]:
    """The content of the manifest."""
    return {"as_of_date": as_of, "audiences": entries, "format": 1}


def file_facts(path: Path, written: WrittenFile) -> dict[str, Any]:
    """What a receiver checks a file by."""
    return {
        "file": path.name,
        "rows": written.rows,
        "bytes": written.bytes,
        "sha256": written.sha256,
    }


def entry(
    audience: Audience, verdict: Verdict, written: WrittenFile, spreadsheet_safe: bool
) -> dict[str, Any]:
    """What the manifest says about an audience: members add up to rows."""
    return {
        **file_facts(Path(file_name(audience.name)), written),
        "as_of_date": audience.as_of_date.isoformat(),
        "channel": audience.channel,
        "dropped": verdict.dropped,
        "excluded": verdict.excluded,
        "guarded_cells": verdict.guarded_cells,
        "header": list(HEADER),
        "members": audience.members,
        "message_class": audience.message_class,
        "rejected": verdict.rejected,
        "sendable": audience.sendable,
        "spreadsheet_safe": spreadsheet_safe,
    }
