{% macro row_key(table) -%}
    {%- set texts = [] -%}
    {%- if execute and graph.sources is defined -%}
        {%- set source = graph.sources['source.customer_segments.raw.' ~ table] -%}
        {%- for name in source.config.meta.key -%}
            {%- if source.columns[name].config.meta.get('pii') == 'direct' -%}
                {%- do texts.append("'…'") -%}
            {%- else -%}
                {%- do texts.append('coalesce(' ~ name ~ "::string, '')") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(texts | join(" || '|' || ")) }}
{%- endmacro %}
