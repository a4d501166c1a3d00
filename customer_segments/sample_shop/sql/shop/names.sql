-- Names, in Latin letters where CP949 has no others for them, and with Hangul taken
-- apart, as some devices send it; CP949 has no parts.
create table name_slots as
with written as (

    select
        kind,
        generation,
        sex,
        country,
        weight,
        case
            when setting('text_encoding') = 'cp949' then coalesce(latin, text)
            else text
        end as text
    from lookups.names

),

texts as (

    select distinct text
    from written

),

letters as (

    select
        texts.text,
        spelled.letter,
        spelled.place,
        unicode(spelled.letter) - 44032 as syllable
    from texts,
        unnest(string_split(texts.text, '')) with ordinality as spelled (letter, place)

),

decomposed as (

    select
        text,
        string_agg(
            case
                when setting('text_encoding') <> 'utf-8' then letter
                when syllable not between 0 and 11171 then letter
                when syllable % 28 = 0
                    then
                        chr(4352 + syllable // 588)
                        || chr(4449 + syllable % 588 // 28)
                else
                    chr(4352 + syllable // 588)
                    || chr(4449 + syllable % 588 // 28)
                    || chr(4519 + syllable % 28)
            end,
            '' order by place
        ) as parts
    from letters
    group by text

)

select
    written.kind,
    written.generation,
    written.sex,
    written.country,
    written.text,
    decomposed.parts as decomposed,
    row_number() over (
        partition by written.kind, written.generation, written.sex, written.country
        order by written.text, copies.copy
    ) - 1 as slot
from written
inner join decomposed on written.text = decomposed.text,
    unnest(range(written.weight)) as copies (copy);
