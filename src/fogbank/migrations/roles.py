"""The roles that Fogbank works under, and what row-level security lets them see.

`fogbank_system` sees every tenant, `fogbank_tenant` only the rows of whose request it is. Neither owns a table, so
neither can switch off what guards it, and what nobody granted they cannot do: the append-only tables grant no UPDATE
and no DELETE. Both are shared by all databases of a PostgreSQL.
"""

from fogbank.migrations import run_sql
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE

# As sub-selects, these are found out once a statement and not once a row. What is not set is nobody.
TENANTS = "(SELECT string_to_array(current_setting('fogbank.tenants', true), ','))::text[]"
"""In a policy, as in `account_id = ANY ({TENANTS})`: the accounts that the caller of this request may see."""

PERSON = "(SELECT current_setting('fogbank.person', true))"
"""In a policy: the person who calls."""

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
APPENDING = "SELECT, INSERT"

MAKE_ROLES = f"""
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['{SYSTEM_ROLE}', '{TENANT_ROLE}'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database's migration was first
            END;
        END IF;
        IF NOT (pg_has_role(current_user, wanted, 'SET') AND pg_has_role(current_user, wanted, 'USAGE')) THEN
            EXECUTE format('GRANT %I TO CURRENT_USER WITH SET TRUE, INHERIT TRUE', wanted);
        END IF;
    END LOOP;
END
$$;
"""
"""Who migrates is made a member of both: to take them, and, owner of the tables or not, to see the rows it moves."""


def open_schema(schema: str) -> None:
    """Let both roles use what `schema` grants them; again after sequences were added."""
    run_sql(f"GRANT USAGE ON SCHEMA {schema} TO {SYSTEM_ROLE}, {TENANT_ROLE};")
    run_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {SYSTEM_ROLE}, {TENANT_ROLE};")


def guard(
    table: str,
    *,
    seen_by_tenant: str | None = None,
    tenant: str = "SELECT",
    tenant_command: str = "ALL",
    system: str = EVERYTHING,
) -> None:
    """Force row-level security on `table`; the system role may do `system` to all its rows.

    `seen_by_tenant` is the condition, in SQL, under which a row is the calling person's, and `tenant` what they may do
    to it; without one they see no row. A row that they write must meet it too, so nothing is written into another
    tenant or moved there. The condition holds for one command only where `tenant_command` names it.
    """
    run_sql(f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY system ON {table} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true);
        GRANT {system} ON {table} TO {SYSTEM_ROLE};
    """)
    if seen_by_tenant is not None:
        run_sql(f"""
            CREATE POLICY tenant ON {table} FOR {tenant_command} TO {TENANT_ROLE} USING ({seen_by_tenant});
            GRANT {tenant} ON {table} TO {TENANT_ROLE};
        """)


def let_tenant(table: str, command: str, *, of: str, columns: str = "") -> None:
    """On a guarded `table`, let the calling person do one `command` more, to rows (and making rows) that are `of` them.

    For where they may see more than they may write, or write only these `columns`.
    """
    using = "" if command == "INSERT" else f"USING ({of})"
    checked = "" if command == "DELETE" else f"WITH CHECK ({of})"
    run_sql(f"""
        CREATE POLICY tenant_{command.lower()} ON {table} FOR {command} TO {TENANT_ROLE} {using} {checked};
        GRANT {command} {f"({columns})" if columns else ""} ON {table} TO {TENANT_ROLE};
    """)
