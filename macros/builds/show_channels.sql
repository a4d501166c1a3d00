{% macro show_channels() -%}
    {#- A view for each channel, for tools that want a table a channel. -#}
    {%- if execute -%}
        {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name')
            | reject('equalto', 'channel') | join(', ') -%}
        {%- for channel in seed_rows('channels') -%}
            {%- do run_query(
                'create or replace view ' ~ target.schema ~ '.' ~ adapter.quote('audience_' ~ channel)
                ~ ' as select ' ~ columns ~ ' from ' ~ target.schema ~ '.audience_syncs'
                ~ ' where channel = ' ~ sql_text(channel)
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
