{% test well_formed(model, key='', references={}, first_customers=none) %}

{#- One scan for what must hold in a table: no two rows with one key, no null where a
    value is required, no word that the column's vocabulary lacks, no reference to what is
    not there. Key and required columns stand in the meta of the table: dbt renders each
    text that is handed to a test as a template of its own. -#}
{%- set problems, keys = [], [key] if key else [] -%}
{%- set needy = [] -%}
{%- set form = namespace(required='', kept=false) -%}
{%- set table = model.identifier if model is not string else 'a table' -%}
{%- if execute and model is not string -%}
    {%- set known = '.customer_segments.' ~ model.identifier -%}
    {%- set node = graph.nodes.get('model' ~ known) or graph.nodes['seed' ~ known] -%}
    {%- set told = node.config.meta -%}
    {%- set form.required, form.kept = told.get('required', ''), told.get('kept') -%}
    {%- do keys.extend(([told.key] if 'key' in told else []) + told.get('keys', [])) -%}
    {%- for name, column in node.columns.items() -%}
        {%- set meta = column.config.meta -%}
        {%- set values = (meta.get('trait') or {}).get('values') or meta.get('values') -%}
        {%- if column_needs(column) -%}{%- do needy.append(name) -%}{%- endif -%}
        {%- if values -%}
            {%- do problems.append([
                name ~ ': no word of its vocabulary',
                adapter.quote(name) ~ ' not in ' ~ sql_list(values | map('string')),
            ]) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{#- What needs a source that is not there is null for all, and not for some. -#}
{%- for name in form.required.split(',') | map('trim') | select -%}
    {%- do problems.append([
        name ~ ': null',
        adapter.quote(name) ~ ' is null',
        name in needy,
    ]) -%}
{%- endfor %}

with

table_rows as (

    select *
    from {{ model }}
    {%- if first_customers %}
    where
        customer_id in (
            select customer_id
            from {{ ref('customers') }}
            order by customer_id
            limit {{ first_customers }}
        )
    {%- endif %}

),

counted as (

    select
        {%- for problem in problems %}
        sum(case when {{ problem[1] }} then 1 else 0 end)
        {{- ' % greatest(count(*), 1)' if problem[2] }} as problem_{{ loop.index }},
        {%- endfor %}
        count(*) as row_count
    from table_rows

),

told as (

    select concat_ws(
        '; ', null
        {%- for problem in problems %},
        case when problem_{{ loop.index }} > 0
            then problem_{{ loop.index }}::string
                || {{ sql_text(' rows with ' ~ problem[0]) }}
        end
        {%- endfor %}
    ) as problem
    from counted
    {%- for columns in keys %}

    union all

    select
        count(*)::string || {{ sql_text(' keys twice or more: ' ~ columns) }}
            as problem
    from (
        select 1 as one
        from table_rows
        {%- if form.kept %}
        where row_state = 'kept'
        {%- endif %}
        group by {{ columns }}
        having count(*) > 1
    ) as repeated
    having count(*) > 0
    {%- endfor %}
    {%- for column, other in references.items() %}

    union all

    select
        count(*)::string || {{ sql_text(' rows whose ' ~ column ~ ' is not in ' ~ other) }}
            as problem
    from table_rows
    where
        {{ column }} is not null
        and not exists (
            select 1
            from {{ ref(other) }} as others
            where others.{{ column }} = table_rows.{{ column }}
        )
    having count(*) > 0
    {%- endfor %}

)

-- dbt counts the rows of a test and shows none, so the message is the error itself
select problem
from told
where problem <> '' and {{ stop("'" ~ table ~ ": ' || problem") }} is null

{% endtest %}
