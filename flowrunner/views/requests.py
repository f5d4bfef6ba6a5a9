"""Messages as the requests that post them: a list of bodies, or commands for a POSIX shell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Final, NamedTuple

from flowrunner.dialects.values import Request
from flowrunner.model import EXAMPLE_RECIPIENT, Json, Message, Pause, Recipient, Rendering
from flowrunner.model.media import path_of, references
from flowrunner.views.message.body import kind
from flowrunner.views.quiet import quiet
from flowrunner.views.visible import visible


class Way(NamedTuple):
    """How an API is posted to.

    Attributes:
        root: What every path is added to.
        header: What shows it the key, with the shell's variable for that.
        key_env: The variable, which has the key.
        addresses: As `Dialect.addresses`.
        opens: As `Dialect.opens`.
        post: Makes the request that sends a message as it is encoded, as `Dialect.post`.
    """

    root: str
    header: str
    key_env: str
    addresses: Callable[[Recipient], bool]
    opens: Callable[[Mapping[str, Json]], bool]
    post: Callable[[Recipient, str], Request]

    def reaches(self, recipient: Recipient, rendering: Rendering) -> bool:
        """Whether it posts to them as they are known: to a phone in full also what opens a conversation there."""
        first = next(iter(rendering.messages), None)
        opens = recipient.phone.startswith("+") and first is not None and self.opens(first.body)
        return self.addresses(recipient) or opens


_NOBODY_S: Final = "000000000000"
"""A phone that is not known, which no phone is."""
_HEAD: Final = """\
# These commands do not wait for delivery and do not know what was sent before: flowrunner run does.
# The key comes from the environment: export KAPSO_API_KEY=...
"""


def message_list(rendering: Rendering) -> str:
    """A JSON list of the ``message`` objects; each stands on a line of its own, byte for byte as it is posted."""
    if not rendering.messages:
        return "[]"
    return "[\n" + ",\n".join(message.wire for message in rendering.messages) + "\n]"


def as_curl(renderings: Sequence[Rendering], way: Way) -> str:
    """One command a message, in order, each run only if the one before it went well.

    The bodies are those flowrunner posts, byte for byte. A conversation, or a phone, that is not known is a variable of
    the shell, and so is the id of a file that must be uploaded before; a comment has the command that does it.

    Args:
        renderings: One for each recipient.
        way: How they are posted.
    """
    what = "CONVERSATION_ID" if way.addresses(Recipient("any")) else "PHONE"
    parts: list[str] = []
    uploads, wanted = _uploads(renderings, way)
    for number, rendering in enumerate(renderings, 1):
        whom = Recipient() if rendering.recipient == EXAMPLE_RECIPIENT else rendering.recipient
        variable = f"{what}_{number}" if len(renderings) > 1 else what
        if way.reaches(whom, rendering):
            variable = ""
        elif what == "PHONE":
            whom = Recipient(phone=_NOBODY_S)
            wanted.append(f"# Whose phone it goes to, digits alone: export {variable}=...\n")
        else:
            whom = Recipient(variable)
            wanted.append(f"# The conversation with {visible(rendering.recipient.label)}: export {variable}=...\n")
        command = partial(_command, way, whom, variable, uploads)
        parts += _parts(rendering, command)
    # A comment may stand after the &&, so that the parts can be joined.
    head = _HEAD.replace("KAPSO_API_KEY", way.key_env)
    return f"{head}{''.join(wanted)}" + " &&\n".join(parts)


def _uploads(renderings: Sequence[Rendering], way: Way) -> tuple[dict[str, str], list[str]]:
    """The variable for each file that a message is sent with, by its digest; and how its id is had."""
    used = dict.fromkeys(digest for its in renderings for each in its.messages for digest in references(each.wire))
    uploads = {digest: f"MEDIA_{number}" for number, digest in enumerate(used, 1)}
    told = []
    for name, its in renderings[0].flow.bundle.media.items() if uploads else ():
        if its.digest in uploads:
            path = str(Path(renderings[0].flow.bundle.path).parent / path_of(name)).replace('"', '\\"')
            form = "messaging_product=whatsapp", f"type={its.type}", f'file=@"{path}";type={its.type}'
            told.append(
                f"# The id that this answers with: export {uploads[its.digest]}=...\n"
                f'#   curl --fail-with-body "{way.root}/media" --header "{way.header}"'
                f" {' '.join(f'--form {quote(each)}' for each in form)}\n"
            )
    return uploads, told


def _parts(rendering: Rendering, command: Callable[[str], str]) -> Iterator[str]:
    """Commands, each after its comment lines."""
    whom = rendering.recipient.label
    said, asked = [f"# {visible(rendering.flow.name)} to {visible(whom)}"], False
    for action in rendering.actions:
        match action:
            case Message(step=step, body=body):
                if asked:
                    yield "\n".join(
                        [*said, "# Here an answer is waited for: press Enter once it has come.", "read -r _"]
                    )
                    said = []
                yield "\n".join([*said, f"# {visible(step.label)}: {kind(body)}", command(action.wire)])
                said, asked = [], step.reply is not None
            case Pause(seconds=seconds):
                yield "\n".join([*said, f"sleep {seconds:g}"])
                said = []
            case _ if words := quiet(action):
                said.append(f"# {visible(words)}")


def _command(way: Way, recipient: Recipient, variable: str, uploads: Mapping[str, str], wire: str) -> str:
    request = way.post(recipient, wire)
    path, text = request.path, quote(request.text)
    for digest in references(wire):
        text = text.replace(f'"sha256:{digest}"', f'"\'"${{{uploads[digest]}:?}}"\'"')
    if variable:
        path = path.replace(variable, f"${{{variable}:?}}")
        text = text.replace(_NOBODY_S, f"'\"${{{variable}:?}}\"'", 1)  # outside of what the shell takes as it is
    return (
        f'curl --silent --show-error --fail-with-body "{way.root}{path}" \\\n'
        f'  --header "{way.header}" --header "Content-Type: application/json" \\\n'
        f"  --data-binary {text}"
    )
