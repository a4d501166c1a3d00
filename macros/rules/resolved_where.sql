{% macro resolved_where(where, event_name, at, language) -%}
    {#- Which actions of that name count: a condition on int_customer_actions. -#}
    {%- if where is not mapping or not where -%}
        {%- do rule_error(at, 'where takes properties, such as {category: beauty}') -%}
    {%- endif -%}
    {%- set columns = ['product_id', 'category', 'sales_channel', 'coupon_code']
        if event_name == 'purchase'
        else ['product_id', 'category', 'search_term', 'page', 'device', 'os', 'browser',
            'campaign_id'] -%}
    {%- set parts = [] -%}
    {%- set words = {'en': [], 'ko': []} -%}
    {%- set korean = {
        'product_id': '상품', 'category': '카테고리', 'search_term': '검색어', 'page': '페이지',
        'device': '기기', 'os': '운영체제', 'browser': '브라우저', 'campaign_id': '캠페인',
        'sales_channel': '판매 채널', 'coupon_code': '쿠폰', 'rating': '별점',
    } -%}
    {%- for key, wanted in where.items() -%}
        {%- if key | string | lower in language.protected -%}
            {%- do rule_error(at, key ~ ' is a protected attribute: it decides nothing. '
                ~ 'Take the condition out') -%}
        {%- endif -%}
        {%- if key not in columns and (event_name == 'purchase' or key is not string
            or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]{0,62}', key)) -%}
            {%- do rule_error(at, 'where: unknown property ' ~ key ~ '; '
                ~ nearest_names(key | string, columns)) -%}
        {%- endif -%}
        {%- set many = wanted is not string and wanted is not mapping and wanted is iterable -%}
        {%- if many and not wanted -%}
            {%- do rule_error(at, 'where: ' ~ key ~ ' is an empty list') -%}
        {%- endif -%}
        {%- set any_of = [] -%}
        {%- for value in (wanted if many else [wanted]) -%}
            {%- set text = 'actions.' ~ key if key in columns
                else json_text('actions.properties', key) -%}
            {%- if value is string -%}
                {%- do any_of.append(text ~ ' = ' ~ sql_text(value)) -%}
            {%- elif key in columns -%}
                {%- do rule_error(at, 'where: ' ~ key ~ ': ' ~ value
                    ~ ' is no text (put it in quotes)') -%}
            {%- elif value is boolean -%}
                {%- do any_of.append(text ~ " = '" ~ ('true' if value else 'false') ~ "'") -%}
            {%- elif sql_literal(value, 'double') is not none -%}
                {%- do any_of.append(says_number(text, value)) -%}
            {%- else -%}
                {%- do rule_error(at, 'where: ' ~ key ~ ': ' ~ value
                    ~ ' is no text, number or true or false') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do parts.append('(' ~ any_of | join(' or ') ~ ')') -%}
        {%- do words.en.append(key ~ ' ' ~ ((wanted | join(' / ')) if many else wanted)) -%}
        {%- set told = [] -%}
        {%- for value in (wanted if many else [wanted]) -%}
            {%- do told.append(
                '‘' ~ value ~ '’' if value is string
                else {true: '예', false: '아니요'}[value] if value is boolean
                else value ~ ('점' if key == 'rating' else '')
            ) -%}
        {%- endfor -%}
        {%- do words.ko.append(korean.get(key, key) ~ ' ' ~ told | join('·')) -%}
    {%- endfor -%}
    {{ return({'sql': parts | join(' and '), 'words': {
        'en': ' (' ~ words.en | join(', ') ~ ')', 'ko': words.ko | join(', ') ~ ' ',
    }}) }}
{%- endmacro %}
