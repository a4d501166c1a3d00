{% macro resolved_trait(condition, at, language) -%}
    {%- set name = condition.trait -%}
    {%- set trait = known_trait(name, at, language) -%}
    {%- set resolved = resolved_test(condition, ['trait'], {
        'sql': 'customers.' ~ name,
        'type': trait.type,
        'data_type': trait.data_type,
        'values': trait['values'],
        'labels': language.labels.get(name, {}),
        'words': trait.label,
        'unit': trait.unit,
        'phrases': trait.phrases,
    }, at) -%}
    {%- do resolved.update({
        'subject': 'trait ' ~ name,
        'trait': name,
        'observed': 'customers.' ~ name,
        'per_day': trait.per_day,
        'reason': safe_reason(trait.reason, resolved.test, resolved.value),
        'is_explicit': trait.explicit,
        'facts': [],
    }) -%}
    {{ return(resolved) }}
{%- endmacro %}
