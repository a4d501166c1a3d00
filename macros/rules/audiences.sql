{% macro audience_definitions() -%}
    {#- Every audience, judged and complete; once an invocation. Asked of the database while
        compiling, so the seeds must be there before. -#}
    {%- do [
        ref('channels'), ref('destinations'), source('audience_rules', 'language')
    ] -%}
    {%- set segments = resolved_segments() | map(attribute='name') | list -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- if 'audiences' in graph -%}{{ return(graph.audiences) }}{%- endif -%}
    {%- set node = graph.nodes['model.customer_segments.audience_definitions'] -%}
    {%- set language = dict(
        graph.sources['source.customer_segments.audience_rules.language'].config.meta,
        rows={'channels': seed_rows('channels'), 'destinations': seed_rows('destinations')},
        segments=segments,
        sources=message_sources(),
        faults=[],
    ) -%}
    {%- do graph.update(audience_language=language) -%}
    {%- set file = (node.patch_path or node.original_file_path).split('://') | last -%}
    {%- set given = node.config.meta.get('audiences', []) -%}
    {%- set audiences = [] -%}
    {%- if given is string or given is mapping or given is not iterable -%}
        {%- do refused(language, {'file': file, 'of': 'audiences', 'path': ''}, 'list') -%}
        {%- set given = [] -%}
    {%- endif -%}
    {%- for one in given -%}
        {%- set name = (one.get('name') if one is mapping else none) or '(unnamed)' -%}
        {%- set at = {'file': file, 'of': 'audience ' ~ name, 'path': ''} -%}
        {%- set known = language.faults | length -%}
        {%- set audience = judged(one, {'shape': 'mapping', 'keys': language['keys']},
            at, language) -%}
        {%- if language.faults | length == known -%}
            {%- if name in audiences | map(attribute='name') -%}
                {%- do refused(language, below(at, 'name'), 'name_taken') -%}
            {%- endif -%}
            {%- do judge_together(audience, at, language) -%}
            {%- do audiences.append(completed_audience(audience)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do refuse_faults(language) -%}
    {%- do graph.update(audiences=audiences) -%}
    {{ return(audiences) }}
{%- endmacro %}


{% macro judged(given, wanted, at, language) -%}
    {#- A part of an audience with its defaults; what is wrong with it is noted. A key
        without a value is a key that was not written. -#}
    {%- set shape = wanted.shape -%}
    {%- if shape == 'mapping' -%}
        {{ return(judged_mapping(given, wanted['keys'], at, language)) }}
    {%- elif shape in ('words', 'segments', 'choices') -%}
        {%- if given is string or given is mapping or given is not iterable -%}
            {%- do refused(language, at, 'a_list') -%}
        {%- else -%}
            {%- set one_of = dict(wanted, shape={
                'words': 'word', 'segments': 'segment', 'choices': 'choice'
            }[shape]) -%}
            {%- for one in given -%}
                {%- do judged(one, one_of, below(at, loop.index0), language) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- elif shape == 'name' and (given is not string
        or not modules.re.fullmatch(language.patterns.name, given)) -%}
        {%- do refused(language, at, 'name') -%}
    {%- elif shape in ('word', 'segment', 'row') and (given is not string or not given | trim) -%}
        {%- do refused(language, at, 'word') -%}
    {%- elif shape == 'text' and given is not string -%}
        {%- do refused(language, at, 'text') -%}
    {%- elif shape == 'truth' and given is not boolean -%}
        {%- do refused(language, at, 'truth') -%}
    {%- elif shape == 'choice' and given not in wanted['values'] -%}
        {%- do refused(language, at, 'choice',
            {'value': given | string, 'known': wanted['values'] | join(', ')}) -%}
    {%- elif shape in ('whole', 'number') and (given is boolean
        or not (given is integer or (given is float and shape == 'number'))
        or not wanted.from <= given <= wanted.to) -%}
        {%- do refused(language, at, shape, {'from': wanted.from, 'to': wanted.to}) -%}
    {%- elif shape == 'segment' and given not in language.segments -%}
        {%- do refused(language, at, 'unknown', {
            'what': {'en': 'segment', 'ko': '세그먼트'},
            'name': given,
            'near': nearest_names(given, language.segments),
        }) -%}
    {%- elif shape == 'row' and language.rows[wanted.of] and given not in language.rows[wanted.of] -%}
        {#- A seed that is not in the database yet has no rows. -#}
        {%- do refused(language, at, 'unknown', {
            'what': {
                'en': wanted.of.removesuffix('s'),
                'ko': {'channels': '채널', 'destinations': '보낼 곳'}[wanted.of],
            },
            'name': given,
            'near': nearest_names(given, language.rows[wanted.of].keys() | list),
        }) -%}
    {%- elif shape == 'clocks' -%}
        {%- do judge_clocks(given, at, language) -%}
    {%- elif shape == 'arms' -%}
        {%- do judge_arms(given, at, language) -%}
    {%- elif shape == 'variables' -%}
        {%- do judge_variables(given, at, language) -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}


{% macro judged_mapping(given, keys, at, language) -%}
    {%- if given is not mapping -%}
        {%- do refused(language, at, 'mapping', {'known': keys | join(', ')}) -%}
        {{ return({}) }}
    {%- endif -%}
    {%- for key in given if key not in keys -%}
        {%- do refused(language, at, 'unknown_key',
            {'key': key, 'near': nearest_names(key | string, keys.keys() | list)}) -%}
    {%- endfor -%}
    {%- set whole = {} -%}
    {%- for key, wanted in keys.items() -%}
        {%- set value = given.get(key) -%}
        {%- if value is none and 'default' not in wanted -%}
            {%- do refused(language, below(at, key), 'missing') -%}
        {%- elif value is none and (wanted.default is none or wanted.shape != 'mapping') -%}
            {%- do whole.update({key: wanted.default}) -%}
        {%- else -%}
            {%- do whole.update({key: judged(
                wanted.default if value is none else value, wanted, below(at, key), language
            )}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(whole) }}
{%- endmacro %}


{% macro judge_clocks(given, at, language) -%}
    {%- set is_right = given is not string and given is not mapping and given is iterable
        and given | length == 2 and not given | reject('string') | list -%}
    {%- if not is_right or not modules.re.fullmatch(language.patterns.clock, given[0])
        or not modules.re.fullmatch(language.patterns.clock, given[1]) -%}
        {%- do refused(language, at, 'clocks', {'shape': '["09:00", "20:00"]'}) -%}
    {%- endif -%}
{%- endmacro %}


{% macro judge_arms(given, at, language) -%}
    {%- if given is not mapping or given | length < 2 -%}
        {%- do refused(language, at, 'arms', {'shape': '{a: 0.5, b: 0.5}'}) -%}
    {%- else -%}
        {%- set known = language.faults | length -%}
        {%- for arm, share in given.items() -%}
            {%- do judged(arm, {'shape': 'name'}, below(at, arm | string), language) -%}
            {%- do judged(share, {'shape': 'number', 'from': 0.0001, 'to': 1},
                below(at, arm | string), language) -%}
        {%- endfor -%}
        {%- if language.faults | length == known
            and not -0.000001 <= given.values() | sum - 1 <= 0.000001 -%}
            {%- do refused(language, at, 'arms_sum') -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro judge_variables(given, at, language) -%}
    {%- if given is not mapping -%}
        {%- do refused(language, at, 'mapping', {'known': 'name: name'}) -%}
    {%- else -%}
        {%- for name, source in given.items() -%}
            {%- if name is not string
                or not modules.re.fullmatch(language.patterns.variable, name) -%}
                {%- do refused(language, at, 'variable', {'name': name | string}) -%}
            {%- elif source is not string or source not in language.sources -%}
                {%- do refused(language, below(at, name), 'source', {
                    'near': nearest_names(source | string, language.sources.keys() | list),
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{% macro judge_together(audience, at, language) -%}
    {#- What fits alone and not together: with each other, the channel, the destination. -#}
    {%- set holdout, split = audience.holdout, audience.split -%}
    {%- if not audience.segments.any_of and not audience.segments.all_of -%}
        {%- do refused(language, below(at, 'segments'), 'nobody') -%}
    {%- endif -%}
    {%- if holdout.share > 0 and not holdout.salt | trim -%}
        {%- do refused(language, below(at, 'holdout.salt'), 'salt') -%}
    {%- endif -%}
    {#- With the salt of a holdout the first arm would be those who are held out. -#}
    {%- if split and split.salt in
        ([holdout.salt] if holdout.share > 0 else []) + [var('global_holdout_salt')] -%}
        {%- do refused(language, below(at, 'split.salt'), 'salt_taken') -%}
    {%- endif -%}
    {%- if audience.guards.min_rows > audience.guards.max_rows -%}
        {%- do refused(language, below(at, 'guards'), 'rows') -%}
    {%- endif -%}
    {%- if audience.message_class == 'info' -%}
        {%- set facts = graph.nodes['model.customer_segments.int_message_facts'].columns -%}
        {%- for name, source in audience.variables.items() if source in facts
            and facts[source].config.meta.offer -%}
            {%- do refused(language, below(at, 'variables.' ~ name), 'offer', {'name': source}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set channel = language.rows.channels.get(audience.channel) -%}
    {%- set destination = language.rows.destinations.get(audience.destination) -%}
    {%- if channel and destination -%}
        {%- if destination.identifier_form == 'local_phone'
            and channel.identifier_kind != 'phone' -%}
            {%- do refused(language, below(at, 'destination'), 'no_phone',
                {'name': audience.destination, 'channel': audience.channel}) -%}
        {%- endif -%}
        {%- set opens, closes = audience.send_window -%}
        {%- set earliest = channel.get('ad_from', '00:00') -%}
        {%- set latest = channel.get('ad_until', '24:00') -%}
        {%- if audience.message_class != 'ad' -%}
        {%- elif channel.allows_ad | string | lower != 'true' -%}
            {%- do refused(language, below(at, 'message_class'), 'no_ad',
                {'channel': audience.channel}) -%}
        {%- elif not (earliest == '00:00' and latest == '24:00')
            and not earliest <= opens < closes <= latest -%}
            {%- do refused(language, below(at, 'send_window'), 'ad_hours',
                {'channel': audience.channel, 'from': earliest, 'to': latest}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro completed_audience(audience) -%}
    {#- What follows from what is said: whether it touches the night or a third party, as
        far as its destination does not say, and the buckets of its arms. -#}
    {%- set opens, closes = audience.send_window -%}
    {%- do audience.update({
        'touches_night': opens < '08:00' or closes > '21:00' or opens >= closes,
        'third_party': audience.third_party or audience.channel == 'ads'
            or 'third_party' in audience.required_consents,
    }) -%}
    {%- if audience.split -%}
        {%- set reached = namespace(share=0, bucket=0) -%}
        {%- set arms = [] -%}
        {%- for name, share in audience.split.arms.items() -%}
            {%- set reached.share = reached.share + share -%}
            {%- set next_bucket = (reached.share * 10000) | round | int -%}
            {%- do arms.append({
                'name': name, 'first_bucket': reached.bucket, 'next_bucket': next_bucket
            }) -%}
            {%- set reached.bucket = next_bucket -%}
        {%- endfor -%}
        {%- do audience.update({'split': {'salt': audience.split.salt, 'arms': arms}}) -%}
    {%- endif -%}
    {{ return(audience) }}
{%- endmacro %}
