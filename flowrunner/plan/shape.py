"""What each line of a plan must look like: a seal proves that a plan is whole, not that flowrunner wrote it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flowrunner.campaign.schedule import schedule_from
from flowrunner.client.access import address
from flowrunner.client.targets import read_target
from flowrunner.model import CONVERSATION_ID, FILE_NAME, USER_ID
from flowrunner.phones.zones import named_zone
from flowrunner.plan.values import SHUT, VERSIONS, Header, PlanError
from flowrunner.source.plan_mark import MARK
from flowrunner.spec.validators import fragment_validator

_UNLIKE: Final = "line {} of it is not what flowrunner writes"
_TEXT: Final = {"type": "string", "pattern": r"^[^\x00]*$", "maxLength": 8 << 20}
_PATH: Final = {"type": "string", "pattern": r"^[^\x00]+$", "maxLength": 4096}
_DIGEST: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_LINE: Final = {"type": "integer", "minimum": 1, "maximum": 0xFFFFFFF}
_MOMENT: Final = {"type": "number", "minimum": 0, "maximum": 1 << 33}
"""Seconds since the epoch, up to the year 2242."""
_WHO: Final = {
    "phone": {"type": "string", "pattern": "^[+][0-9]{4,20}$"},
    "conversation": {"type": "string", "pattern": f"^{CONVERSATION_ID}$"},
    "user_id": {"type": "string", "pattern": f"^{USER_ID}$"},
}
_ANY_OF_THEM: Final = [{"required": [name]} for name in _WHO]


def _object(required: Mapping[str, Any], optional: Mapping[str, Any], **more: Any) -> str:
    shape = {"type": "object", "properties": {**required, **optional}, "required": list(required), **more}
    return json.dumps({**shape, "additionalProperties": False})


_HEAD: Final = _object(
    {
        "flowrunner_plan": {"enum": list(VERSIONS)},
        "flow_path": _PATH,
        "flow_text": _TEXT,
        "files": {"type": "object", "propertyNames": _PATH, "additionalProperties": _DIGEST},
        "audience": _TEXT,
        "journal": _PATH,
        "target": _PATH,
        "now": {"type": "string", "format": "date-time"},
        "created_at": _MOMENT,
        "schedule": json.loads(
            _object({}, {"at": _PATH, "quiet_hours": _PATH, "not_within": {**_MOMENT, "maximum": 1 << 40}})
        ),
    },
    {
        "flow_files": {
            "type": "object",
            "propertyNames": {"pattern": f"^{FILE_NAME}$"},
            "additionalProperties": _TEXT,
            "minProperties": 1,
        }
    },
    allOf=[
        {"if": {"required": ["flow_files"]}, "then": {"properties": {MARK: {"enum": [2, 3, 4]}}}},
        {"if": {"properties": {MARK: {"const": 2}}}, "then": {"required": ["flow_files"]}},
    ],
)
_IN_A_ROW: Final = {"type": "array", "items": {"type": "object"}}
_BY_STEP: Final = {"type": "object", "additionalProperties": {"type": "object"}}


def _person(messages: Mapping[str, Any]) -> str:
    said = {"line": _LINE, "zone": _TEXT, "variables": {"type": "object"}, "messages": messages}
    return _object(said, {**_WHO, SHUT: messages}, anyOf=_ANY_OF_THEM)


_PERSON: Final = _person({"anyOf": [_IN_A_ROW, _BY_STEP]})
"""By step where the flow has branches, or files in it; that each is what would be sent is seen when it is rendered."""
_LISTENER: Final = _person(_BY_STEP)
"""Of somebody whose flow listens."""
_LEFT_OUT: Final = _object(
    {"left_out": {"enum": ["skipped", "invalid"]}, "line": _LINE, "reason": _TEXT},
    dict.fromkeys(_WHO, _TEXT),
    anyOf=_ANY_OF_THEM,
)


def check_head(said: Mapping[str, Any]) -> None:
    """Make sure that a plan's first line is what `plan_lines` writes.

    Raises:
        PlanError: It is not.
    """
    _check(said, _HEAD, 1)
    try:
        datetime.fromisoformat(said["now"])
        schedule_from(said["schedule"], said["created_at"]).next("", said["created_at"])
        Header.of(said)
        its = read_target(said["target"])
        is_root = address(its.url, its.spoken, its.number).root.removesuffix(f"/{its.number}") == its.url
    except (ValueError, OverflowError):
        is_root = False
    if not is_root:
        raise PlanError(_UNLIKE.format(1))


def check_row(said: Mapping[str, Any], number: int, after: int, *, zoned: bool, listens: bool) -> int:
    """Make sure that a line of a plan is what `plan_lines` writes. Returns its line in the audience's file.

    Args:
        said: The line.
        number: Which line of the plan it is.
        after: The audience's line of the one before it, of the same kind: they rise.
        zoned: Whether everybody who is sent to must have a time zone.
        listens: Whether its flow does.

    Raises:
        PlanError: It is not.
    """
    is_person = "left_out" not in said
    _check(said, (_LISTENER if listens else _PERSON) if is_person else _LEFT_OUT, number)
    line: int = said["line"]
    zone = str(said.get("zone", ""))
    if line <= after or (is_person and (named_zone(zone) is None if zone else zoned)):
        raise PlanError(_UNLIKE.format(number))
    return line


def _check(said: Mapping[str, Any], shape: str, number: int) -> None:
    try:
        is_right = fragment_validator(shape).is_valid(said)
    except ValueError:  # half of a character
        is_right = False
    if not is_right:
        raise PlanError(_UNLIKE.format(number))
