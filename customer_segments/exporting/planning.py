"""What would change at each destination, from what is there and what should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from customer_segments.exporting.ledger import Line

# what is to be at a destination, under the identifier that it takes
DESIRED = """
    create or replace temp view desired as
    select
        audiences.destination,
        outcomes.audience,
        outcomes.destination_identifier as identifier,
        outcomes.customer_id,
        outcomes.channel,
        outcomes.message_class,
        outcomes.campaign_id,
        outcomes.arm,
        outcomes.variables,
        md5(
            concat_ws(
                chr(31), outcomes.customer_id, outcomes.message_class,
                outcomes.campaign_id, coalesce(outcomes.arm, ''),
                coalesce(outcomes.variables, '')
            )
        ) as row_hash
    from outcomes
    inner join audiences on outcomes.audience = audiences.audience
    where outcomes.dropped is null and outcomes.rejected is null
"""

# what is known of a destination, whose wish it is to leave, and who left the audience
# for no reason but a cap, a holdout or the like
KNOWN = """
    create or replace temp view known as
    select
        previous.*,
        coalesce(judged.is_wish, false) or forgotten.person is not null as is_wish,
        belonging.customer_id is not null as is_member
    from previous
    left join judged using (audience, customer_id, identifier)
    left join forgotten
        on sha256('customer|' || previous.customer_id) = forgotten.person
    left join belonging
        on
            previous.audience = belonging.audience
            and previous.customer_id = belonging.customer_id
"""

# `unknown` counts as there when removing and as absent when adding
CHANGES = """
    create or replace table changes as
    with reached as (
        -- somebody who moves within a stay has had their message
        select distinct destination, audience, customer_id
        from previous
        where
            status in ('acked', 'unknown')
            and destination in (select destination from sinks where effect = 'send')
    ),
    compared as (
        select
            coalesce(desired.destination, known.destination) as destination,
            coalesce(desired.audience, known.audience) as audience,
            coalesce(desired.identifier, known.sent_identifier) as identifier,
            coalesce(desired.customer_id, known.customer_id) as customer_id,
            desired.identifier is not null as is_wanted,
            coalesce(known.status in ('acked', 'unknown'), false) as is_there,
            known.status,
            desired.row_hash,
            desired.row_hash is not distinct from known.row_hash as is_same,
            -- who has the identifier now gets a message of their own
            case
                when desired.customer_id is null
                    or desired.customer_id = known.customer_id
                    then known.message_id
            end as message_id,
            known.is_wish,
            known.is_member,
            known.sent_channel,
            reached.customer_id is not null as is_reached,
            desired.arm,
            desired.variables
        from desired
        full outer join known
            on
                desired.destination = known.destination
                and desired.audience = known.audience
                and desired.identifier = known.sent_identifier
        left join reached
            on
                desired.destination = reached.destination
                and desired.audience = reached.audience
                and desired.customer_id = reached.customer_id
    ),
    planned as (
        select
            compared.*,
            sinks.effect,
            audiences.audience is not null as is_defined,
            -- an identifier is taken out as what it was brought in
            case when compared.is_wanted then audiences.channel
                else coalesce(compared.sent_channel, audiences.channel, '')
            end as channel,
            case
                -- nobody can say who belongs: they stay who do not wish to leave
                when audiences.missing_data is not null
                    then case
                        when
                            compared.is_there
                            and compared.is_wish
                            and sinks.effect <> 'send'
                            then 'remove'
                        else 'keep'
                    end
                when sinks.effect = 'send' and not compared.is_wanted
                    then case
                        when compared.status = 'unknown' then 'hold'
                        when
                            compared.is_member
                            and not compared.is_wish
                            and audiences.audience is not null
                            then 'keep'
                        else 'drop'
                    end
                when sinks.effect = 'send'
                    then case
                        when compared.status is null and compared.is_reached
                            then 'keep'
                        when compared.status is null or compared.status = 'released'
                            then 'add'
                        when compared.status = 'unknown' and sinks.is_replayed
                            then 'add'
                        when compared.status = 'unknown' then 'hold'
                        when compared.status = 'rejected' then 'refused'
                        else 'keep'
                    end
                when not compared.is_wanted and not compared.is_there then 'drop'
                when
                    not compared.is_wanted
                    and audiences.mode = 'add_only'
                    and not compared.is_wish
                    then 'keep'
                when not compared.is_wanted then 'remove'
                when compared.status is null then 'add'
                when compared.status = 'acked' and not compared.is_same then 'update'
                when compared.status = 'acked' then 'keep'
                when compared.status = 'rejected' and compared.is_same then 'refused'
                else 'add'
            end as operation
        from compared
        inner join sinks on compared.destination = sinks.destination
        left join audiences
            on
                compared.audience = audiences.audience
                and compared.destination = audiences.destination
        where
            compared.audience in (select audience from chosen)
            or compared.audience not in (select audience from audiences)
            and (select is_whole from scope)
    )
    select *, null as place
    from planned
    where operation not in ('add', 'update', 'remove')
    union all
    select
        *,
        row_number() over (
            partition by destination, audience,
                case when operation = 'remove' then channel end
            order by customer_id, identifier
        ) as place
    from planned
    where operation in ('add', 'update', 'remove')
"""

COUNTED = """
    select
        destination,
        audience,
        count(*) filter (where is_wanted) as wanted,
        count(*) filter (where is_there) as there,
        count(*) filter (where operation = 'add') as added,
        count(*) filter (where operation = 'update') as updated,
        count(*) filter (where operation = 'remove') as removed,
        count(*) filter (where is_there and (is_wish or not is_defined)) as barred,
        count(*) filter (where operation = 'remove' and not is_wish) as leaving,
        count(*) filter (where operation = 'hold') as held,
        count(*) filter (where operation = 'refused') as refused,
        count(*) filter (where operation = 'keep') as kept
    from changes
    group by destination, audience
    order by destination, audience
"""


ONLY_WISHES = """
    create or replace table changes as
    with narrowed as (
        select
            * exclude (place, operation),
            case
                when is_there and (is_wish or not is_defined) and effect <> 'send'
                    then 'remove'
                else 'keep'
            end as operation
        from changes
    )
    select
        *,
        row_number() over (
            partition by destination, audience, channel, operation = 'remove'
            order by customer_id, identifier
        ) as place
    from narrowed
"""


@dataclass(frozen=True)
class LinePlan:
    """What a run would do for an audience at a destination, in identifiers.

    `barred` are there and must not be, by their own wish; `leaving` are removed for
    other reasons; `held` were sent and never confirmed; `refused` were rejected before.
    """

    line: Line
    wanted: int = 0
    there: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    barred: int = 0
    leaving: int = 0
    held: int = 0
    refused: int = 0
    kept: int = 0

    @classmethod
    def none(cls, destination: str, audience: str) -> "LinePlan":
        """The line of an audience of files that is no more."""
        return cls(Line(destination, audience, "file", "", "", ""))

    @property
    def changed(self) -> int:
        """Identifiers that the destination would be told about."""
        return self.added + self.updated + self.removed

    @property
    def is_defined(self) -> bool:
        """Whether the audience still goes to this destination."""
        return self.line.campaign_id != ""


@dataclass(frozen=True)
class Sink:
    """A destination as the plan needs it: its effect, and whether unknown sends go
    again because the receiver knows them by their message_id."""

    destination: str
    effect: str
    is_replayed: bool = False


@dataclass(frozen=True)
class Plan:
    """What a run would do, by destination and audience."""

    lines: Sequence[LinePlan] = field(default_factory=tuple)


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    sinks: Mapping[str, Sink],
    chosen: Sequence[str],
    is_whole: bool,
) -> Plan:
    """Compare what should be with what is; fills `desired` and `changes`.

    `is_whole` says that no audience was named: then those that are no longer defined
    leave as well.
    """
    connection.execute(
        "create or replace table sinks as select unnest($1::varchar[]) as destination,"
        " unnest($2::varchar[]) as effect, unnest($3::boolean[]) as is_replayed",
        [
            [sink.destination for sink in sinks.values()],
            [sink.effect for sink in sinks.values()],
            [sink.is_replayed for sink in sinks.values()],
        ],
    )
    connection.execute(
        "create or replace table chosen as select unnest($1::varchar[]) as audience",
        [list(chosen)],
    )
    connection.execute(
        "create or replace table scope as select $1 as is_whole", [is_whole]
    )
    connection.execute(DESIRED)
    connection.execute(KNOWN)
    connection.execute(CHANGES)
    facts = {
        (destination, audience): rest
        for destination, audience, *rest in connection.sql(
            "select destination, audience, channel, message_class, campaign_id"
            " from audiences"
        ).fetchall()
    }
    counted = {
        (destination, audience): counts
        for destination, audience, *counts in connection.sql(COUNTED).fetchall()
    }
    wanted = {key for key in facts if key[1] in chosen and key[0] in sinks}
    return Plan(
        tuple(
            LinePlan(
                Line(
                    *(destination, audience, sinks[destination].effect),
                    *facts.get((destination, audience), ("", "", "")),
                ),
                *counted.get((destination, audience), ()),
            )
            for destination, audience in sorted(wanted | counted.keys())
        )
    )


def keep_all_but_wishes(connection: duckdb.DuckDBPyConnection) -> None:
    """Narrow a plan to removals that people wished."""
    connection.execute(ONLY_WISHES)
