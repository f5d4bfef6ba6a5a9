"""Messages as the requests that post them: a list of bodies, or commands for a POSIX shell."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from shlex import quote

from flowrunner.dialects.values import Request
from flowrunner.model import EXAMPLE_RECIPIENT, Message, Pause, Recipient, Rendering
from flowrunner.views.message.body import kind
from flowrunner.views.quiet import quiet
from flowrunner.views.visible import visible

Post = Callable[[Recipient, str], Request]
"""Makes the request that sends a message as it is encoded, as `Dialect.post`."""

_HEAD = """\
# These commands do not wait for delivery and do not know what was sent before: flowrunner run does.
# The key comes from the environment: export KAPSO_API_KEY=...
"""


def message_list(rendering: Rendering) -> str:
    """A JSON list of the ``message`` objects; each stands on a line of its own, byte for byte as it is posted."""
    if not rendering.messages:
        return "[]"
    return "[\n" + ",\n".join(message.wire for message in rendering.messages) + "\n]"


def as_curl(renderings: Sequence[Rendering], *, root: str, post: Post) -> str:
    """One command a message, in order, each run only if the one before it went well.

    The bodies are those flowrunner posts, byte for byte. A conversation that is not known is a variable of the shell.

    Args:
        renderings: One for each recipient.
        root: The API's base address with its version.
        post: Makes each request.
    """
    parts: list[str] = []
    wanted: list[str] = []
    for number, rendering in enumerate(renderings, 1):
        conversation = "" if rendering.recipient == EXAMPLE_RECIPIENT else rendering.recipient.conversation
        variable = f"CONVERSATION_ID_{number}" if len(renderings) > 1 else "CONVERSATION_ID"
        if not conversation:
            wanted.append(f"# The conversation with {visible(rendering.recipient.label)}: export {variable}=...\n")
        command = partial(_command, root, post, Recipient(conversation or variable), "" if conversation else variable)
        parts += _parts(rendering, command)
    # A comment may stand after the &&, so that the parts can be joined.
    return f"{_HEAD}{''.join(wanted)}" + " &&\n".join(parts)


def _parts(rendering: Rendering, command: Callable[[str], str]) -> Iterator[str]:
    """Commands, each after its comment lines."""
    whom = rendering.recipient.label
    said = [f"# {visible(rendering.flow.name)} to {visible(whom)}"]
    for action in rendering.actions:
        match action:
            case Message(step=step, body=body):
                yield "\n".join([*said, f"# {visible(step.label)}: {kind(body)}", command(action.wire)])
                said = []
            case Pause(seconds=seconds):
                yield "\n".join([*said, f"sleep {seconds:g}"])
                said = []
            case _:
                said.append(f"# {visible(quiet(action))}")


def _command(root: str, post: Post, recipient: Recipient, variable: str, wire: str) -> str:
    request = post(recipient, wire)
    path = request.path.replace(variable, f"${{{variable}:?}}") if variable else request.path
    return (
        f'curl --silent --show-error --fail-with-body "{root}{path}" \\\n'
        '  --header "X-API-Key: $KAPSO_API_KEY" --header "Content-Type: application/json" \\\n'
        f"  --data-binary {quote(request.text)}"
    )
