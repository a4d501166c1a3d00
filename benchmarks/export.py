"""What an export costs beside a hand-written COPY of the same rows, in one run.

A build with one audience of so many members is made by SQL; their identifiers leave as
SHA-256. Printed are seconds, the median of some repeats that take turns.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from customer_segments.exporting import export_audiences
from customer_segments.exporting.file_forms import FileForm, write_rows
from customer_segments.loading.quoting import quote_text
from customer_segments.places import yesterday
from customer_segments.terminal import console, table

FORM = FileForm(
    columns={"email": "identifier", "extern_id": "customer_id"}, hashed=("email",)
)
# what an exporter reads of a build, with everybody agreeing to everything
BUILD = """
    create schema raw; create schema landing; create schema main_seeds;
    create schema main_intermediate;
    create table main.build_record as
        select 'whole' as state, 'by hand' as reason, $day::date as as_of_date;
    create table people as
        select
            'C' || lpad(id::varchar, 9, '0') as customer_id,
            'person' || id || '@shop.example' as email
        from range($members) as ids (id);
    create table main.audience_members as
        select
            'everybody' as audience, customer_id, 'email' as channel,
            email as identifier, 'ad' as message_class, 'cmp' as campaign_id,
            null::varchar as arm, sha256(email) as destination_identifier,
            null::varchar as variables, null::integer as cap_left
        from people;
    create table main.audiences as
        select
            'everybody' as audience, 'hashed_files' as destination, 'files' as adapter,
            'mirror' as mode, 'email' as channel, 'ad' as message_class,
            'cmp' as campaign_id, '09:00' as sent_from, '20:00' as sent_until,
            false as touches_night, true as needs_ad_consent,
            false as needs_night_consent, false as needs_third_party_consent,
            0::bigint as min_rows, 100000000::bigint as max_rows,
            null::double as max_added_share, 0.5::double as max_removed_share,
            null::integer as max_age_days, null::integer as cap_messages,
            null::integer as cap_days, null::varchar as missing_data,
            $members::bigint as member_count,
            $members::bigint as sendable_count, $day::date as as_of_date;
    create table main.audience_exclusions (
        audience varchar, customer_id varchar, reason varchar
    );
    create table main_seeds.channels as
        select 'email' as channel, true as ad_needs_consent, true as allows_ad,
            false as night_consent_applies;
    create table main_seeds.destinations as
        select 'hashed_files' as destination, 'files' as adapter;
    create table raw.consents as
        select
            customer_id, 'email' as channel, 'ad' as purpose, 'granted' as status,
            timestamp '2026-01-01' as changed_at, timestamp '2026-01-01' as loaded_at
        from people;
    create table raw.deletion_requests (customer_id varchar);
    create table raw.suppressions (
        identifier varchar, channel varchar, reason varchar, starts_at timestamp,
        ends_at timestamp, loaded_at timestamp
    );
    create table landing.load_rejects (
        raw_table varchar, row_key varchar, source_file varchar, loaded_at timestamp
    );
    create table landing.load_manifest (
        raw_table varchar, source_file varchar, loaded_at timestamp
    );
    create table main_intermediate.int_customer_channels as
        select
            customer_id, 'email' as channel, false as is_test, email as identifier,
            true as is_valid_identifier, false as is_suppressed,
            true as has_ad_consent, false as has_night_consent,
            false as has_third_party_consent
        from people;
    create table main_intermediate.int_consents (
        customer_id varchar, channel varchar, purpose varchar, is_granted boolean,
        withdrawn_at timestamp
    )
"""
DESTINATIONS = """\
destinations:
  hashed_files:
    folder: files
    changes: false
    form:
      columns: {email: identifier, extern_id: customer_id}
      hashed: [email]
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of one step."""

    wall: float
    processor: float


def measured(step: Callable[[], None]) -> Cost:
    """What a step costs."""
    wall, processor = time.perf_counter(), time.process_time()
    step()
    return Cost(time.perf_counter() - wall, time.process_time() - processor)


def make_build(folder: Path, members: int) -> Path:
    """A build of one audience of so many members."""
    database = folder / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        for statement in BUILD.split(";"):
            filled = statement.replace("$members", str(members)).replace(
                "$day", quote_text(yesterday().isoformat())
            )
            connection.execute(filled)
    (folder / "destinations.yml").write_text(DESTINATIONS, encoding="utf-8")
    return database


def copy_by_hand(database: Path, file: Path) -> None:
    """What one would write without this project."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(
            "copy (select sha256(lower(identifier)) as email,"
            " customer_id as extern_id from main.audience_members"
            f" order by customer_id) to {quote_text(str(file))} (format csv, header)"
        )


def write_file(database: Path, file: Path, members: int) -> None:
    """The same rows as the exporter writes them: checked, on the disk, read back."""
    file.with_name(f".{file.name}.tmp").unlink(missing_ok=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(
            "create temp view file_rows as select customer_id, channel,"
            " destination_identifier as identifier, variables"
            " from main.audience_members"
        )
        write_rows(file, FORM, connection, "file_rows", members)


def run_command(folder: Path, database: Path) -> None:
    """The command, as a scheduler runs it."""
    told = io.StringIO()
    with redirect_stdout(told):
        code = export_audiences.main(
            [
                *("run", "--database", str(database)),
                *("--destinations", str(folder / "destinations.yml")),
                *("--out", str(folder / "out")),
            ]
        )
    if code:
        raise SystemExit(f"The export ended with {code}: {told.getvalue()}")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 0 done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(argv)
    costs: dict[str, list[Cost]] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        database = make_build(folder, options.members)
        for _ in range(options.repeats):
            for leftover in ("out", "ledger.duckdb"):
                remove(folder / leftover)
            for label, step in {
                "COPY by hand": lambda: copy_by_hand(database, folder / "hand.csv"),
                "the file, checked and read back": lambda: write_file(
                    database, folder / "ours.csv", options.members
                ),
                "the whole first run": lambda: run_command(folder, database),
                "the same run again": lambda: run_command(folder, database),
            }.items():
                costs.setdefault(label, []).append(measured(step))
    by_hand = statistics.median(cost.wall for cost in costs["COPY by hand"])
    console().print(
        table(
            f"{options.members:,} members, median of {options.repeats}",
            ("step", "seconds", "CPU seconds", "times COPY"),
            [
                (
                    label,
                    f"{statistics.median(cost.wall for cost in listed):.2f}",
                    f"{statistics.median(cost.processor for cost in listed):.2f}",
                    f"{statistics.median(c.wall for c in listed) / by_hand:.2f}",
                )
                for label, listed in costs.items()
            ],
        )
    )
    return 0


def remove(path: Path) -> None:
    """Remove a file or a folder of files, if it is there."""
    if path.is_dir():
        for inner in path.iterdir():
            remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
