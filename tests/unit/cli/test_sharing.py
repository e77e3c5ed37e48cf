"""How usage is shared among processes: what does not fit together is refused in a sentence that says what to do."""

import pytest

from fogbank.cli.failures import Refused
from fogbank.cli.terminal import MISUSED
from fogbank.cli.wiring.usage import share_of
from fogbank.queue.client import ALL, Share
from fogbank.runtime.settings import UsageSettings

SERVER = "https://clickhouse.example"


def test_one_process_takes_everything_and_each_of_several_its_share() -> None:
    assert share_of(UsageSettings()) == ALL
    assert share_of(UsageSettings(clickhouse=SERVER, workers=3, worker=2)) == Share(2, 3)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (UsageSettings(workers=2), "usage.workers is more than 1, but one process owns the store that runs inside"),
        (UsageSettings(cluster="fleet"), "usage.cluster is set, but one process owns the store that runs inside"),
        (UsageSettings(clickhouse=SERVER, workers=2, worker=2), "usage.worker is 2, but the last of 2 is 1."),
    ],
)
def test_what_does_not_fit_together_is_refused(settings: UsageSettings, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        share_of(settings)
    assert str(refused.value).startswith(sentence)
    assert refused.value.code == MISUSED
