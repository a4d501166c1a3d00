{% macro refuse_malformed() -%}
    {#- The last step of each model and seed, before it is committed: a table with two rows
        of one key, nothing where a value is required or a word that its vocabulary lacks
        stops the build, and on DuckDB the table of the day before stays. -#}
    {%- if execute and not model.config.meta.checked_by
        and not (var('backfill') and model.config.materialized != 'incremental') -%}
        {%- set checks = form_checks(this, model) -%}
        {%- if checks -%}
            {%- do run_query(checks) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
