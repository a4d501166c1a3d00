{% macro form_checks(table, node) -%}
{%- set told = node.config.meta -%}
{%- set keys = ([told.key] if 'key' in told else []) + told.get('keys', []) -%}
{%- set problems, needy = [], [] -%}
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
{#- What needs a source that is not there is null for all, and not for some. -#}
{%- for name in told.get('required', '').split(',') | map('trim') | select -%}
    {%- do problems.append([
        name ~ ': null', adapter.quote(name) ~ ' is null', name in needy,
    ]) -%}
{%- endfor -%}
{%- if problems or keys -%}
with

table_rows as (

    select *
    from {{ table }}
    {%- if told.get('checked_where') %}
    where {{ told.checked_where }}
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
        {%- if told.get('kept') %}
        where row_state = 'kept'
        {%- endif %}
        group by {{ columns }}
        having count(*) > 1
    ) as repeated
    having count(*) > 0
    {%- endfor %}

)

select problem
from told
where problem <> '' and {{ stop(sql_text(node.name ~ ': ') ~ ' || problem') }} is null
{%- endif -%}
{%- endmacro %}
