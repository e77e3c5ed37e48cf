"""Billing's answers as the costs our rules speak about."""

from fogbank.billing.client import CostsView
from fogbank.kernel.money import micros_from_credits
from fogbank.portal.model import Cost


def costs_of(view: CostsView) -> list[Cost]:
    return [Cost(row.start, row.key, row.label, micros_from_credits(row.cost)) for row in view.rows]
