{% macro quoted_text(text) -%}
    {#- Characters that print nothing go, but for tabs and line ends: no message has them. -#}
    {%- set printed = replace_all(text, '[\\x{0000}-\\x{0008}\\x{000B}\\x{000C}\\x{000E}-\\x{001F}\\x{007F}]', '') -%}
    {%- set escaped = namespace(sql=printed) -%}
    {%- for character, escape in [
        (sql_text('\\'), '\\\\'), (sql_text('"'), '\\"'), ('chr(9)', '\\t'),
        ('chr(10)', '\\n'), ('chr(13)', '\\r'),
    ] -%}
        {%- set escaped.sql = 'replace(' ~ escaped.sql ~ ', ' ~ character ~ ', '
            ~ sql_text(escape) ~ ')' -%}
    {%- endfor -%}
    coalesce('"' || {{ escaped.sql }} || '"', 'null')
{%- endmacro %}
