"""The language of one person, of those that a flow has."""

from collections.abc import Callable, Mapping
from functools import partial

from flowrunner.diagnostics import Location, Route
from flowrunner.engine.given import Given
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.languages.codes import among
from flowrunner.languages.countries import language_of
from flowrunner.model import EXAMPLE_RECIPIENT, Flow, Recipient


def with_language(
    given: Mapping[str, Given], recipient: Recipient, flow: Flow, locate: Callable[[Route], Location]
) -> Mapping[str, Given]:
    """The values with the one of ``language``, for a flow in several.

    It is what was given, as the flow has it (``es`` for ``es-MX``); else the language of the phone's country; else the
    default of the input where it is declared; else the flow's own.

    Args:
        given: Values by name.
        recipient: Whom they are for.
        flow: The flow.
        locate: Tells where in its file a value stands.
    """
    told = given.get(LANGUAGE)
    if told is not None:
        served = among(str(told.value), flow.languages)
        return {**given, LANGUAGE: told._replace(value=served)} if served else given
    spoken = "" if recipient == EXAMPLE_RECIPIENT else language_of(recipient.phone, flow.languages)
    if not spoken and flow.inputs[LANGUAGE].has_default:
        return given
    code = spoken or flow.languages[0]
    place = partial(locate, ("languages", flow.languages.index(code)))
    return {**given, LANGUAGE: Given(code, place, stands_in="phone" if spoken else "default")}
