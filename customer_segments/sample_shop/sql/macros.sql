-- Draws that are the same everywhere: integers mixed by integers, after "lowbias32" by
-- Chris Wellons; every product stays below 2^63.
create macro fold(x, bits) as xor(x, x >> bits);

create macro low32(x) as x & 4294967295;

create macro mix(x) as
fold(low32(fold(low32(fold(low32(x), 16) * 2146121005), 15) * 73244475), 16);

create macro purpose_number(purpose) as ('0x' || left(md5(purpose), 7))::bigint;

create macro draw(h, purpose) as mix(h + purpose_number(purpose));

create macro pick(h, purpose, n) as (draw(h, purpose) * n) >> 32;

create macro nth(h, n) as mix(h + n * 2654435761);

-- A timestamp made from a number costs a fortieth of one cast through a time zone.
create macro moment(s) as make_timestamptz((s) * 1000000);

create macro seoul_date(s) as date '1970-01-01' + ((s + 32400) // 86400)::integer;

create macro money(minor, currency) as case
    when currency = 'USD'
        then (minor::decimal(16, 0) * 0.01::decimal(3, 2))::decimal(18, 4)
    else minor::decimal(18, 4)
end;

-- What one sample is made of, as numbers: see settings.sql and shop/facts.sql.
create macro setting(name) as struct_extract(getvariable('settings'), name);

create macro fact(name) as struct_extract(getvariable('facts'), name);

create macro customer_count() as setting('customer_count');

create macro day_count() as setting('day_count');

create macro first_day() as setting('first_day');

create macro start_s() as setting('start_s');

create macro end_s() as setting('end_s');

create macro seed_h() as setting('seed_h');

-- Nobody reaches the app or the site during the outage: who wanted something does it
-- a while later, so late that the whole visit lies after the outage.
create macro in_outage(s) as
s >= fact('outage_from_s') - 900 and s < fact('outage_to_s') + 2400;

create macro spared(s) as
case when in_outage(s) then fact('outage_to_s') + 2500 + s % 5400 else s end;

-- How files of text write values: our own CSV without loss, times with the zone of
-- Seoul; a shop's own exports as its clocks and its lists of orders show them.
create macro seoul_text(moment, written) as
strftime(make_timestamp(epoch_us(moment) + 32400000000), written);

create macro csv_time(moment) as seoul_text(moment, '%Y-%m-%dT%H:%M:%S+09:00');

create macro shop_time(moment) as seoul_text(moment, '%Y-%m-%d %H:%M:%S');

create macro csv_number(x) as regexp_replace(x::varchar, '\.?0+$', '');

create macro shop_number(x, scale) as
regexp_replace(format('{:,.' || scale || 'f}', x::double), '\.?0+$', '');

create macro shop_boolean(x) as
case when x then 'Y' when not x then 'N' end;
