{% macro prepare_shown_audiences() -%}
    {#- The views for other tools read a copy that only a whole build renews. This makes
        an empty one at first, and later adds columns that a new version knows. -#}
    {%- if execute -%}
        {%- set shown = known_relation(target.schema, 'shown_audience_syncs') -%}
        {%- if not shown -%}
            {%- do replace_table(
                shown_audiences(), 'select * from ' ~ this ~ ' where false'
            ) -%}
        {%- else -%}
            {%- set missing = adapter.get_missing_columns(this, shown) -%}
            {%- if missing -%}
                {%- do alter_relation_add_remove_columns(shown, missing, none) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
