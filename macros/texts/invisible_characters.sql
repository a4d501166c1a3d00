{% macro invisible_characters() -%}
    {{ return(
        '\\x{0009}-\\x{000D}\\x{001C}-\\x{0020}\\x{0085}\\x{00A0}\\x{00AD}\\x{1680}'
        ~ '\\x{180E}\\x{2000}-\\x{200F}\\x{2028}-\\x{202F}\\x{205F}-\\x{206F}\\x{3000}'
        ~ '\\x{FEFF}'
    ) }}
{%- endmacro %}
