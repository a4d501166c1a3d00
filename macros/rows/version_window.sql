{% macro version_window(key, newest, tie_break) -%}
    (
        partition by {{ key }}, fault is null and not is_not_yet
        order by
            {{ newest }} desc nulls last,
            {%- if newest != 'loaded_at' %}
            loaded_at desc nulls last,
            {%- endif %}
            {{ tie_break }} desc nulls last,
            source_file asc nulls last,
            source_row asc nulls last
    )
{%- endmacro %}
