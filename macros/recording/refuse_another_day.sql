{% macro refuse_another_day() -%}
    {#- What is recorded stays: not of a day that the tables behind it do not describe. -#}
    {%- if execute and not var('backfill') -%}
        {%- set today = as_of_day().isoformat() -%}
        {%- set others = [] -%}
        {%- for name in ancestors(model.unique_id, [])
            if name.startswith('model.') and name not in selected_resources -%}
            {%- do others.append(name.split('.') | last) -%}
        {%- endfor -%}
        {%- set tables_of = recorded_build().tables_of | string -%}
        {%- if others and tables_of != today -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ' records what holds as of ' ~ today ~ ', and '
                ~ (others | length) ~ ' tables behind it (' ~ others[:3] | join(', ')
                ~ ', …) are not built by this command and were not built for that day. '
                ~ 'Nothing was recorded. Run: AS_OF_DATE=' ~ today ~ ' dbt build'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
