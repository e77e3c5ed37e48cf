"""The promises of usage, kept by a ClickHouse server as well: the same tests, over HTTP."""

from tests.integration.usage import test_exactly_once, test_history

for module in (test_exactly_once, test_history):
    globals().update({name: value for name, value in vars(module).items() if name.startswith("test_")})
