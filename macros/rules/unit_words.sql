{% macro unit_words(unit) -%}
    {#- What follows a number; nothing where the label already says it. -#}
    {{ return({
        'days': {'en': '', 'ko': '일'},
        'hours': {'en': '', 'ko': '시간'},
        'minutes': {'en': '', 'ko': '분'},
        'money': {
            'en': ' ' ~ var('reporting_currency'),
            'ko': '원' if var('reporting_currency') == 'KRW'
                else ' ' ~ var('reporting_currency'),
        },
        'share': {'en': ' %', 'ko': '%'},
        'score': {'en': '', 'ko': '점'},
        'years': {'en': '', 'ko': '세'},
        'times': {'en': ' times', 'ko': '회'},
        'orders': {'en': '', 'ko': '회'},
        'visits': {'en': '', 'ko': '회'},
        'searches': {'en': '', 'ko': '회'},
        'products': {'en': '', 'ko': '개'},
        'fields': {'en': '', 'ko': '개'},
        'devices': {'en': '', 'ko': '대'},
        'coupons': {'en': '', 'ko': '장'},
        'messages': {'en': '', 'ko': '건'},
        'tickets': {'en': '', 'ko': '건'},
        'actions': {'en': '', 'ko': '회'},
    }.get(unit, {'en': '', 'ko': ''})) }}
{%- endmacro %}
