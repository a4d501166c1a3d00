{% macro rule_facts(segments) -%}
    {#- What the rules ask beside the profile: each fact once, by kind. -#}
    {%- set found = {} -%}
    {%- for segment in segments -%}
        {%- for condition in rule_conditions(segment.rule) -%}
            {%- for fact in condition.facts -%}
                {%- do found.update({fact.column: fact}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set facts = {
        'days': [], 'last': [], 'actions': [], 'sequence': [], 'rank': [], 'held': [], 'since': [],
        'cohort': [],
    } -%}
    {%- for column, fact in found.items() | sort -%}
        {%- do facts[fact.kind].append(fact) -%}
    {%- endfor -%}
    {{ return(facts) }}
{%- endmacro %}
