"""What the activity log refuses, as facts."""

from fogbank.accounts.errors import Refusal


class ActDiffers(Refusal):
    """An act of this id is in the log, and it says something else."""

    def __init__(self, act_id: str) -> None:
        super().__init__(f"act '{act_id}' is in the log with other content")
        self.act_id = act_id


class ReasonNeeded(Refusal):
    """An administrator acts on what is not their own, and did not say why."""
