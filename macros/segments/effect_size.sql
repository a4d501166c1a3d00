{% macro effect_size(share, reference_share) -%}
    (2 * asin(sqrt({{ share }})) - 2 * asin(sqrt({{ reference_share }})))
{%- endmacro %}
