{% macro completed_audience(given) -%}
    {#- A checked audience with its defaults and what follows from them. -#}
    {%- set spec = dict({
        'third_party': false, 'required_consents': [], 'cap': none, 'cool_down': none,
        'holdout': {'share': 0, 'salt': ''}, 'split': none, 'limit': none, 'priority': none,
        'send_window': ['09:00', '20:00'], 'destination': 'files', 'mode': 'mirror',
        'variables': {}, 'guards': {},
    }, **without_nulls(given)) -%}
    {%- set opens, closes = spec.send_window -%}
    {%- do spec.update({
        'segments': dict(
            {'any_of': [], 'all_of': [], 'none_of': []}, **without_nulls(spec.segments)
        ),
        'guards': dict({
            'min_rows': 0, 'max_rows': 10000000, 'max_removed_share': 0.5,
            'max_added_share': none, 'max_age_days': none,
        }, **without_nulls(spec.guards)),
        'touches_night': opens < '08:00' or closes > '21:00' or opens >= closes,
        'third_party': spec.third_party or spec.channel == 'ads'
            or 'third_party' in spec.required_consents,
    }) -%}
    {%- if spec.split -%}
        {%- set reached = namespace(share=0, bucket=0) -%}
        {%- set arms = [] -%}
        {%- for name, share in spec.split.arms.items() -%}
            {%- set reached.share = reached.share + share -%}
            {%- set next_bucket = (reached.share * 10000) | round | int -%}
            {%- do arms.append({
                'name': name, 'first_bucket': reached.bucket, 'next_bucket': next_bucket
            }) -%}
            {%- set reached.bucket = next_bucket -%}
        {%- endfor -%}
        {%- do spec.update({'split': {'salt': spec.split.salt, 'arms': arms}}) -%}
    {%- endif -%}
    {{ return(spec) }}
{%- endmacro %}
