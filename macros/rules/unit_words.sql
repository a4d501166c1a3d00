{% macro unit_words(unit) -%}
    {#- What follows a number; nothing where the label already says it. -#}
    {%- set korean = {
        'days': '일', 'hours': '시간', 'minutes': '분', 'years': '세', 'clock_hour': '시',
        'times': '회', 'orders': '회', 'searches': '회', 'views': '회', 'actions': '회',
        'products': '개', 'carts': '회', 'fields': '개', 'coupons': '장', 'devices': '종',
        'messages': '건', 'tickets': '건', 'score': '점',
    } -%}
    {%- if unit == 'share' -%}
        {{ return({'en': ' %', 'ko': '%'}) }}
    {%- elif unit == 'money' -%}
        {%- set currency = var('reporting_currency') -%}
        {{ return({
            'en': ' ' ~ currency, 'ko': '원' if currency == 'KRW' else ' ' ~ currency
        }) }}
    {%- endif -%}
    {{ return({'en': ' times' if unit == 'times' else '', 'ko': korean.get(unit, '')}) }}
{%- endmacro %}
