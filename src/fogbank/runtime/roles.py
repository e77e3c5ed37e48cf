"""The database's two roles, and the refusal where its login may not take them."""

from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE


class RolesDenied(Exception):
    """`login` may not work as the roles that row-level security holds for; the text says what a superuser does."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"The database's login {login} may not work as {SYSTEM_ROLE} and {TENANT_ROLE}; let a superuser run "
            f"CREATE ROLE {SYSTEM_ROLE}; CREATE ROLE {TENANT_ROLE}; for what is missing, and "
            f"GRANT {SYSTEM_ROLE}, {TENANT_ROLE} TO {login};"
        )
        self.login = login
