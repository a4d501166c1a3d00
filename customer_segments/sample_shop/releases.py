"""Three releases and an outage, each of which changes what customers do."""

import duckdb

from .draws import create_constant

# Nobody reaches the app or the site during the outage: who wanted something does it
# a while later, so late that the whole visit lies after the outage.
SPARED = """
create macro in_outage(s) as
    s >= outage_from_s() - 900 and s < outage_to_s() + 2400;
create macro spared(s) as
    case when in_outage(s) then outage_to_s() + 2500 + s % 5400 else s end;
"""
# 1: fewer give up at the checkout. 2: in the app a glance becomes a walk around.
# 3: in the app a search finds nothing. What happens on the web shows the difference.
SESSION_AFTER_RELEASES = """
case
    when anchor_s >= release_1_s() and session = 'checkout_left'
        and pick(h, 'release 1', 100) < 40
        then 'browse'::session_name
    when in_app and anchor_s >= release_2_s() and session = 'glance'
        and pick(h, 'release 2', 100) < 50
        then 'browse'::session_name
    when in_app and anchor_s >= release_3_s() and session = 'search'
        and pick(h, 'release 3', 100) < 60
        then 'search_failed'::session_name
    else session
end
"""
RELEASES = """
create table releases_rows as
select
    release_id,
    name,
    kind,
    moment(starts_s) as started_at,
    case when kind = 'outage' then moment(starts_s + length) end as ended_at,
    row_number() over (order by starts_s, release_id) as row_n,
from release_times
"""


def plan_releases(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw rows, and the moments as constants for the statements above."""
    connection.execute(
        """
        create table release_times as
        select
            *,
            start_s() + day_count() * percent // 100 * 86400 + start_second as starts_s,
        from release_plan
        """
    )
    found = connection.execute(
        "select release_id, starts_s, starts_s + length from release_times"
    )
    times = {row[0]: row[1:] for row in found.fetchall()}
    for number in (1, 2, 3):
        create_constant(connection, f"release_{number}_s", times[f"R{number}"][0])
    create_constant(connection, "outage_from_s", times["X1"][0])
    create_constant(connection, "outage_to_s", times["X1"][1])
    connection.execute(SPARED)
    connection.execute(RELEASES)
