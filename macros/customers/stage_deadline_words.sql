{% macro stage_deadline_words(threshold, language) -%}
    {%- set supposed = uncalibrated_stage(threshold) -%}
    {%- set texts = {
        'en': {
            'days': ' days',
            'gaps': " × this customer's usual gap",
            'at_least': ', at least ',
            'supposed': 'supposed, as too few came back to learn from: ',
            'never': 'never: who stayed away so long still comes back',
        },
        'ko': {
            'days': '일',
            'gaps': '배(이 고객의 평소 구매 간격 대비)',
            'at_least': ', 최소 ',
            'supposed': '재구매가 적어 아직 배우지 못한 기본값: ',
            'never': '없음: 오래 지나도 다시 구매함',
        },
    }[language] -%}
    case
        {%- for buyer_class, told in supposed.items()
            if told is mapping %}
        when not is_calibrated and buyer_class = '{{ buyer_class }}'
            then {{ sql_text(
                texts.supposed ~ told.gaps ~ texts.gaps
                ~ (texts.at_least ~ told.from_day ~ texts.days if told.from_day else '')
            ) }}
        {%- endfor %}
        when {{ threshold }}_days is null
            then {{ sql_text(texts.never) }}
        when buyer_class = 'one_time'
            then greatest(
                {{ threshold }}_days, {{ supposed.soonest }},
                {{ threshold }}_lateness::int + 1
            )::string || {{ sql_text(texts.days) }}
        else
            {{ replace_all(threshold ~ '_lateness::string', '\\.?0+$', '') }}
            || {{ sql_text(texts.gaps ~ texts.at_least) }}
            || greatest({{ threshold }}_days, {{ supposed.soonest }})::string
            || {{ sql_text(texts.days) }}
    end
{%- endmacro %}
