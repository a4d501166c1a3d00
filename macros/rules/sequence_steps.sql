{% macro sequence_steps(sequences, step) -%}
    {#- One step of every sequence that has so many: when it was first taken after the one
        before, and the last step when last; with the first, what must not follow. -#}
    {%- set columns = [] -%}
    {%- for sequence in sequences if step <= sequence.steps | length -%}
        {%- set grain = 'customer_id, product_id' if sequence.same else 'customer_id' -%}
        {%- set parts = ['event_name = ' ~ sql_text(sequence.steps[step - 1])] -%}
        {%- if step == 1 and sequence.same -%}
            {%- do parts.append('product_id is not null') -%}
        {%- endif -%}
        {%- if step == 1 and sequence.days -%}
            {%- do parts.append(window_condition([0, sequence.days - 1], 'occurred_on')) -%}
        {%- elif step > 1 -%}
            {%- do parts.append('occurred_at > ' ~ sequence.column ~ '_' ~ (step - 1)) -%}
        {%- endif -%}
        {%- do columns.append(
            ('max' if step == sequence.steps | length else 'min')
            ~ '(case when ' ~ parts | join(' and ') ~ ' then occurred_at end) over (partition by '
            ~ grain ~ ') as ' ~ sequence.column ~ '_' ~ step
        ) -%}
        {%- if step == 1 and sequence.then_not -%}
            {%- do columns.append(
                'max(case when event_name = ' ~ sql_text(sequence.then_not)
                ~ ' then occurred_at end) over (partition by ' ~ grain ~ ') as '
                ~ sequence.column ~ '_then'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
