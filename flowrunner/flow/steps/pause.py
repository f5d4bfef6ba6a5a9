"""``pause``: a time to wait before the next step."""

from collections.abc import Mapping
from typing import Any, Final

from flowrunner.flow.keys import Key, seconds, wait_problems
from flowrunner.flow.names import Names
from flowrunner.flow.steps.verb import Compared, Head, Reader, Verb
from flowrunner.model import Action, Pause, PauseStep
from flowrunner.spec.files import key_schemas


class _Pause(Verb[PauseStep]):
    name = "pause"
    step = PauseStep
    keys: Mapping[str, Key] = {"pause": Key(key_schemas("pause")["pause"], wait_problems)}

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> PauseStep:  # noqa: ARG002
        return PauseStep(*head, seconds(str(entry["pause"])))

    def act(self, step: PauseStep) -> Action:
        return Pause(step, step.seconds)

    def compared(self, action: Action) -> Compared:
        assert isinstance(action.step, PauseStep)  # noqa: S101  # it is of this verb
        return Compared(self.name, {"pause": action.step.seconds})


PAUSE: Final = _Pause()
