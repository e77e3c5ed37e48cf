"""The world of machines is that of accounts."""

from tests.integration.accounts.conftest import World, world

__all__ = ["World", "world"]
