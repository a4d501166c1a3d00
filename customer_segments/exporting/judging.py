"""Who of a build, and of the files before it, may still be contacted."""

from dataclasses import dataclass
from datetime import date

import duckdb

from customer_segments.exporting.names import is_file_name
from customer_segments.exporting.problems import WrongSpec

FORMULA = r"^[\s\x{00A0}\x{200B}\x{3000}\x{FEFF}]*[=+\-@\t\r＝＋－＠]"
PLAIN_IDENTIFIER = "^[+-][0-9A-Za-z_:-]+$"
HASH_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NOT_PRINTABLE = r"[\p{Cc}\x{200E}\x{200F}\x{2028}-\x{202E}\x{2066}-\x{2069}\x{FEFF}]"

CANDIDATES = """
    select row_number() over () as candidate, *
    from (
        select audience, customer_id, identifier from members
        union
        select audience, customer_id, identifier from previous where not is_listed
    )
"""

# what class, channel and hours ask for, or the build says; no word counts as asked
NEEDS = """
    with facts as (
        select
            audiences.audience,
            audiences.channel,
            (
                audiences.message_class is distinct from 'info'
                and coalesce(channels.ad_needs_consent, true)
            )
            or coalesce(audiences.needs_ad_consent, true) as has_ad,
            (
                audiences.message_class is distinct from 'info'
                and coalesce(channels.night_consent_applies, true)
                and coalesce(audiences.touches_night, true)
            )
            or coalesce(audiences.needs_night_consent, true) as has_night,
            coalesce(audiences.needs_third_party_consent, true) as has_third_party
        from audiences
        left join channels on audiences.channel = channels.channel
    )
    select audience, channel, 'ad' as purpose, 1 as place from facts where has_ad
    union all
    select audience, channel, 'night_ad', 2 from facts where has_night
    union all
    select audience, channel, 'third_party', 3 from facts where has_third_party
"""

# what the models say now
MODEL_REASONS = """
    with lacking as (
        select
            candidates.candidate,
            min(needs.place) as place,
            bool_or(withdrawn_consents.customer_id is not null) as is_withdrawn
        from candidates
        inner join needs on candidates.audience = needs.audience
        inner join customer_channels
            on
                candidates.customer_id = customer_channels.customer_id
                and needs.channel = customer_channels.channel
        left join withdrawn_consents
            on
                candidates.customer_id = withdrawn_consents.customer_id
                and needs.channel = withdrawn_consents.channel
                and needs.purpose = withdrawn_consents.purpose
        where not coalesce(
            case needs.purpose
                when 'ad' then customer_channels.has_ad_consent
                when 'night_ad' then customer_channels.has_night_consent
                else customer_channels.has_third_party_consent
            end,
            false
        )
        group by candidates.candidate
    )
    select
        candidates.candidate,
        case
            when customer_channels.customer_id is null and requests.customer_id is null
                then 'unknown_customer'
            when customer_channels.customer_id is null then 'erased'
            when coalesce(customer_channels.is_test, true) then 'test_account'
            when coalesce(customer_channels.is_suppressed, true) then 'suppressed'
            when lacking.is_withdrawn then 'withdrawn'
            when lacking.place = 1 then 'no_consent'
            when lacking.place = 2 then 'no_night_consent'
            when lacking.place = 3 then 'no_third_party_consent'
            when customer_channels.identifier is distinct from candidates.identifier
                then 'identifier_changed'
            when not coalesce(customer_channels.is_valid_identifier, false)
                then 'invalid_identifier'
        end as reason
    from candidates
    inner join audiences on candidates.audience = audiences.audience
    left join customer_channels
        on
            candidates.customer_id = customer_channels.customer_id
            and audiences.channel = customer_channels.channel
    left join raw_deletion_requests as requests
        on candidates.customer_id = requests.customer_id
    left join lacking on candidates.candidate = lacking.candidate
"""

# the same law in plain words over raw rows; shares nothing with the models
PLAIN_REASONS = r"""
    with grants as (
        select customer_id, channel, purpose, max(changed_at) as granted_at
        from raw_consents
        where status = 'granted'
        group by customer_id, channel, purpose
    ),
    withdrawals as (
        select
            customer_id,
            channel,
            purpose,
            max(coalesce(changed_at, loaded_at, 'infinity'::timestamp)) as withdrawn_at
        from raw_consents
        where
            status = 'withdrawn'
            and channel in (select channel from channels)
            and purpose in ('ad', 'night_ad', 'third_party')
        group by customer_id, channel, purpose
    ),
    unclear as (
        select
            customer_id, max(coalesce(loaded_at, 'infinity'::timestamp)) as withdrawn_at
        from raw_consents
        where
            status is distinct from 'granted'
            and not coalesce(
                status = 'withdrawn'
                and channel in (select channel from channels)
                and purpose in ('ad', 'night_ad', 'third_party'),
                false
            )
        group by customer_id
    ),
    consented as (
        select
            candidates.candidate,
            bool_or(
                coalesce(withdrawals.withdrawn_at >= grants.granted_at, false)
                or coalesce(unclear.withdrawn_at >= grants.granted_at, false)
                or (
                    grants.granted_at is null
                    and (
                        withdrawals.customer_id is not null
                        or unclear.customer_id is not null
                    )
                )
            ) as is_withdrawn,
            bool_or(grants.granted_at is null) as is_missing
        from candidates
        inner join needs on candidates.audience = needs.audience
        left join grants
            on
                candidates.customer_id = grants.customer_id
                and needs.channel = grants.channel
                and needs.purpose = grants.purpose
        left join withdrawals
            on
                candidates.customer_id = withdrawals.customer_id
                and needs.channel = withdrawals.channel
                and needs.purpose = withdrawals.purpose
        left join unclear on candidates.customer_id = unclear.customer_id
        group by candidates.candidate
    ),
    newest as (
        select identifier, channel, ends_at
        from raw_suppressions
        qualify rank() over (
            partition by identifier, channel, reason, starts_at
            order by loaded_at desc nulls last
        ) = 1
    ),
    in_force as (
        select
            identifier,
            case when channel in (select channel from channels) then channel end
                as channel,
            regexp_replace(identifier, '\D', '', 'g') as digits
        from newest
        where
            ends_at is null
            or ends_at >= (select max(as_of_date) from audiences) + interval 36 hour
    ),
    stopped as (
        select identifier as address, channel, true as is_whole from in_force
        union
        select lower(regexp_replace(identifier, '\s', '', 'g')), channel, true
        from in_force where contains(identifier, '@')
        union
        select '+' || regexp_replace(digits, '^00', ''), channel, true
        from in_force where regexp_matches(identifier, '^(\+|00)[0-9 ().-]{8,}$')
        union
        select regexp_replace(digits, '^0', ''), channel, false
        from in_force where regexp_matches(identifier, '^0[1-9][0-9 ().-]{7,}$')
    ),
    addresses as (
        select candidate, audience, identifier as address, true as is_whole
        from candidates
        union all
        select candidate, audience, customer_id, true from candidates
        union all
        select
            candidate, audience,
            unnest([identifier[3:], identifier[4:], identifier[5:]]), false
        from candidates where starts_with(identifier, '+')
    ),
    suppressed as (
        select distinct addresses.candidate
        from addresses
        inner join audiences on addresses.audience = audiences.audience
        inner join stopped
            on
                addresses.address = stopped.address
                and addresses.is_whole = stopped.is_whole
                and coalesce(stopped.channel = audiences.channel, true)
    )
    select
        candidates.candidate,
        case
            when requests.customer_id is not null then 'erased'
            when suppressed.candidate is not null then 'suppressed'
            when consented.is_withdrawn then 'withdrawn'
            when consented.is_missing then 'no_consent'
            when
                audiences.message_class is distinct from 'info'
                and not coalesce(channels.allows_ad, false)
                then 'no_ads_here'
        end as plain_reason
    from candidates
    inner join audiences on candidates.audience = audiences.audience
    left join channels on audiences.channel = channels.channel
    left join raw_deletion_requests as requests
        on candidates.customer_id = requests.customer_id
    left join suppressed on candidates.candidate = suppressed.candidate
    left join consented on candidates.candidate = consented.candidate
"""

JUDGED = """
    select
        candidates.audience,
        candidates.customer_id,
        candidates.identifier,
        model_reasons.reason,
        plain_reasons.plain_reason,
        coalesce(reason in ('erased', 'suppressed', 'withdrawn'), false)
        or coalesce(plain_reason in ('erased', 'suppressed', 'withdrawn'), false)
            as is_wish
    from candidates
    inner join model_reasons using (candidate)
    inner join plain_reasons using (candidate)
"""

# nothing asks for these again, and of a million members they are 250 MB
JUDGED_BY = (
    *("people", "customer_channels", "withdrawn_consents", "raw_consents"),
    *("raw_suppressions", "candidates", "model_reasons", "plain_reasons"),
)

# messages of the ledger that the build has not seen yet count against the cap as well
CAPPED = """
    select members.audience, members.customer_id
    from members
    inner join audiences on members.audience = audiences.audience
    inner join ledger.deliveries
        on
            members.customer_id = deliveries.customer_id
            and audiences.channel = deliveries.channel
            and audiences.message_class = deliveries.message_class
    where deliveries.sent_on > $today - audiences.cap_days
    group by members.audience, members.customer_id
    having
        count(*) >= min(audiences.cap_messages)
        or count(*) filter (where deliveries.sent_on > audiences.as_of_date)
        >= min(members.cap_left)
"""

OUTCOMES = f"""
    select
        members.*,
        case
            when forgotten.person is not null then 'forgotten'
            when judged.reason is not null then judged.reason
            when capped.customer_id is not null then 'frequency_cap'
        end as dropped,
        judged.plain_reason,
        judged.is_wish or forgotten.person is not null as is_wish,
        case
            when
                members.customer_id = '' or members.identifier = ''
                or members.destination_identifier in ('', '{HASH_OF_NOTHING}')
                or coalesce(members.campaign_id, '') = ''
                then 'missing_value'
            when regexp_matches(
                concat_ws('', members.customer_id, members.identifier,
                    members.destination_identifier, members.channel,
                    members.message_class, members.campaign_id),
                '{NOT_PRINTABLE}'
            )
                then 'control_character'
        end as rejected
    from members
    inner join judged using (audience, customer_id, identifier)
    left join capped using (audience, customer_id)
    left join forgotten
        on sha256('customer|' || members.customer_id) = forgotten.person
"""

VERDICTS = """
    select
        audiences.audience,
        count(outcomes.customer_id) filter (
            where outcomes.dropped is null and outcomes.rejected is null
        ),
        count(outcomes.customer_id) filter (
            where outcomes.dropped is not null and outcomes.is_wish
        )
    from audiences
    left join outcomes on audiences.audience = outcomes.audience
    group by audiences.audience
"""


@dataclass(frozen=True)
class Audience:
    """What the build says about an audience.

    `missing` is the segment without data, and what it lacks; None = nothing.
    """

    name: str
    destination: str
    adapter: str
    mode: str
    channel: str
    message_class: str
    campaign_id: str
    sent_from: str
    sent_until: str
    min_rows: int
    max_rows: int
    max_added_share: float | None
    max_removed_share: float
    max_age_days: int | None
    members: int
    sendable: int
    as_of_date: date
    missing: str | None


@dataclass(frozen=True)
class Verdict:
    """What the checks say about an audience, in customers by reason."""

    rows: int
    dropped: dict[str, int]
    dropped_by_wish: int
    rejected: dict[str, int]
    disputed: dict[str, int]
    excluded: dict[str, int]


def read_audiences(connection: duckdb.DuckDBPyConnection) -> list[Audience]:
    """Every audience of the build by name; WrongSpec for names no file may have."""
    rows = connection.sql(
        """
        select
            audience, destination, adapter, mode, channel, message_class, campaign_id,
            sent_from, sent_until, min_rows, max_rows, max_added_share,
            max_removed_share, max_age_days, member_count, sendable_count, as_of_date,
            missing_data
        from audiences order by audience
        """
    ).fetchall()
    audiences = [Audience(*row) for row in rows]
    if not audiences:
        raise WrongSpec(
            "main.audiences is empty; define audiences in"
            " models/marts/audiences/audience_definitions.yml and run dbt build"
        )
    odd = sum(not is_file_name(str(audience.name)) for audience in audiences)
    if odd:
        raise WrongSpec(
            f"{odd} of {len(audiences)} names in main.audiences cannot be file names;"
            " write them [a-z][a-z0-9_]{0,62} and no device name such as con"
        )
    return audiences


def contradictions(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Signs that the tables come of different builds, as of an unfinished one."""
    days = count(connection, "select count(distinct as_of_date) from audiences")
    strange = count(
        connection,
        """
        select count(*) from members
        left join audiences using (audience, channel, message_class, campaign_id)
        where audiences.as_of_date is null
        """,
    )
    miscounted = count(
        connection,
        """
        with sent as (
            select audience, count(*) as customers from members group by audience
        ),
        left_out as (
            select audience, sum(customers) as customers
            from exclusions group by audience
        )
        select count(*) from audiences
        left join sent using (audience)
        left join left_out using (audience)
        where
            sendable_count is distinct from coalesce(sent.customers, 0)
            or member_count
            is distinct from sendable_count + coalesce(left_out.customers, 0)
        """,
    )
    repeated = count(
        connection,
        """
        select count(*) from (
            select 1 from members group by audience, customer_id having count(*) > 1
        )
        """,
    )
    signs = {
        "audiences describe different days": days > 1,
        f"{strange} rows belong to no audience as it is defined": strange > 0,
        f"{miscounted} audiences do not add up": miscounted > 0,
        f"{repeated} customers are in an audience twice": repeated > 0,
    }
    return [sign for sign, is_there in signs.items() if is_there]


def unread_wishes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Records that may be anybody's wish, unless their file was delivered again."""
    return [
        f"{records} records of {table} could not be read and each may be somebody's"
        " wish; correct them in the file, under its name, and load it again"
        for table, records in connection.sql(
            "select raw_table, records from unread_wishes order by raw_table"
        ).fetchall()
    ]


def judge(connection: duckdb.DuckDBPyConnection, today: date) -> None:
    """Check members, and who is at a destination, twice: by models and by wishes."""
    for name, query in {
        "candidates": CANDIDATES,
        "needs": NEEDS,
        "model_reasons": MODEL_REASONS,
        "plain_reasons": PLAIN_REASONS,
        "judged": JUDGED,
    }.items():
        connection.execute(f"create or replace table {name} as {query}")
    for name in JUDGED_BY:
        connection.execute(f"drop table {name}")
    connection.execute(f"create or replace table capped as {CAPPED}", {"today": today})
    connection.execute(f"create or replace table outcomes as {OUTCOMES}")


def read_verdicts(connection: duckdb.DuckDBPyConnection) -> dict[str, Verdict]:
    """The verdict of each audience."""
    dropped = tally(connection, "outcomes", "dropped")
    rejected = tally(connection, "outcomes", "rejected", "dropped is null")
    disputed = tally(connection, "outcomes", "plain_reason", "dropped is null")
    excluded: dict[str, dict[str, int]] = {}
    for audience, reason, customers in connection.sql(
        "select audience, reason, customers from exclusions order by audience, reason"
    ).fetchall():
        excluded.setdefault(audience, {})[reason] = customers
    verdicts = connection.sql(VERDICTS).fetchall()
    return {
        name: Verdict(
            rows=rows,
            dropped=dropped.get(name, {}),
            dropped_by_wish=wishes,
            rejected=rejected.get(name, {}),
            disputed=disputed.get(name, {}),
            excluded=excluded.get(name, {}),
        )
        for name, rows, wishes in verdicts
    }


def tally(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, where: str = "true"
) -> dict[str, dict[str, int]]:
    """Rows per audience and value of a column, nulls left out, by name."""
    counts: dict[str, dict[str, int]] = {}
    for audience, value, rows in connection.sql(
        f"select audience, {column}, count(*) from {table}"
        f" where {column} is not null and {where}"
        f" group by audience, {column} order by audience, {column}"
    ).fetchall():
        counts.setdefault(audience, {})[value] = rows
    return counts


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """The one number of a query."""
    row = connection.sql(query).fetchone()
    return int(row[0]) if row else 0
