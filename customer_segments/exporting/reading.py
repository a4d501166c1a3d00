"""A build read into memory: opened read-only, copied and closed again."""

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from customer_segments.build_record import BuildRecord, read_record
from customer_segments.exporting.problems import (
    ExportProblem,
    Locked,
    StaleBuild,
    WrongSpec,
)
from customer_segments.loading.quoting import quote_name, quote_pattern, quote_text
from customer_segments.warehouse_file import attach, held, is_lock

BUILD = "run dbt build, then export again"
CATALOG = re.compile(r'\b(?:from|join)\s+(\w+|"[^"]+")\."?main_\w+"?\.', re.I)
LANDED = re.compile(r"read_parquet\('((?:[^']|'')*)/(\w+)/\*\.parquet'", re.I)
WISH_TABLES = ("consents", "deletion_requests", "load_rejects", "suppressions")

# raw wishes come before the views over them, so that no view is older than they are
COPIES = {
    "audiences": """
        select
            audience, destination, adapter, mode, channel, message_class, campaign_id,
            sent_from, sent_until, touches_night, needs_ad_consent,
            needs_night_consent, needs_third_party_consent, min_rows, max_rows,
            max_added_share, max_removed_share, max_age_days, cap_messages, cap_days,
            member_count, sendable_count, as_of_date, missing_data
        from {build}.main.audiences
    """,
    "destinations": """
        select destination, adapter from {build}.main_seeds.destinations
    """,
    "members": """
        select
            audience,
            coalesce(customer_id, '') as customer_id,
            channel,
            coalesce(identifier, '') as identifier,
            message_class,
            campaign_id,
            coalesce(destination_identifier, '') as destination_identifier,
            arm,
            variables,
            cap_left
        from {build}.main.audience_members
    """,
    "previous": """
        select
            memberships.destination,
            memberships.audience,
            memberships.customer_id,
            coalesce(members.identifier, memberships.identifier) as identifier,
            memberships.identifier as sent_identifier,
            memberships.status,
            memberships.row_hash,
            memberships.message_id,
            memberships.place,
            memberships.channel as sent_channel,
            members.audience is not null as is_listed
        from ledger.memberships
        left join members
            on
                memberships.audience = members.audience
                and memberships.customer_id = members.customer_id
                and memberships.identifier = members.destination_identifier
    """,
    # of those who had a message: who is in the audience still, whoever left them out
    "belonging": """
        with told as (
            select distinct audience, customer_id
            from previous
            where
                destination in (
                    select destination from ledger.batches where effect = 'send'
                )
        )
        select members.audience, members.customer_id
        from members
        semi join told using (audience, customer_id)
        union
        select exclusions.audience, exclusions.customer_id
        from {build}.main.audience_exclusions as exclusions
        semi join told using (audience, customer_id)
    """,
    "forgotten": """
        select person from ledger.tombstones
    """,
    "exclusions": """
        select
            audience,
            case when regexp_full_match(reason, '[a-z_]+') then reason else 'other' end
                as reason,
            count(*) as customers
        from {build}.main.audience_exclusions
        group by all
    """,
    "channels": """
        select channel, ad_needs_consent, allows_ad, night_consent_applies
        from {build}.main_seeds.channels
    """,
    "people": """
        select customer_id from members
        union
        select customer_id from previous where not is_listed
    """,
    "raw_consents": """
        select
            customer_id,
            lower(trim(channel)) as channel,
            lower(trim(purpose)) as purpose,
            lower(trim(status)) as status,
            changed_at,
            loaded_at
        from {build}.raw.consents
        where customer_id in (select customer_id from people)
    """,
    "raw_deletion_requests": """
        select distinct customer_id
        from {build}.raw.deletion_requests
        where customer_id is not null
    """,
    "raw_suppressions": """
        select
            trim(identifier) as identifier,
            coalesce(nullif(lower(trim(channel)), ''), 'all') as channel,
            reason, starts_at, ends_at, loaded_at
        from {build}.raw.suppressions
    """,
    "unread_wishes": """
        select rejects.raw_table, count(*) as records
        from {build}.landing.load_rejects as rejects
        where
            rejects.raw_table in ('consents', 'deletion_requests', 'suppressions')
            and (rejects.raw_table <> 'consents' or rejects.row_key is null)
            and not exists (
                select 1
                from {build}.landing.load_manifest as files
                where
                    files.raw_table = rejects.raw_table
                    and files.source_file = rejects.source_file
                    and files.loaded_at > rejects.loaded_at
            )
        group by rejects.raw_table
    """,
    "customer_channels": """
        select
            customer_id, channel, is_test, identifier, is_valid_identifier,
            is_suppressed, has_ad_consent, has_night_consent, has_third_party_consent
        from {build}.main_intermediate.int_customer_channels
        where
            customer_id in (select customer_id from people)
            and channel in (select channel from audiences)
    """,
    "withdrawn_consents": """
        select customer_id, channel, purpose
        from {build}.main_intermediate.int_consents
        where
            not is_granted
            and withdrawn_at is not null
            and customer_id in (select customer_id from people)
    """,
}


@contextmanager
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that never spills to a disk or loads an extension."""
    with duckdb.connect(
        ":memory:",
        config={
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    ) as connection:
        yield connection


@dataclass(frozen=True)
class Wishes:
    """Where wishes land, and what was there before they were read."""

    folders: frozenset[Path]
    landed: frozenset[tuple[str, int, int]]

    @classmethod
    def none(cls) -> "Wishes":
        """Wishes that never change, for removals."""
        return cls(frozenset(), frozenset())

    def have_changed(self) -> bool:
        """Whether wishes were loaded since."""
        return landed_wishes(self.folders) != self.landed


@dataclass(frozen=True)
class Copied:
    """What was read of a build: the wishes, and in words why nothing of it may leave.

    `is_whole` says that all of its tables can be believed.
    """

    wishes: Wishes
    is_whole: bool
    unfit: Sequence[str]


def copy_build(
    connection: duckdb.DuckDBPyConnection,
    database: Path,
    project: Path,
    settle: Callable[[], None],
) -> Copied:
    """Copy what an export needs out of a build; WrongSpec, Locked, StaleBuild.

    `settle` is called when the destinations are known and before the ledger is read.

    Views name the catalog they were built in, so a copy of the file that has another
    name is attached under that one; relative landing paths start at the project.
    """
    step = "its views"
    attached: list[str] = []
    unfit: list[str] = []
    with contextlib.chdir(project):
        try:
            # the name it has at a build, unless it was renamed or a word of the engine
            is_free = database.stem.lower() not in ("memory", "system", "temp")
            build = attach(connection, database, database.stem if is_free else "probe")
            attached.append(build)
            views = stored_views(connection, build)
            catalog = catalog_of(views)
            if catalog is not None and catalog != build:
                detach(connection, attached)
                build = attach(connection, database, catalog)
                attached.append(build)
            record = read_record(connection, build)
            unfit += unwhole(record)
            unfit += landing_faults(connection, build)
            folders = frozenset(Path(one).absolute() for one in landing_folders(views))
            landed = landed_wishes(folders)
            for name, query in COPIES.items():
                step = name
                if name == "members":
                    settle()
                sql = query.format(build=quote_name(build))
                connection.sql(f"create or replace table {name} as {sql}")
        except duckdb.IOException as error:
            raise lock_or_unreadable(database, step, error, unfit) from None
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise unreadable(database, step, error, unfit) from None
        finally:
            detach(connection, attached)
        unfit += [
            f"{name} were loaded for the first time after this build, which is blind"
            f" to them; {BUILD}"
            for name in unseen_wishes(connection, views)
        ]
        return Copied(Wishes(folders, landed), record.is_whole, unfit)


def unwhole(record: BuildRecord) -> list[str]:
    """Why a build is not whole, in a line."""
    return [] if record.is_whole else [f"not a whole build: {record.reason}; {BUILD}"]


def landing_faults(connection: duckdb.DuckDBPyConnection, build: str) -> list[str]:
    """Landed files that are not as the loader noted them, or gone since the build."""
    faults = f"{quote_name(build)}.landing.landed_faults"
    try:
        files = connection.sql(
            f"select file, source_file, fault from {faults}"
            " where fault is distinct from 'given_up' order by file"
        ).fetchall()
    except duckdb.CatalogException:
        return []
    except duckdb.IOException:
        files = [("", None, "gone")]
    if files and all(fault == "gone" for *_, fault in files):
        return [
            "the landing folder is not there or empty: put it back where the build read"
            f" it, below --project-dir if it is relative, or load the files and {BUILD}"
        ]
    rows = [row for row in files if row[-1]]
    said = [
        f"landing folder: {file} is {fault}"
        + (
            f"; load {source} again and {BUILD}"
            if source
            else f"; remove it, or {BUILD}"
        )
        for file, source, fault in rows[:5]
    ]
    return said + [f"landing folder: {len(rows) - 5} more like these"] * (len(rows) > 5)


def detach(connection: duckdb.DuckDBPyConnection, attached: list[str]) -> None:
    """Close every attached database, so that a build may write it."""
    while attached:
        connection.sql(f"detach {quote_name(attached.pop())}")


def stored_views(
    connection: duckdb.DuckDBPyConnection, build: str
) -> dict[tuple[str, str], str]:
    """Text of every view of the build, by schema and name."""
    rows = connection.sql(
        "select schema_name, view_name, sql from duckdb_views()"
        f" where database_name = {quote_text(build)} and not internal"
        " order by schema_name, view_name"
    ).fetchall()
    return {(schema, name): sql for schema, name, sql in rows}


def catalog_of(views: dict[tuple[str, str], str]) -> str | None:
    """The catalog that the views of the build were written in; None = none says."""
    for (schema, _), sql in views.items():
        found = CATALOG.search(sql) if schema.startswith("main_") else None
        if found:
            return found[1].strip('"')
    return None


def unseen_wishes(
    connection: duckdb.DuckDBPyConnection, views: dict[tuple[str, str], str]
) -> list[str]:
    """Wish tables that had no file when the build began and have one now."""
    folders = landing_folders(views)
    return [
        name
        for (schema, name), sql in views.items()
        if schema in ("raw", "landing")
        and name in WISH_TABLES
        and not re.search(r"\bfrom\b", sql, re.I)
        and any(has_parquet(connection, Path(folder) / name) for folder in folders)
    ]


def landing_folders(views: dict[tuple[str, str], str]) -> set[str]:
    """The folders whose files the raw views read."""
    return {
        found[1].replace("''", "'")
        for (schema, _), sql in views.items()
        if schema in ("raw", "landing")
        for found in LANDED.finditer(sql)
    }


def landed_wishes(folders: Collection[Path]) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of every landed file of wishes: another set, other wishes."""
    return frozenset(
        (str(file), facts.st_size, facts.st_mtime_ns)
        for folder in folders
        for table in WISH_TABLES
        for file in (folder / table).glob("*.parquet")
        for facts in [file.stat()]
    )


def has_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> bool:
    """Whether a landing folder holds a file."""
    pattern = f"{quote_pattern(folder)} || '/*.parquet'"
    found = connection.sql(f"select count(*) from glob({pattern})").fetchone()
    return found is not None and found[0] > 0


def lock_or_unreadable(
    database: Path, step: str, error: duckdb.IOException, unfit: Sequence[str]
) -> ExportProblem:
    """What an input error of the engine means; its text may show a value."""
    if is_lock(error):
        return Locked(str(held(database, error)))
    return unreadable(database, step, error, unfit)


def unreadable(
    database: Path, step: str, error: Exception, unfit: Sequence[str]
) -> ExportProblem:
    """A database that is no finished build, as it says itself or not."""
    if unfit:
        return StaleBuild(*unfit)
    return WrongSpec(
        f"{database} is no build that can be exported ({step}: {type(error).__name__});"
        f" {BUILD}. Its landing folder must be where it was, below --project-dir if"
        " it is relative."
    )
