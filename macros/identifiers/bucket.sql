{% macro bucket(salt, customer_id) -%}
    {{ return(hash_bucket(sql_text(salt ~ '|') ~ ' || ' ~ customer_id)) }}
{%- endmacro %}
