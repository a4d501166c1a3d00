{%- set cells = profile_cells() -%}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

flags as (

    select
        {%- for cell in cells %}
        case when {{ cell.sql }} then 1 else 0 end as {{ cell.column }},
        {%- endfor %}
        customers.customer_id
    from customers

),

-- everybody is a group too, the one without a name
groups as (

    select
        segment,
        customer_id
    from {{ ref('segment_members') }}
    where not is_stale

    union all

    select
        null as segment,
        customer_id
    from flags

),

summed as (

    select
        groups.segment,
        {%- for cell in cells %}
        sum(flags.{{ cell.column }})::bigint as {{ cell.column }},
        {%- endfor %}
        count(*) as customer_count
    from groups
    inner join flags
        on groups.customer_id = flags.customer_id
    group by groups.segment

),

listed as (

    select
        segment,
        customer_count,
        cell,
        cell_count
    from summed
    unpivot (
        cell_count for cell in ({{ cells | map(attribute='column') | join(', ') }})
    )

),

cells (cell, trait, trait_value, value_number) as (

    values
    {%- for cell in cells %}
    (
        '{{ cell.column }}',
        '{{ cell.trait }}',
        {{ sql_text(cell['value']) }},
        {{ cell.value_number }}
    )
    {{- ',' if not loop.last }}
    {%- endfor %}

),

populations as (

    select
        cell,
        customer_count,
        cell_count
    from listed
    where segment is null and cell_count > 0

),

counted as (

    select
        listed.segment,
        cells.trait,
        cells.trait_value,
        cells.value_number,
        listed.cell_count as segment_count,
        listed.customer_count as segment_size,
        populations.cell_count as population_count,
        populations.customer_count as population_size
    from listed
    inner join populations
        on listed.cell = populations.cell
    inner join cells
        on listed.cell = cells.cell
    where listed.segment is not null

)

select * from counted
