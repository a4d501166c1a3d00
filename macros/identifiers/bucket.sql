{% macro bucket(salt, customer_id) -%}
    (
        {{ hex_to_int(
            'left(' ~ sha256_hex(sql_text(salt ~ '|') ~ ' || ' ~ customer_id) ~ ', 8)'
        ) }} % 10000
    )
{%- endmacro %}
