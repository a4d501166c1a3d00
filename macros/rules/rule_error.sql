{% macro rule_error(at, problem) -%}
    {{ exceptions.raise_compiler_error(
        at.file ~ ': segment ' ~ at.segment ~ ': ' ~ (at.path or 'rule') ~ ': ' ~ problem
    ) }}
{%- endmacro %}
