"""What signing in takes: confirmed addresses, one-time links, sessions that can be told apart."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
