{% macro audience_fault(given, known) -%}
    {#- The first thing wrong with an audience, as "key: what to do"; none when nothing is.
        customer_segments/exporting/specs.py says the same without dbt; a test compares them. -#}
    {%- set required = ['name', 'label', 'channel', 'message_class', 'campaign', 'segments'] -%}
    {%- set optional = ['third_party', 'required_consents', 'holdout', 'split', 'limit', 'cap',
        'cool_down', 'priority', 'send_window', 'guards', 'destination', 'mode', 'variables'] -%}
    {%- if given is not mapping -%}
        {{ return('write keys with values, such as name: win_back') }}
    {%- endif -%}
    {%- set spec = without_nulls(given) -%}
    {%- set fault = keys_fault('', spec, {'required': required, 'optional': optional}) -%}
    {%- if fault -%}{{ return(fault) }}{%- endif -%}

    {%- if spec.name is not string or not modules.re.fullmatch('[a-z][a-z0-9_]{0,62}', spec.name) -%}
        {{ return('name: lower case letters, digits and _, a letter first, at most 63') }}
    {%- elif spec.label is not mapping or spec.label.keys() | map('string') | sort != ['en', 'ko']
        or not is_word(spec.label.en) or not is_word(spec.label.ko) -%}
        {{ return('label: must be {en: …, ko: …}, both a text') }}
    {%- elif spec.message_class not in ('ad', 'info') -%}
        {{ return('message_class: is ad or info') }}
    {%- elif not is_word(spec.campaign) -%}
        {{ return('campaign: takes the id of a campaign, in quotes if it looks like a number') }}
    {%- elif spec.channel is not string
        or (known.channels and spec.channel not in known.channels) -%}
        {{ return('channel: unknown; ' ~ nearest_names(spec.channel | string, known.channels.keys() | list)) }}
    {%- endif -%}
    {%- set fault = segments_fault(spec.segments, known.segments)
        or settings_fault(spec)
        or people_fault(spec)
        or variables_fault(spec.get('variables', {}), known.sources)
        or channel_fault(spec, known) -%}
    {{ return(fault) }}
{%- endmacro %}
