{% macro message_variables(variables, sources) -%}
    {#- Keys sorted by code point, no spaces: the same bytes for the same values. -#}
    {%- set members = [] -%}
    {%- for name in variables.keys() | sort(case_sensitive=true) -%}
        {%- set key = ('{' if loop.first else ',') ~ '"' ~ name ~ '":' -%}
        {%- do members.append(
            sql_text(key) ~ ' || ' ~ quoted_text(sources[variables[name]])
        ) -%}
    {%- endfor -%}
    {{ return((members + ["'}'"]) | join('\n        || ')) }}
{%- endmacro %}
