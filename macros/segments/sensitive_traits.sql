{% macro sensitive_traits() -%}
    {#- Rows of a values list: segment, trait, whether the rule decides by it. -#}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- set segments = segment_definitions() -%}
        {%- set columns = graph.nodes['model.customer_segments.customers'].columns -%}
        {%- for segment in segments.values() -%}
            {%- set named = traits_in_rule(
                {'rule': segment.rule, 'parent': segment.text.get('parent')}, segments
            ) -%}
            {%- for column in columns.values()
                if column.config.meta.get('pii') and column.config.meta.get('trait') -%}
                {%- do rows.append('(' ~ [
                    sql_text(segment.name),
                    sql_text(column.name),
                    (column.name in named) | string | lower,
                ] | join(', ') ~ ')') -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rows | join(',\n    ') or "('', '', false)") }}
{%- endmacro %}
