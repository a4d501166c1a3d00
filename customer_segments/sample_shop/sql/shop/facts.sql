-- One row: numbers of the finished shop that every draw may need.
create table facts as
select
    max(starts_s) filter (where release_id = 'R1') as release_1_s,
    max(starts_s) filter (where release_id = 'R2') as release_2_s,
    max(starts_s) filter (where release_id = 'R3') as release_3_s,
    max(starts_s) filter (where release_id = 'X1') as outage_from_s,
    max(starts_s + length) filter (where release_id = 'X1') as outage_to_s,
    (select sum(days.weight)::bigint from days) as busy_end,
    (
        select category_numbers.category_n
        from category_numbers
        where category_numbers.category = 'digital'
    ) as digital_category,
    (select count(*) from industry_slots) as industry_count
from release_times;
