{% macro hash_bucket(text) -%}
    {%- set digest = sha256_hex(text) -%}
    (
        (
            {%- for place in range(1, 9) %}
            {{ '+ ' if not loop.first -}}
            (instr('0123456789abcdef', substr({{ digest }}, {{ place }}, 1)) - 1)
            * {{ 16 ** (8 - place) % 10000 }}
            {%- endfor %}
        ) % 10000
    )
{%- endmacro %}
