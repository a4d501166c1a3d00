{% macro recorded_rows(records, key, is_hashed=false) -%}
    {#- What records say of each key, as a subquery: the last change in force before the
        as-of day and up to it, and whether a run of that day or a later one, in force or
        restated, named it. -#}
    {%- set hash = "coalesce(records.row_hash, '')" if is_hashed else "''" -%}
    (
        select
            {%- for column in key %}
            records.{{ column }},
            {%- endfor %}
            {%- for name, sign in [('before', '<'), ('recorded', '<=')] %}
            max_by(records.change, runs.as_of_date)
                filter (where runs.as_of_date {{ sign }} {{ as_of_date() }})
                as change_{{ name }},
            max_by({{ hash }}, runs.as_of_date)
                filter (where runs.as_of_date {{ sign }} {{ as_of_date() }})
                as hash_{{ name }},
            {%- endfor %}
            max(records.as_of_date) >= {{ as_of_date() }} as is_named_since
        from {{ records }} as records
        left join {{ alive_runs(records) }} as runs
            on records.run_number = runs.run_number
        where records.{{ key[-1] }} is not null
        group by records.{{ key | join(', records.') }}
    )
{%- endmacro %}
