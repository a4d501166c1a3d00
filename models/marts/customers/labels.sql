{%- set traits = (trait_registry() if execute else {}).items()
    | selectattr('1.labels') | rejectattr('1.labels_of') | list %}

-- depends_on: {{ ref('customers') }}

with

listed (vocabulary, value, label_en, label_ko) as (

    values
    {%- for name, trait in traits %}
    {%- set is_last_trait = loop.last %}
    {%- for value, label in trait.labels.items() %}
    {{ sql_list([name, value, label.en, label.ko]) }}
    {{- ',' if not (is_last_trait and loop.last) }}
    {%- endfor %}
    {%- endfor %}

)

select * from listed
