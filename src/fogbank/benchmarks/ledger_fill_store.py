"""Fills a ledger with charges, inside PostgreSQL: by the same tables, with true balances and a true chain of hashes.

What is synthetic: every charge is one micro-credit, payers take turns, two thousand charges are a batch, and the
indexes are built at the end, so they are denser than grown ones. Ids are as random as those of deductions over HTTP, so
that the index over them is met where it hurts.
"""

import psycopg
from psycopg.sql import SQL, Identifier

BATCH_TRANSFERS = 2_000

FILL = r"""
CREATE FUNCTION pg_temp.fill(transfers bigint, batch_transfers bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last ledger.head%ROWTYPE;
    payers bigint;
    revenue ledger.accounts%ROWTYPE;
    first_turn bigint;
    last_turn bigint;
    lines text;
    digest bytea;
BEGIN
    SELECT * INTO last FROM ledger.head FOR UPDATE;
    SELECT * INTO revenue FROM ledger.accounts WHERE name = 'revenue';
    CREATE TEMP TABLE payer ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY number) - 1 AS place, number, owner_id, balance_micros
        FROM ledger.accounts WHERE kind = 'customer';
    SELECT count(*) INTO payers FROM payer;
    FOR batch IN 1..(transfers + batch_transfers - 1) / batch_transfers LOOP
        first_turn := (batch - 1) * batch_transfers;
        last_turn := least(batch * batch_transfers, transfers) - 1;
        CREATE TEMP TABLE charge ON COMMIT DROP AS
            SELECT last.sequence + 1 + turn - first_turn AS sequence, 'fill:' || md5(turn::text) AS id,
                owner_id, number,
                balance_micros - turn / payers - 1 AS credit_micros, revenue.balance_micros + turn + 1 AS earned_micros
            FROM generate_series(first_turn, last_turn) AS turn JOIN payer ON place = turn % payers;
        INSERT INTO ledger.transfers
            SELECT sequence, id, 'charge', owner_id, 1, 0, -1, 0, credit_micros, '', '' FROM charge;
        INSERT INTO ledger.entries
            SELECT sequence, number, -1, credit_micros FROM charge
            UNION ALL SELECT sequence, revenue.number, 1, earned_micros FROM charge;
        SELECT string_agg(format(E'%s\t%s\tcharge\t%s\t1\t0\t-1\t0\t%s\t\t\n', sequence, id, owner_id,
                credit_micros), '' ORDER BY sequence)
            || string_agg(format(E'%s\tcustomer:%s\t-1\t%s\n%s\trevenue\t1\t%s\n', sequence, owner_id, credit_micros,
                sequence, earned_micros), '' ORDER BY sequence)
            INTO lines FROM charge;
        last.posted_at := last.posted_at + interval '1 microsecond';
        digest := sha256(convert_to(format(E'%s\t%s\t%s\n', last.batch + 1,
            (extract(epoch FROM last.posted_at) * 1000000)::bigint, encode(last.hash, 'hex')) || lines, 'UTF8'));
        INSERT INTO ledger.batches VALUES (last.batch + 1, last.sequence + 1,
            last.sequence + 1 + last_turn - first_turn, last.posted_at, last.hash, digest);
        last.batch := last.batch + 1;
        last.sequence := last.sequence + 1 + last_turn - first_turn;
        last.hash := digest;
        DROP TABLE charge;
    END LOOP;
    UPDATE ledger.accounts AS account
        SET balance_micros = account.balance_micros - (transfers - place + payers - 1) / payers
        FROM payer WHERE payer.number = account.number;
    UPDATE ledger.accounts SET balance_micros = balance_micros + transfers WHERE name = 'revenue';
    UPDATE ledger.head SET batch = last.batch, sequence = last.sequence, posted_at = last.posted_at, hash = last.hash;
END
$$;
"""

WITHOUT_INDEXES = (
    "ALTER TABLE ledger.transfers DROP CONSTRAINT transfers_id_key",
    "ALTER TABLE ledger.entries DROP CONSTRAINT entries_pkey",
)
WITH_INDEXES = (
    "ALTER TABLE ledger.transfers ADD UNIQUE (id)",
    "ALTER TABLE ledger.entries ADD PRIMARY KEY (account, sequence)",
)

SETTLE = ("VACUUM (ANALYZE) ledger.transfers", "VACUUM (ANALYZE) ledger.entries", "CHECKPOINT")
"""What would go on in the background, and disturb: the tables are looked through, and what is dirty is on disk."""

BYTES = "SELECT sum(pg_total_relation_size(relation))::bigint FROM unnest(%s::regclass[]) AS relation"
TABLES = ["ledger.transfers", "ledger.entries", "ledger.batches"]


async def make_database(url: str, name: str) -> None:
    """An empty database of this name beside the one at `url`."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))


async def fill(url: str, transfers: int) -> int:
    """Charge the payers that are there `transfers` times, as the tables' owner; returns the tables' bytes."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in (*WITHOUT_INDEXES, FILL):
            await connection.execute(statement)
        await connection.execute("SELECT pg_temp.fill(%s, %s)", [transfers, BATCH_TRANSFERS])
        for statement in (*WITH_INDEXES, *SETTLE):
            await connection.execute(statement)
        cursor = await connection.execute(BYTES, [TABLES])
        [(size_bytes,)] = await cursor.fetchall()
        return int(size_bytes)
