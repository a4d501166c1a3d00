{% macro row_hash(table) -%}
    {%- set texts = ["''"] -%}
    {%- if execute and graph.sources is defined -%}
        {%- set source = graph.sources['source.customer_segments.raw.' ~ table] -%}
        {%- for name in source.columns
            if name not in ('loaded_at', 'source_file', 'source_row') -%}
            {%- do texts.append('coalesce(' ~ name ~ "::string, '∅')") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ sha256_hex(texts | join(" || '|' || ")) }}
{%- endmacro %}
