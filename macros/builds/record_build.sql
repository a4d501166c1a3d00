{% macro record_build(state, reason, tables_of) -%}
    {%- do replace_table(
        build_record(),
        'select ' ~ sql_text(state) ~ '::string as state, '
        ~ sql_text(reason) ~ '::string as reason, '
        ~ as_of_date() ~ ' as as_of_date, '
        ~ ("date '" ~ tables_of ~ "'" if tables_of else 'null::date') ~ ' as tables_of, '
        ~ sql_text(invocation_id) ~ '::string as invocation_id'
    ) -%}
{%- endmacro %}
