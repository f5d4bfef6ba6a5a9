"""How one person reads a flow that says its languages: in which of them, and by which clock."""

from collections.abc import Callable, Mapping
from functools import partial

from flowrunner.diagnostics import Location, Route
from flowrunner.engine.values.given import Given
from flowrunner.flow.translations.languages import LANGUAGE, TIMEZONE
from flowrunner.languages.codes import among
from flowrunner.languages.countries import language_of
from flowrunner.model import EXAMPLE_RECIPIENT, Flow, Recipient
from flowrunner.phones.zones import zone_of

Locate = Callable[[Route], Location]


def with_reader(given: Mapping[str, Given], recipient: Recipient, flow: Flow, locate: Locate) -> Mapping[str, Given]:
    """The values with ``language`` and ``timezone``, as far as the flow has these inputs.

    Each is what was given; else what the phone's country tells; else the input's default, which is the flow's own
    language, or no time zone, where its author says none.

    Args:
        given: Values by name.
        recipient: Whom they are for.
        flow: The flow.
        locate: Tells where in its file a value stands.
    """
    found = dict(given)
    whom = Recipient() if recipient == EXAMPLE_RECIPIENT else recipient
    if len(flow.languages) > 1:
        _language(found, whom, flow, locate)
    if TIMEZONE in flow.inputs and TIMEZONE not in found:
        zone = zone_of(whom, "")
        if zone is not None or not flow.inputs[TIMEZONE].default:
            found[TIMEZONE] = Given(zone.key if zone else "", partial(locate, ("languages",)), stands_in="phone")
    return found


def _language(found: dict[str, Given], whom: Recipient, flow: Flow, locate: Locate) -> None:
    told = found.get(LANGUAGE)
    if told is not None:
        # As the flow has it: es for es-MX. What it does not have is refused like any other value.
        found[LANGUAGE] = told._replace(value=among(str(told.value), flow.languages) or told.value)
        return
    spoken = language_of(whom.phone, flow.languages)
    if spoken or not flow.inputs[LANGUAGE].has_default:
        code = spoken or flow.languages[0]
        place = partial(locate, ("languages", flow.languages.index(code)))
        found[LANGUAGE] = Given(code, place, stands_in="phone" if spoken else "default")
