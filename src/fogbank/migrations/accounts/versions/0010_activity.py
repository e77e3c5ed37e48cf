"""What the activity log says beside: whose account it concerns, and from where."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    pass
