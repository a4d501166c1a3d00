{% test allowed_rfm_profiles(model, names) %}

with

profiles as (

    select * from {{ model }}

),

-- the highest score that a map names is the number of bins it is made for
naming_maps as (

    select
        naming_map,
        max(recency_to) as bins
    from {{ names }}
    group by naming_map

),

defaults as (

    select sum(case when is_default then 1 else 0 end) as default_count
    from profiles

),

compared as (

    select
        profiles.profile,
        profiles.is_default,
        profiles.is_enabled,
        profiles.recency_of,
        profiles.frequency_of,
        profiles.monetary_of,
        profiles.window_days,
        profiles.bins,
        profiles.naming_map,
        profiles.thresholds,
        profiles.frozen_on,
        naming_maps.bins as map_bins,
        defaults.default_count
    from profiles
    cross join defaults
    left join naming_maps
        on profiles.naming_map = naming_maps.naming_map

),

judged as (

    select
        profile,
        case
            when not coalesce({{ matches('profile', '^[a-z][a-z0-9_]*$') }}, false)
                then
                    'profile is "' || coalesce(profile, '')
                    || '"; write a name of lower case letters, digits and _'
            when is_default is null or is_enabled is null
                then 'is_default and is_enabled are true or false, never empty'
            when coalesce(recency_of, '') not in ('purchase', 'visit')
                then
                    'recency_of is "' || coalesce(recency_of, '')
                    || '"; allowed are purchase, visit'
            when coalesce(frequency_of, '') not in ('count', 'cadence')
                then
                    'frequency_of is "' || coalesce(frequency_of, '')
                    || '"; allowed are count, cadence'
            when coalesce(monetary_of, '') not in ('sum', 'average')
                then
                    'monetary_of is "' || coalesce(monetary_of, '')
                    || '"; allowed are sum, average'
            when window_days < 1
                then
                    'window_days is ' || window_days::string
                    || '; write a whole number of days above 0, or nothing for all time'
            when coalesce(bins, 0) not between 2 and 5
                then
                    'bins is ' || coalesce(bins::string, 'empty')
                    || '; allowed are 2, 3, 4 and 5'
            when map_bins is null
                then
                    'naming_map is "' || coalesce(naming_map, '')
                    || '"; it is not in the seed rfm_names, which says what is allowed'
            when bins <> map_bins
                then
                    'bins is ' || bins::string || ', but naming_map ' || naming_map
                    || ' names scores of ' || map_bins::string
                    || ' bins; change one of the two'
            when coalesce(thresholds, '') not in ('relative', 'frozen')
                then
                    'thresholds is "' || coalesce(thresholds, '')
                    || '"; allowed are relative, frozen'
            when thresholds = 'frozen' and frozen_on is null
                then
                    'thresholds are frozen and frozen_on is empty; write the day as '
                    || 'YYYY-MM-DD'
            when thresholds = 'relative' and frozen_on is not null
                then
                    'thresholds are relative and frozen_on is ' || frozen_on::string
                    || '; leave it empty, or write frozen'
            when is_default and not is_enabled
                then 'it is the default and not enabled; set is_enabled to true'
            when default_count <> 1
                then
                    'is_default is true for ' || default_count::string
                    || ' profiles; it must be for exactly one'
        end as problem
    from compared

),

told as (

    select
        'Seed rfm_profiles, profile ' || coalesce(profile, '') || ': ' || problem || '.'
            as message
    from judged
    where problem is not null

)

-- dbt counts the rows of a test and shows none, so the message is the error itself
select message
from told
where {{ stop('message') }} is null

{% endtest %}
