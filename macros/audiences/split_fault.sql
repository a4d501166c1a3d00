{% macro split_fault(split, holdout) -%}
    {#- With the salt of a holdout the first arm would be those who are held out. -#}
    {%- set salts = ([holdout.salt] if holdout.share > 0 else [])
        + [var('global_holdout_salt')] -%}
    {%- if not is_word(split.salt) or split.salt in salts -%}
        {{ return('split: salt: takes a word that no holdout has') }}
    {%- elif split.arms is not mapping or split.arms | length < 2 -%}
        {{ return('split: arms: takes two or more, such as {a: 0.5, b: 0.5}') }}
    {%- endif -%}
    {%- for arm, share in split.arms.items() -%}
        {%- if arm is not string or not modules.re.fullmatch('[a-z][a-z0-9_]{0,62}', arm) -%}
            {{ return('split: arms: a name is lower case letters, digits and _, a letter first') }}
        {%- elif not is_between(share, 0.0001, 1) -%}
            {{ return('split: arms: ' ~ arm ~ ': takes a share from 0.0001 to 1') }}
        {%- endif -%}
    {%- endfor -%}
    {%- if not -0.000001 <= split.arms.values() | sum - 1 <= 0.000001 -%}
        {{ return('split: arms: the shares must add up to 1') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
