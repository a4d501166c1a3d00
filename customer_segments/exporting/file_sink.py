"""Audiences as files of a folder: written whole beside the old ones, then renamed.

The ledger says what is in each file and by which digest it is known. A file that is
gone starts afresh; one that somebody changed stops the export.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from customer_segments.exporting.file_forms import (
    OF_MESSAGES,
    FileForm,
    drop_rows,
    ready_form,
    unmappable,
    write_rows,
)
from customer_segments.exporting.folder import (
    MANIFEST_NAME,
    WrittenFile,
    digest_file,
    earlier_files,
    put_in_place,
    read_manifest,
    remove_leftovers,
    write_manifest,
)
from customer_segments.exporting.ledger import Ledger
from customer_segments.exporting.messages import Message, fill
from customer_segments.exporting.planning import LinePlan
from customer_segments.exporting.points import reached
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.remote_files import RemoteSettings, upload
from customer_segments.exporting.settings import checked_settings
from customer_segments.loading.quoting import quote_text
from customer_segments.warehouse_file import flush_to_disk
from customer_segments.yaml_files import nearest

FILES = "files"
NO_FILE = ""
CHANGES = "changes"


class FileSettings(BaseModel):
    """Settings of a destination of files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Path("warehouse/audiences")
    # a ready form by name, or one written out
    form: str | dict[str, Any] = "default"
    # whether who joined and who left since the file before are written too
    changes: bool = True
    # the text of each message, by audience, for forms that hold one
    messages: dict[str, Message] = {}
    # where the files are put as well; needs `run --send`
    upload: RemoteSettings | None = None


def read_file_settings(
    given: Mapping[str, Any], at: str
) -> tuple[FileSettings, FileForm]:
    """The settings of a destination of files, and the form of them; WrongSpec."""
    settings = checked_settings(FileSettings, given, at)
    if isinstance(settings.form, str):
        try:
            return settings, ready_form(settings.form)
        except WrongSpec as problem:
            raise WrongSpec(*(f"{at}: {line}" for line in problem.lines)) from None
    return settings, checked_settings(FileForm, settings.form, f"{at}: form")


def wrong_message(
    settings: FileSettings,
    form: FileForm,
    audience: str,
    message_class: str,
    variables: Collection[str] | None,
) -> list[str]:
    """Why the files of a destination cannot say what an audience is to be told.

    `variables` are those that travel with its members; None = nobody knows.
    """
    message = settings.messages.get(audience)
    if message is None:
        return [
            f"messages: {audience} has none, and the form takes its {source}"
            for source in form.columns.values()
            if source in OF_MESSAGES
        ][:1]
    wrong = []
    if message.message_class != message_class:
        wrong.append(
            f"messages: {audience}: the message is of class {message.message_class},"
            f" the audience of class {message_class}"
        )
    known = message.asked if variables is None else variables
    return wrong + [
        f"messages: {audience}: the text asks for {name}, which does not travel with"
        f" the audience; {nearest(name, known)}"
        for name in sorted(message.asked.difference(known))
    ]


@dataclass(frozen=True)
class StagedFile:
    """A whole file that waits to take the place of the old one; None = none will."""

    plan: LinePlan
    path: Path
    written: WrittenFile | None
    batch_id: str
    # what the ledger writes down: the rows of the file with their places
    rows: str


class FileSink:
    """The files of one destination."""

    def __init__(
        self,
        name: str,
        folder: Path,
        form: FileForm,
        settings: FileSettings,
        ledger: Ledger,
    ) -> None:
        self.name = name
        self.folder = folder
        self.form = form
        self.settings = settings
        self.ledger = ledger

    def path(self, audience: str) -> Path:
        """The file of an audience."""
        return self.folder / f"{audience}{self.form.suffix}"

    def facts(self) -> dict[str, dict[str, Any]]:
        """What a receiver checks the files by, by audience."""
        return {
            audience: {"file": file, "rows": rows, "bytes": size, "sha256": sha256}
            for audience, file, rows, size, sha256 in self.ledger.connection.execute(
                "select audience, file, rows, bytes, sha256 from ledger.files"
                " where destination = $1 order by audience",
                [self.name],
            ).fetchall()
        }

    def refuse_another_folder(self) -> None:
        """WrongSpec when the ledger knows these files in another folder.

        Or the files there would be nobody's, and nobody would leave them.
        """
        found = self.ledger.connection.execute(
            "select min(folder) from ledger.files where destination = $1"
            " and folder <> $2",
            [self.name, str(self.folder)],
        ).fetchone()
        if found and found[0] is not None:
            raise WrongSpec(
                f"the ledger knows the files of {self.name} in {found[0]}, not in"
                f" {self.folder}; say that folder, or another --ledger"
            )

    def settle(self) -> None:
        """Learn from the files what an export that died had done.

        What a plan that was given up had staged is removed.
        """
        remove_leftovers(self.folder)
        for batch_id, audience, sha256 in self.ledger.connection.execute(
            "select batch_id, audience, sha256 from ledger.batches"
            " where status = 'INFLIGHT' and destination = $1 order by batch_id",
            [self.name],
        ).fetchall():
            path = self.path(audience)
            with self.ledger.transaction():
                if digest(path) == sha256:
                    self.ledger.settle_file(batch_id, path)
                else:
                    self.ledger.end_batch(batch_id, "UNSENT", 0, 0, "interrupted")
            reached("recovery: file settled")

    def forget_missing(self) -> None:
        """Files that are gone start afresh."""
        for audience, facts in self.facts().items():
            if not (self.folder / facts["file"]).is_file():
                with self.ledger.transaction():
                    self.ledger.forget_file(self.name, audience)

    def changed_by_others(self) -> dict[str, Path]:
        """Files by audience that are not what the ledger knows."""
        return {
            audience: self.folder / facts["file"]
            for audience, facts in self.facts().items()
            if digest(self.folder / facts["file"]) != facts["sha256"]
        }

    def form_id(self, audience: str) -> str:
        """A digest of all that shapes the file of an audience but its rows."""
        message = self.settings.messages.get(audience)
        shape = self.form.model_dump_json() + (
            message.model_dump_json() if message else ""
        )
        return hashlib.sha256(shape.encode()).hexdigest()[:16]

    def reject_unwritable(self, audiences: Sequence[str]) -> None:
        """Reject members whose message or values the file cannot say; WrongSpec."""
        connection = self.ledger.connection
        for audience, message_class in connection.execute(
            "select audience, message_class from audiences where destination = $1"
            " and audience in (select unnest($2::varchar[])) order by audience",
            [self.name, list(audiences)],
        ).fetchall():
            message = self.settings.messages.get(audience)
            wrong = wrong_message(
                self.settings,
                self.form,
                audience,
                message_class,
                None if message is None else self.variables(audience),
            )
            if wrong:
                raise WrongSpec(
                    *(f"destinations.yml: destination {self.name}: {w}" for w in wrong)
                )
            self.view(
                "sent_rows",
                "select * exclude (dropped, rejected)"
                " replace (destination_identifier as identifier) from outcomes"
                " where dropped is null and rejected is null"
                f" and audience = {quote_text(audience)}",
            )
            if message is not None:
                fill(connection, "sent_rows", message, "filled_rows")
                connection.execute(
                    "update outcomes set rejected = filled_rows.rejected"
                    " from filled_rows where filled_rows.rejected is not null"
                    " and outcomes.audience = filled_rows.audience"
                    " and outcomes.customer_id = filled_rows.customer_id"
                )
                self.view(
                    "sent_rows", "select * from filled_rows where rejected is null"
                )
            connection.execute(
                "update outcomes set rejected = 'not_in_cp949' where audience = $1"
                " and customer_id in (select unnest($2::varchar[]))",
                [audience, unmappable(connection, "sent_rows", self.form)],
            )

    def variables(self, audience: str) -> frozenset[str] | None:
        """The variables that travel with an audience; None when nobody is in it."""
        rows = self.ledger.connection.execute(
            "select distinct json_keys(coalesce(variables, '{}'))"
            " from outcomes where audience = $1",
            [audience],
        ).fetchall()
        return frozenset(name for (names,) in rows for name in names) if rows else None

    def write(
        self, path: Path, audience: str, query: str, expected: int
    ) -> WrittenFile:
        """Write the rows of a query with their messages beside the file of a path."""
        connection = self.ledger.connection
        self.view("file_rows", query)
        relation = "file_rows"
        message = self.settings.messages.get(audience)
        if message is not None:
            fill(connection, "file_rows", message, "filled_rows")
            relation = "filled_rows"
        return write_rows(path, self.form, connection, relation, expected)

    def stage(self, run_id: str, plan: LinePlan) -> StagedFile | None:
        """Write the file of an audience beside the old one; None if nothing changed."""
        audience = plan.line.audience
        if self.has_form(audience) and not plan.changed:
            return None
        rows = (
            f"select * from desired where destination = {quote_text(self.name)}"
            f" and audience = {quote_text(audience)}"
        )
        return StagedFile(
            plan,
            self.path(audience),
            self.write(self.path(audience), audience, rows, plan.wanted),
            f"{run_id}|{self.name}|{audience}",
            "select $batch, identifier, customer_id, row_hash, null,"
            f" row_number() over (order by customer_id) from ({rows})",
        )

    def has_form(self, audience: str) -> bool:
        """Whether the file of an audience is there in the form of the settings."""
        (known,) = self.ledger.connection.execute(
            "select count(*) from ledger.files"
            " where destination = $1 and audience = $2 and form = $3",
            [self.name, audience, self.form_id(audience)],
        ).fetchone() or (0,)
        return bool(known)

    def view(self, name: str, query: str) -> None:
        """Give a query a name, for this connection."""
        self.ledger.connection.execute(f"create or replace temp view {name} as {query}")

    def stage_changes(self, files: Sequence[StagedFile], as_of: date) -> None:
        """Write who joins and who leaves with the new files, and which step it is."""
        folder = self.folder / CHANGES
        folder.mkdir(mode=0o700, exist_ok=True)
        remove_leftovers(folder)
        steps = read_manifest(folder)
        before = self.facts()
        for file in files:
            line = file.plan.line
            where = (
                f"destination = {quote_text(line.destination)}"
                f" and audience = {quote_text(line.audience)}"
            )
            parts = {
                "added": ("('add', 'update')", file.plan.added + file.plan.updated),
                "removed": ("('remove')", file.plan.removed),
            }
            written = {}
            for part, (operations, expected) in parts.items():
                rows = (
                    "select audience, customer_id, identifier, arm, variables,"
                    f" {quote_text(line.channel)} as channel,"
                    f" {quote_text(line.message_class)} as message_class,"
                    f" {quote_text(line.campaign_id)} as campaign_id"
                    f" from changes where {where} and operation in {operations}"
                )
                path = folder / f"{line.audience}.{part}{self.form.suffix}"
                self.write(path, line.audience, rows, expected)
                reached("files: change staged")
                put_in_place(path)
                written[part] = {"file": path.name, "rows": expected}
            assert file.written is not None
            steps[line.audience] = {
                **written,
                "erasures": None if self.names_erased(where) else self.erasures(),
                "from_sha256": before.get(line.audience, {}).get("sha256"),
                "to_sha256": file.written.sha256,
            }
        write_manifest(folder, manifest(as_of, steps))

    def drop_changes(self, as_of: date) -> None:
        """Remove steps of earlier runs that may name somebody who is erased.

        Those who were when a step was written, or whose request came after it. A
        receiver that missed the step takes the full file.
        """
        folder = self.folder / CHANGES
        steps, known = read_manifest(folder), self.erasures()
        kept = {
            audience: step
            for audience, step in steps.items()
            if step.get("erasures") == known
        }
        if kept == steps:
            return
        write_manifest(folder, manifest(as_of, kept))
        for audience in steps.keys() - kept.keys():
            for part in ("added", "removed"):
                for path in folder.glob(f"{audience}.{part}.*"):
                    path.unlink()
        flush_to_disk(folder)

    def erasures(self) -> int:
        """How many people asked to be erased, or were forgotten."""
        (known,) = self.ledger.connection.sql(
            "select (select count(*) from raw_deletion_requests)"
            " + (select count(*) from forgotten)"
        ).fetchone() or (0,)
        return int(known)

    def names_erased(self, where: str) -> bool:
        """Whether one of the removals of an audience is of somebody erased."""
        (named,) = self.ledger.connection.sql(
            f"select count(*) from changes where {where} and operation = 'remove' and ("
            " customer_id in (select customer_id from raw_deletion_requests)"
            " or sha256('customer|' || customer_id) in (select person from forgotten))"
        ).fetchone() or (0,)
        return bool(named)

    def purge(self, run_id: str, plans: Sequence[LinePlan], as_of: date) -> None:
        """Take out of the old files whose wish it is to leave.

        A file that somebody else changed, or that has another form than the settings,
        is removed: nobody can say who is in it. So is that of an audience that is no
        longer defined.
        """
        changed = self.changed_by_others()
        staged = []
        for plan in plans:
            audience = plan.line.audience
            is_known = plan.is_defined and self.has_form(audience)
            if audience in changed or not is_known:
                staged.append(self.removal(run_id, audience))
                continue
            where = (
                f"destination = {quote_text(self.name)}"
                f" and audience = {quote_text(audience)}"
            )
            places = {
                place
                for (place,) in self.ledger.connection.sql(
                    f"select place from known where {where} and is_wish"
                ).fetchall()
            }
            written = drop_rows(self.path(audience), self.form, places)
            staged.append(
                StagedFile(
                    plan,
                    self.path(audience),
                    written,
                    f"{run_id}|{self.name}|{audience}",
                    "select $batch, identifier, customer_id, row_hash, null,"
                    " row_number() over (order by place) from ledger.memberships"
                    f" where {where} and identifier not in"
                    f" (select sent_identifier from known where {where} and is_wish)",
                )
            )
        if not staged:
            return
        self.publish(run_id, staged)
        entries = read_manifest(self.folder)
        facts = self.facts()
        self.write_manifest(
            as_of,
            {
                audience: {**entry, **facts[audience]}
                for audience, entry in entries.items()
                if audience in facts
            },
        )

    def earlier_entries(self, defined: Iterable[str]) -> dict[str, Any]:
        """What the manifest says of files that are still there."""
        facts = self.facts()
        return {
            audience: entry
            for audience, entry in read_manifest(self.folder).items()
            if audience in facts and audience in set(defined)
        }

    def is_uploaded(self) -> bool:
        """Whether the remote place, if there is one, has what the manifest says."""
        (known,) = self.ledger.connection.execute(
            "select count(*) from ledger.uploads where destination = $1"
            " and manifest_sha256 = $2",
            [self.name, digest(self.folder / MANIFEST_NAME)],
        ).fetchone() or (0,)
        return self.settings.upload is None or known > 0

    def upload(self, environ: Mapping[str, str]) -> None:
        """Put files and manifest to the remote place; RemoteFailed, WrongSpec."""
        if self.settings.upload is None or self.is_uploaded():
            return
        files = [facts["file"] for facts in self.facts().values()]
        upload(self.settings.upload, self.folder, files, environ, reached)
        manifest_sha256 = digest(self.folder / MANIFEST_NAME)
        with self.ledger.transaction():
            self.ledger.connection.execute(
                "delete from ledger.uploads where destination = $1", [self.name]
            )
            self.ledger.connection.execute(
                "insert into ledger.uploads values ($1, $2, $3)",
                [self.name, manifest_sha256, self.ledger.now],
            )
        reached("files: uploaded")

    def removal(self, run_id: str, audience: str) -> StagedFile:
        """A file that is to be no more."""
        return StagedFile(
            LinePlan.none(self.name, audience),
            self.path(audience),
            None,
            f"{run_id}|{self.name}|{audience}",
            "select $batch, null, null, null, null, null where false",
        )

    def write_manifest(self, as_of: date, entries: Mapping[str, Any]) -> None:
        """Say what the files hold, after they are in place."""
        write_manifest(self.folder, manifest(as_of, entries))

    def obsolete(self, run_id: str, defined: Iterable[str]) -> list[StagedFile]:
        """The files of audiences that are no more, to be removed."""
        names = self.facts().keys() | earlier_files(self.folder).keys()
        return [self.removal(run_id, name) for name in sorted(names - set(defined))]

    def publish(self, run_id: str, files: Sequence[StagedFile]) -> None:
        """Replace old files by the staged ones; each is the old or the new one."""
        with self.ledger.transaction():
            for file in files:
                self.ledger.insert_batch(
                    run_id,
                    file.plan.line,
                    file.batch_id,
                    "replace",
                    file.rows.replace("$batch", quote_text(file.batch_id)),
                    file.written.sha256 if file.written else NO_FILE,
                    self.form_id(file.plan.line.audience),
                )
            reached("files: written down, not committed")
        reached("files: in flight")
        before = self.facts()
        for file in files:
            old = before.get(file.plan.line.audience, {}).get("file", file.path.name)
            if old != file.path.name:
                # in another form; if an export dies here, the file starts afresh
                (self.folder / old).unlink(missing_ok=True)
            if file.written is None:
                file.path.unlink(missing_ok=True)
                flush_to_disk(self.folder)
                reached("files: one removed")
            else:
                put_in_place(file.path)
                reached("files: one in place")
        reached("files: all in place")
        with self.ledger.transaction():
            for file in files:
                self.ledger.settle_file(file.batch_id, file.path)
            reached("files: settled, not committed")
        reached("files: settled")


def manifest(as_of: date, entries: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a manifest."""
    return {"as_of_date": as_of.isoformat(), "audiences": entries, "format": 1}


def digest(path: Path) -> str:
    """SHA-256 of a file in hex; empty when there is none."""
    if not path.is_file():
        return NO_FILE
    return digest_file(path)
