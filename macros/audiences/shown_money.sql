{% macro shown_money(amount) -%}
    {#- Digits from behind, three by three; the last comma has nothing before it. -#}
    {%- set text = '(' ~ amount ~ ')::decimal(18, 2)::string' -%}
    {%- set whole = 'split_part(' ~ text ~ ", '.', 1)" -%}
    {%- set grouped = 'reverse(' ~ replace_all('reverse(' ~ whole ~ ')', '([0-9]{3})', '\\1,')
        ~ ')' -%}
    {{ return(
        replace_all(grouped, '^(-?),', '\\1') ~ ' || '
        ~ replace_all("'.' || split_part(" ~ text ~ ", '.', 2)", '^[.]00$', '')
    ) }}
{%- endmacro %}
