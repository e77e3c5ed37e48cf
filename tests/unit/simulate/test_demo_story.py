"""The demo's story: castable to the last machine, about a million readings long, and with something to see in it."""

from dataclasses import replace
from itertools import islice

import pytest

from fogbank.kernel.ids import is_id
from fogbank.simulate.demo.cast import Enrolled, cast
from fogbank.simulate.demo.filling import LIVE_PERIOD_SECONDS, Telling, events_in_past, numbering_over
from fogbank.simulate.demo.model import Customer
from fogbank.simulate.demo.story import CUSTOMERS, DAYS, HALDEN, NODES, PERIOD_SECONDS
from fogbank.simulate.fleet import Population
from fogbank.simulate.model import Kind, SimulatedInstance
from fogbank.simulate.player import events_in
from fogbank.simulate.schedule import Schedule

BEGINS_US = 1_795_392_000_000_000
DAY_US = 86_400_000_000


def enrolled(customer: Customer) -> Enrolled:
    users = tuple(f"user_{customer.slug}_{person.mailbox}" for person in customer.people)
    return Enrolled(customer, users, None if customer.is_person else f"org_{customer.slug}")


def everybody() -> list[SimulatedInstance]:
    return [named.instance for customer in CUSTOMERS for named in cast(enrolled(customer), BEGINS_US)]


def readings_on(day: float) -> int:
    batches = Population(everybody(), seed=1).tick(BEGINS_US + int(day * DAY_US), PERIOD_SECONDS)
    return sum(events_in(batch) for batch in batches)


def test_a_dozen_organisations_and_somebody_for_themselves() -> None:
    assert sum(not customer.is_person for customer in CUSTOMERS) == 12
    assert sum(customer.is_person for customer in CUSTOMERS) == 1


def test_every_instance_has_an_id_and_no_two_the_same() -> None:
    ids = [instance.instance_id for instance in everybody()]
    assert len(set(ids)) == len(ids)
    assert all(is_id(identity) for identity in ids)


def test_every_mailbox_is_its_owners_alone() -> None:
    mailboxes = [(customer.slug, person.mailbox) for customer in CUSTOMERS for person in customer.people]
    assert len(set(mailboxes)) == len(mailboxes)


@pytest.mark.parametrize("customer", [each for each in CUSTOMERS if not each.is_person], ids=lambda each: each.slug)
def test_every_organisation_has_one_owner(customer: Customer) -> None:
    assert [person.role for person in customer.people].count("owner") == 1


def test_the_story_is_about_a_million_readings_long_and_its_customers_grow() -> None:
    per_period = [readings_on(day + 0.5) for day in range(DAYS)]
    assert 900_000 < sum(per_period) * 24 * 3600 // PERIOD_SECONDS < 1_100_000
    assert per_period[-1] > per_period[0] * 1.15


def test_the_promised_number_of_readings_is_the_number_sent() -> None:
    telling = Telling(Schedule(BEGINS_US, PERIOD_SECONDS, periods=40))
    machines = [one for number, one in enumerate(everybody()) if number % 5 == 0]
    late = [replace(machines[0], instance_id="late", starts_us=BEGINS_US + 7 * 300_000_000 + 1)]
    gone = [replace(machines[0], instance_id="gone", ends_us=BEGINS_US + 9 * 300_000_000 + 1)]
    population = telling.population([*machines, *late, *gone])
    sent = [events_in(batch) for start_us in telling.past for batch in population.tick(start_us, PERIOD_SECONDS)]
    assert sum(sent) == events_in_past(telling, population.instances)


def test_sequences_stay_contiguous_where_the_past_becomes_the_present() -> None:
    telling = Telling(Schedule(BEGINS_US, PERIOD_SECONDS, periods=4))
    sequence = numbering_over(telling.past)
    past = [sequence(start_us, PERIOD_SECONDS) for start_us in telling.past]
    present = [sequence(start_us, LIVE_PERIOD_SECONDS) for start_us in islice(telling.present, 4)]
    assert past + present == list(range(8))
    assert telling.present.starts_us == telling.past.ends_us


def test_machines_of_one_customer_are_spread_over_the_nodes() -> None:
    assert len({named.instance.node_id for named in cast(enrolled(HALDEN), BEGINS_US)}) == NODES


def test_the_spike_is_a_gpu_instance_that_came_and_went() -> None:
    spikes = [one for one in everybody() if one.kind is Kind.GPU and one.ends_us < BEGINS_US + DAYS * DAY_US]
    assert [one.instance_id for one in spikes] == ["instance_halden_grasp-training"]
    assert spikes[0].gpus == 4
