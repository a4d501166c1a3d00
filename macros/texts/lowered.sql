{% macro lowered(text) -%}
    {#- Java lowers these two by what stands around them; all others letter by letter. -#}
    {{ return('lower(translate(' ~ text ~ ", 'İΣ', 'iσ'))") }}
{%- endmacro %}
