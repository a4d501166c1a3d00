-- Ids that are several people.
create table blocked_ids_rows as
select
    listed.id,
    listed.row_n
from (
    values ('KIOSK-0', 1), ('KIOSK-1', 2), ('KIOSK-2', 3), ('unknown', 4), ('0', 5)
) as listed (id, row_n);
