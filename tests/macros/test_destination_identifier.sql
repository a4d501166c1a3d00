-- What each destination calls a member; the hashes were made with sha256sum.
with

cases (form, identifier, expected) as (

    values
    ('plain', 'kim@shop.example', 'kim@shop.example'),
    ('plain', '+821012345678', '+821012345678'),
    ('customer_id', '+821012345678', 'c1'),
    ('local_phone', '+821012345678', '01012345678'),
    ('local_phone', '+8221234567', '021234567'),
    ('local_phone', '+12125550100', null),
    ('local_phone', '+82010', null),
    ('local_phone', 'kim@shop.example', null),
    ('sha256', 'kim@shop.example', 'ca731ac6093c80fe0b0c6e959b33bc43aadd3b0ede9cbddcf23b18c6f36f2370'),
    ('sha256', ' kim@shop.example ', 'ca731ac6093c80fe0b0c6e959b33bc43aadd3b0ede9cbddcf23b18c6f36f2370'),
    ('sha256', '+821012345678', '2efdd01fdf56e3f07de56acd9d40beb256d5983aec5f6d597c2c48354f35f9e0'),
    ('sha256', '', null),
    ('sha256', ' ', null),
    ('sha256', null, null),
    ('sha256', repeat('aB', 32), null),
    ('sha256_meta', repeat('0f', 32), null),
    ('sha256_google', repeat('0f', 32), null),
    ('sha256_meta', '+821012345678', '5d639079300bfabb1fa81139c823d324b2a67e9dd4157475190a31fb17528bc0'),
    ('sha256_meta', '+kim@shop.example', 'd8d5af940906970dce48f28287735426098bb66e4ed12422d399e7bbffbf68f0'),
    ('sha256_google', '+821012345678', '2efdd01fdf56e3f07de56acd9d40beb256d5983aec5f6d597c2c48354f35f9e0'),
    ('sha256_google', 'k.i.m+t@gmail.com', 'f1b5edb3035b3088a4c6c3430afee1ed3f51e60b6d38d9dea2d4735221515916'),
    ('sha256_google', 'k.i.m+t@googlemail.com', '95479a069c4136d6b75488efba62ad5dd4a748568bc6aceba2554199bb508873'),
    ('sha256_google', 'k.im@shop.gmail.com.example', '8f0874f71a9cd0eb1d40fa70b236451ae9e4702bf1d51d4df78b67eda9c0733b'),
    ('other', 'kim@shop.example', null)

),

formed as (

    select
        form,
        identifier,
        expected,
        {{ destination_identifier('form', 'identifier', "'c1'") }}
            as destination_identifier
    from cases

)

select *
from formed
where
    destination_identifier is distinct from expected
    and '{{ var("phone_country_code") }}' = '82'
