"""Second factors: one-time codes, recovery codes, passkeys."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
