-- What only the sample knows, for tests: written beside the raw tables.
create table dirt_truth (
    raw_table varchar, row_key varchar, reason varchar, row_n bigint
);

create table customer_truth (customer_id varchar, is_churned boolean, churned_on date);

create table person_truth (k uinteger, person_k uinteger);

create table arm_truth (
    n usmallint, k uinteger, variant varchar, is_lifted boolean
);

-- A row for each broken row.
create view truth_of_dirt as
select
    raw_table,
    row_key,
    reason
from dirt_truth
order by raw_table, row_n, reason, row_key;

-- Who really left, and on which day they bought last.
create view truth_of_customers as
select
    customer_id,
    is_churned,
    churned_on
from customer_truth
order by customer_id;

-- Ids of somebody who has an earlier one.
create view truth_of_people as
select
    'C' || (10000000 + k) as customer_id,
    'C' || (10000000 + person_k) as person_id
from person_truth
order by k;

-- Who was in which arm of a campaign, and who bought once more because of it.
create view truth_of_arms as
with named as (

    select
        n,
        k,
        variant,
        is_lifted,
        'M' || (1001 + n) as campaign_id,
        'C' || (10000000 + k) as customer_id
    from arm_truth

)

select
    campaign_id,
    customer_id,
    variant,
    is_lifted
from named
order by n, k;

-- The arms counted.
create view truth_of_lift as
with counted as (

    select
        n,
        variant,
        'M' || (1001 + n) as campaign_id,
        count(*) as customer_count,
        count(*) filter (where is_lifted) as lifted_count
    from arm_truth
    group by n, variant

)

select
    campaign_id,
    variant,
    customer_count,
    lifted_count
from counted
order by n, variant;
