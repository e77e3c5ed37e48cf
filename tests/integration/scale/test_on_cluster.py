"""The promises of usage, kept by a cluster of two shards: tests of what shards could break, run on one."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.scale.conftest import running_clickhouse
from tests.integration.scale.shards import CLUSTER, configured_in
from tests.integration.usage import test_exactly_once, test_history
from tests.integration.usage.conftest import World, opened_world

from fogbank.runtime.embedded import temporary_directory

# Repeats meet on one shard, also under another payer; a payer's sums are of all shards and not of one; what is compared
# reading by reading is compared with its like; people see the same before and after hours are rolled up.
test_copies = test_exactly_once.test_three_copies_in_any_order_and_any_batches_add_up_to_the_readings_themselves
test_first = test_exactly_once.test_the_reading_that_was_accepted_first_wins_whatever_comes_later
test_late = test_exactly_once.test_a_late_reading_moves_its_payers_total_and_the_cursor_and_no_other_payers
test_integers = test_exactly_once.test_the_engine_computes_the_kernels_integers_to_the_last_unit
test_figures = test_exactly_once.test_the_figures_of_the_audit_agree_in_every_place
test_instances = test_history.test_an_instances_hours_add_up_its_readings_and_leave_out_what_was_not_measured
test_rolled_up = test_history.test_history_is_the_same_before_and_after_its_hours_are_rolled_up
test_visible = test_history.test_a_caller_sees_their_own_and_their_organisations_readings_and_no_others


@pytest_asyncio.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    with temporary_directory() as directory:
        async with (
            running_clickhouse(directory / "clickhouse", configured_in(directory)) as url,
            opened_world(lambda _: url, CLUSTER) as world,
        ):
            yield world
