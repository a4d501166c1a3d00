{% macro channel_fault(spec, known) -%}
    {#- What does not fit the channel or the destination; both are seeds, which may not be
        in the database yet. -#}
    {%- set destination = spec.get('destination', 'files') -%}
    {%- if destination is not string
        or (known.destinations and destination not in known.destinations) -%}
        {{ return('destination: unknown; '
            ~ nearest_names(destination | string, known.destinations.keys() | list)) }}
    {%- endif -%}
    {%- if not known.channels or not known.destinations -%}{{ return(none) }}{%- endif -%}
    {%- set channel = known.channels[spec.channel] -%}
    {%- if known.destinations[destination].identifier_form == 'local_phone'
        and channel.identifier_kind != 'phone' -%}
        {{ return('destination: ' ~ destination ~ ' takes phone numbers; channel '
            ~ spec.channel ~ ' has none') }}
    {%- elif spec.message_class == 'ad' and channel.allows_ad | string | lower != 'true' -%}
        {{ return('message_class: ' ~ spec.channel ~ ' carries information only; advertising '
            ~ 'on Kakao goes by brand_message') }}
    {%- endif -%}
    {%- set opens, closes = spec.get('send_window', ['09:00', '20:00']) -%}
    {%- set earliest = channel.get('ad_from', '00:00') -%}
    {%- set latest = channel.get('ad_until', '24:00') -%}
    {%- if spec.message_class == 'ad' and not (earliest == '00:00' and latest == '24:00')
        and not earliest <= opens < closes <= latest -%}
        {{ return('send_window: advertising by ' ~ spec.channel ~ ' goes out from ' ~ earliest
            ~ ' until ' ~ latest) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
