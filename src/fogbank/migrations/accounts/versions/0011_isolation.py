"""A person's request makes nobody an administrator, and ends no suspension: not its own either."""

from fogbank.migrations import run_sql
from fogbank.runtime.tenancy import TENANT_ROLE

revision = "0011"
down_revision = "0010"

RISING = f"""
CREATE FUNCTION accounts.refuse_to_rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = '{TENANT_ROLE}' THEN
        RAISE EXCEPTION 'nobody gives themselves more in accounts.%', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nobody_rises BEFORE UPDATE OF is_administrator, status ON accounts.users FOR EACH ROW
    WHEN (NEW.is_administrator AND NOT OLD.is_administrator OR OLD.status <> 'active' AND NEW.status = 'active')
    EXECUTE FUNCTION accounts.refuse_to_rise();
CREATE TRIGGER nobody_rises BEFORE UPDATE OF status ON accounts.organizations FOR EACH ROW
    WHEN (OLD.status <> 'active' AND NEW.status = 'active') EXECUTE FUNCTION accounts.refuse_to_rise();
ALTER TABLE accounts.users ENABLE ALWAYS TRIGGER nobody_rises;
ALTER TABLE accounts.organizations ENABLE ALWAYS TRIGGER nobody_rises;
"""


def upgrade() -> None:
    run_sql(RISING)
