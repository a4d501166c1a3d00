-- What repeats a hundred million times is an enumeration of these words: it is written
-- five times as fast as text.
create table words as
select distinct
    'event_name' as enumeration,
    event_name as word
from lookups.sessions

union all

select distinct
    'session_name' as enumeration,
    session as word
from lookups.sessions

union all

select distinct
    'session_kind' as enumeration,
    kind as word
from lookups.sessions

union all

select
    'product_code' as enumeration,
    'P' || (1000 + product_number) as word
from lookups.products

union all

select distinct
    'product_name' as enumeration,
    name as word
from lookups.products

union all

select
    'page_path' as enumeration,
    '/products/P' || (1000 + product_number) as word
from lookups.products

union all

select
    'page_path' as enumeration,
    '/category/' || category as word
from lookups.categories

union all

select
    'page_path' as enumeration,
    '/stories/' || stories.n as word
from range(40) as stories (n)

union all

select
    fixed.enumeration,
    unnest(string_split(fixed.listed, '|')) as word
from (
    values
    ('page_path', '/|/best|/new|/search|/events|/plans|/checkout'),
    ('device', 'mobile|desktop|tablet'),
    ('os', 'Android|iOS|iPadOS|macOS|Windows'),
    ('browser', 'Whale|Chrome|Safari|Samsung Internet'),
    ('app_version', '5.0.0|5.1.0|5.2.0|5.3.0')
) as fixed (enumeration, listed);
