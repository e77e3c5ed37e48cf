"""What the activity log refuses, as a fact."""


class ActDiffers(Exception):
    """An act of this id is in the log, and it says something else."""

    def __init__(self, act_id: str) -> None:
        super().__init__(f"act '{act_id}' is in the log with other content")
        self.act_id = act_id
