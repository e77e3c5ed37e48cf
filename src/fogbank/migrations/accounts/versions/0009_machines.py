"""Keys that are rotated, service accounts, revocations."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass
