-- no identifier that leaves is empty, the hash of something empty or the hash of a hash
with

audience_members as (

    select * from {{ ref('audience_members') }}

),

audiences as (

    select * from {{ ref('audiences') }}

),

destinations as (

    select * from {{ ref('destinations') }}

),

blanks (digest) as (

    values
    ({{ sha256_hex("''") }}),
    ({{ sha256_hex("' '") }}),
    ({{ sha256_hex("'null'") }}),
    ('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')

),

wrong as (

    select audience_members.audience
    from audience_members
    inner join audiences
        on audience_members.audience = audiences.audience
    inner join destinations
        on audiences.destination = destinations.destination
    left join blanks
        on audience_members.destination_identifier = blanks.digest
    where
        blanks.digest is not null
        or coalesce({{ trimmed('audience_members.destination_identifier') }}, '') = ''
        or (
            destinations.identifier_form like 'sha256%'
            and (
                {{ matches('audience_members.identifier', '^[0-9A-Fa-f]{64}$') }}
                or not {{ matches(
                    'audience_members.destination_identifier', '^[0-9a-f]{64}$'
                ) }}
            )
        )

)

select * from wrong
