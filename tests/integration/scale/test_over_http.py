"""The promises of usage, kept by a ClickHouse server as well: the same tests, over HTTP."""

from tests.integration.usage import test_exactly_once, test_history

# Last, what stores readings of many days, which take the rollups a while.
for module in (test_history, test_exactly_once):
    globals().update({name: value for name, value in vars(module).items() if name.startswith("test_")})
