{% macro masked(value) -%}
    {#- The ranges of the script Hangul, whose name is not the same to both engines. -#}
    {%- set hangul = '[\\x{1100}-\\x{11FF}\\x{302E}\\x{302F}\\x{3131}-\\x{318E}'
        ~ '\\x{3200}-\\x{321E}\\x{3260}-\\x{327E}\\x{A960}-\\x{A97C}'
        ~ '\\x{AC00}-\\x{D7A3}\\x{D7B0}-\\x{D7C6}\\x{D7CB}-\\x{D7FB}'
        ~ '\\x{FFA0}-\\x{FFBE}\\x{FFC2}-\\x{FFC7}\\x{FFCA}-\\x{FFCF}'
        ~ '\\x{FFD2}-\\x{FFD7}\\x{FFDA}-\\x{FFDC}]' -%}
    left(
        {{ replace_all(
            replace_all(
                replace_all(
                    replace_all(value ~ '::string', '\\p{N}', '9'),
                    hangul, '\uE000'
                ), '[\\p{L}\\p{M}]', 'a'
            ), '\uE000', '가'
        ) }},
        40
    )
{%- endmacro %}
