-- An invented shop's tables. Make the DuckDB file with
--   .venv/bin/python -c "import duckdb; duckdb.connect('shop.duckdb').execute(open('shop.sql').read())"
create schema crm;
create schema sales;
create schema goods;
create schema web;

create table crm.members (
    member_no varchar, joined timestamp, mail varchar, mobile varchar,
    full_name varchar, born date, sex varchar, province varchar, lang varchar,
    internal boolean, modified timestamp, password_hash varchar
);
insert into crm.members values
    ('M-0001', '2025-02-01 09:00:00', 'ahn@db.example', '010-0301-4001', '안초롱', '1990-06-01', 'w', '서울', 'ko', false, null, 'x1'),
    ('M-0002', '2025-04-11 18:30:00', 'bae@db.example', '010-0302-4002', '배한결', '1985-01-20', 'm', '부산', 'ko', false, '2026-05-01 08:00:00', 'x2'),
    ('M-0003', '2025-09-09 00:00:00', 'cha@db.example', null, '차다온', null, null, '경기', 'ko', false, null, 'x3'),
    ('M-0004', '2026-01-31 23:59:59', null, '010-0304-4004', '도새봄', '2000-12-12', 'w', null, 'en', false, null, 'x4'),
    ('M-0005', '2026-03-15 12:00:00', 'eom@db.example', '010-0305-4005', '엄마루', '1977-07-07', 'm', '대전', 'ko', false, null, 'x5'),
    ('M-0099', '2025-01-01 00:00:00', 'test@db.example', null, 'Test', null, null, null, 'ko', true, null, 'x9');

create table crm.agreements (
    member_no varchar, medium varchar, kind varchar, agreed boolean, said timestamp
);
insert into crm.agreements values
    ('M-0001', 'mail', 'advertising', true, '2025-02-01 09:00:00'),
    ('M-0001', 'text', 'advertising', true, '2025-02-01 09:00:00'),
    ('M-0001', 'text', 'night', true, '2025-02-01 09:00:05'),
    ('M-0001', 'text', 'advertising', false, '2026-03-02 10:10:10'),
    ('M-0002', 'mail', 'advertising', true, '2025-04-11 18:30:00'),
    ('M-0002', 'kakao', 'advertising', true, '2025-04-11 18:30:00'),
    ('M-0002', 'app', 'advertising', false, '2025-04-11 18:30:00'),
    ('M-0003', 'mail', 'advertising', true, '2025-09-09 00:00:00'),
    ('M-0003', 'mail', 'partners', true, '2025-09-09 00:00:00'),
    ('M-0003', 'mail', 'advertising', false, '2026-06-01 00:00:00'),
    ('M-0004', 'text', 'advertising', true, '2026-01-31 23:59:59'),
    ('M-0005', 'mail', 'advertising', false, '2026-03-15 12:00:00');

create table sales.orders (
    order_no bigint, member_no varchar, placed timestamp, state varchar, curr varchar,
    goods_total decimal(12, 2), rebate decimal(12, 2), freight decimal(12, 2),
    voucher varchar, shop varchar, cancelled timestamp, modified timestamp
);
insert into sales.orders values
    (88001, 'M-0001', '2026-01-03 10:00:00', 'done', 'KRW', 54000, 0, 3000, null, 'web', null, '2026-01-08 09:00:00'),
    (88002, 'M-0002', '2026-01-17 21:15:00', 'done', 'KRW', 18000, 2000, 3000, 'NEW2000', 'app', null, '2026-01-22 09:00:00'),
    (88003, 'guest', '2026-02-08 11:11:11', 'done', 'KRW', 36000, 0, 3000, null, 'web', null, null),
    (88004, 'M-0003', '2026-03-01 00:00:00', 'back', 'KRW', 72000, 7200, 0, 'SPRING', 'web', null, '2026-03-12 14:00:00'),
    (88005, 'M-0001', '2026-04-05 16:45:00', 'void', 'KRW', 18000, 0, 3000, null, 'app', '2026-04-06 09:30:00', '2026-04-06 09:30:00'),
    (88006, 'M-0005', '2026-05-20 08:20:00', 'sent', 'KRW', 90000, 9000, 0, 'SPRING', 'web', null, '2026-05-21 08:00:00'),
    (88007, 'M-0001', '2026-06-10 19:00:00', 'done', 'KRW', 36000, 0, 3000, null, 'app', null, '2026-06-14 10:00:00'),
    (88008, 'M-0004', '2026-06-28 22:22:22', 'payed', 'KRW', 18000, 0, 3000, null, 'app', null, null),
    (88009, 'M-0002', '2026-06-30 09:00:00', 'open', 'KRW', 54000, 0, 3000, null, 'web', null, null);

create table sales.order_lines (
    order_no bigint, pos integer, article varchar, pieces integer, price decimal(12, 2)
);
insert into sales.order_lines values
    (88001, 1, 'A-10', 1, 36000), (88001, 2, 'A-20', 1, 18000),
    (88002, 1, 'A-20', 1, 18000),
    (88003, 1, 'A-10', 1, 36000),
    (88004, 1, 'A-10', 2, 36000),
    (88005, 1, 'A-20', 1, 18000),
    (88006, 1, 'A-10', 1, 36000), (88006, 2, 'A-20', 3, 18000),
    (88007, 1, 'A-10', 1, 36000),
    (88008, 1, 'A-20', 1, 18000),
    (88009, 1, 'A-20', 3, 18000);

create table sales.paybacks (
    payback_no bigint, order_no bigint, paid_back timestamp, money decimal(12, 2)
);
insert into sales.paybacks values
    (501, 88004, '2026-03-12 14:00:00', 64800),
    (502, 88006, '2026-06-02 10:00:00', 18000);

create table goods.articles (
    article varchar, title varchar, group_name varchar, cost decimal(12, 2), on_sale boolean
);
insert into goods.articles values
    ('A-10', '원목 트레이', '주방', 15000, true),
    ('A-20', '유리병 세트', '주방', 7000, true),
    ('A-30', '겨울 담요', '생활', 12000, false);

create table web.clicks (
    click_no bigint, member_no varchar, cookie varchar, what varchar, clicked timestamp,
    article varchar, words varchar, url varchar, gadget varchar
);
insert into web.clicks values
    (1, null, 'ck-1', 'view', '2026-06-10 18:40:00', null, null, '/', 'mobile'),
    (2, null, 'ck-1', 'find', '2026-06-10 18:41:00', null, '트레이', '/search', 'mobile'),
    (3, 'M-0001', 'ck-1', 'login', '2026-06-10 18:45:00', null, null, '/login', 'mobile'),
    (4, 'M-0001', 'ck-1', 'article', '2026-06-10 18:46:00', 'A-10', null, '/a/10', 'mobile'),
    (5, 'M-0001', 'ck-1', 'basket', '2026-06-10 18:47:00', 'A-10', null, '/a/10', 'mobile'),
    (6, 'M-0002', 'ck-2', 'view', '2026-06-29 23:59:00', null, null, '/', 'desktop'),
    (7, 'M-0002', 'ck-2', 'article', '2026-06-30 00:01:00', 'A-20', null, '/a/20', 'desktop'),
    (8, 'M-0002', 'ck-2', 'basket', '2026-06-30 00:02:00', 'A-20', null, '/a/20', 'desktop');
