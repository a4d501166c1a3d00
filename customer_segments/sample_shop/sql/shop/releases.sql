-- Three releases and an outage, each of which changes what customers do.
create table release_times as
select
    release_id,
    name,
    kind,
    length,
    start_s() + day_count() * percent // 100 * 86400 + start_second as starts_s
from lookups.releases;

create table releases_rows as
select
    release_id,
    name,
    kind,
    moment(starts_s) as started_at,
    case when kind = 'outage' then moment(starts_s + length) end as ended_at,
    row_number() over (order by starts_s, release_id) as row_n
from release_times;
