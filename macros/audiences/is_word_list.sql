{% macro is_word_list(value) -%}
    {%- if value is string or value is mapping or value is not sequence -%}
        {{ return(false) }}
    {%- endif -%}
    {%- for one in value if not is_word(one) -%}{{ return(false) }}{%- endfor -%}
    {{ return(true) }}
{%- endmacro %}
