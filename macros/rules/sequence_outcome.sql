{% macro sequence_outcome(sequence) -%}
    {#- Whether the steps were taken and not undone, for each row of a customer (and
        product): spoiled is what must not follow the last of them. -#}
    {%- set last = sequence.column ~ '_' ~ sequence.steps | length -%}
    {%- if not sequence.then_not -%}{{ return(last ~ ' is not null') }}{%- endif -%}
    {{ return(
        last ~ ' is not null and coalesce(' ~ sequence.column ~ '_then <= ' ~ last ~ ', true)'
    ) }}
{%- endmacro %}
