{% macro withdraw_build() -%}
    {#- Before anything is changed, so that whoever is killed later leaves no whole build.
        A run of the same day leaves tables of one day, whatever becomes of it, and one of
        past days leaves none. -#}
    {%- if changes_tables() and not var('backfill') -%}
        {%- set before = recorded_build() -%}
        {%- set today = as_of_day().isoformat() -%}
        {%- set tables_of = (before.tables_of | string) if before else 'None' -%}
        {%- do record_build(
            'unfinished',
            'dbt ' ~ flags.WHICH ~ ' as of ' ~ today ~ ' began and did not end'
            ~ ('' if tables_of in ('None', today)
                else '; its tables may stand beside those of ' ~ tables_of),
            today if tables_of == today else none
        ) -%}
    {%- endif -%}
{%- endmacro %}
