"""Why a run is not carried out here: another process, or another run, is in the way."""


class ConversationBusy(Exception):  # noqa: N818 - not a fault: the other run is in the right
    """Another run is sending to this conversation, and did not end in time.

    Attributes:
        run_id: The run that has it.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} is sending to this conversation")
        self.run_id = run_id


class RunElsewhere(Exception):  # noqa: N818 - not a fault: the run goes on
    """Another process carries this very run out, and has not ended yet."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} is being carried out by another process")
