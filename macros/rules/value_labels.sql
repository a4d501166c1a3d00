{% macro value_labels() -%}
    {#- Trait to value to label, from the seed; empty while that is not in the database. -#}
    {%- set labels = {} -%}
    {%- set relation = load_relation(ref('labels')) -%}
    {%- if relation -%}
        {%- for row in run_query(
            'select vocabulary, value, label_en, label_ko from ' ~ relation
        ).rows -%}
            {%- do labels.setdefault(row[0], {}).update({
                row[1]: {'en': row[2], 'ko': row[3]}
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(labels) }}
{%- endmacro %}
