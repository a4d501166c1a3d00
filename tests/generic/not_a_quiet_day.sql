{% test not_a_quiet_day(model, happened_on) %}

{%- set raw_table = model.identifier.removeprefix('stg_') -%}

with

day_counts as (

    select
        {{ happened_on }} as day,
        count(*) as row_count
    from {{ model }}
    where row_state = 'kept'
    group by {{ happened_on }}

),

-- nothing at all means that the table is not there, or not yet
as_of_days as (

    select
        {{ as_of_date() }} as day,
        min(day) as first_day,
        max(case when day < {{ as_of_date() }} then day end) as latest_day_before,
        sum(case when day = {{ as_of_date() }} then row_count else 0 end)
            as row_count,
        sum(
            case
                when day between {{ as_of_date() }} - 6 and {{ as_of_date() }} - 1
                    then row_count
                else 0
            end
        ) as row_count_before
    from day_counts
    having count(*) > 0

),

weeks (weeks_ago) as (

    values (1), (2), (3), (4)

),

-- a week without a row counts as 0, one before the first row does not count
same_weekdays as (

    select coalesce(day_counts.row_count, 0) as row_count
    from as_of_days
    cross join weeks
    left join day_counts
        on as_of_days.day - 7 * weeks.weeks_ago = day_counts.day
    where as_of_days.day - 7 * weeks.weeks_ago >= as_of_days.first_day

),

usual as (

    select
        percentile_cont(0.5) within group (order by row_count)::decimal(18, 1)
            as median_count
    from same_weekdays

),

-- where the weekday is a day off, no row at all is usual
judged as (

    select
        as_of_days.latest_day_before,
        as_of_days.row_count,
        usual.median_count,
        case
            when
                as_of_days.row_count = 0
                and usual.median_count = 0
                and as_of_days.row_count_before > 0
                then false
            when as_of_days.row_count = 0
                then true
            else
                coalesce(
                    as_of_days.row_count
                    < {{ sql_literal(var('quiet_day_share'), 'decimal') }}
                    * usual.median_count,
                    false
                )
        end as is_quiet
    from as_of_days
    cross join usual

),

told as (

    select
        is_quiet,
        '{{ raw_table }}: {{ as_of_day() }} has ' || row_count::string || ' rows, '
        || coalesce(
            'and ' || median_count::string
            || ' are usual on this weekday (median of the four weeks before; '
            || 'less than {{ var("quiet_day_share") }} of it stops a build)',
            'and no week before to compare it with'
        )
        || '. A day that is not all there would age every customer. The latest day '
        || 'before it that has rows is ' || latest_day_before::string
        || '. Load the missing file; or build the latest full day: AS_OF_DATE='
        || latest_day_before::string || ' dbt build; or, if it really was that quiet (a '
        || 'holiday, say): dbt build --vars ''{accept_quiet_day: true}''' as message
    from judged

)

-- dbt counts the rows of a test and shows none, so the message is the error itself
select message
from told
where
    case
        when is_quiet and not {{ var('accept_quiet_day') | lower }}
            then {{ stop('message') }} is null
        else false
    end

{% endtest %}
