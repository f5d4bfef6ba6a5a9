"""The signs of the pages, drawn as SVG: no font has them all, and none is fetched."""


def _icon(path: str, box: str = "0 0 24 24") -> str:
    return f'<svg class="icon" viewBox="{box}" aria-hidden="true" focusable="false"><path d="{path}"/></svg>'


IMAGE = _icon(
    "M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zm4 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4z"
    "M4 18h16l-5.5-7-4 5-2.5-3z"
)
PLAY = _icon("M8 5v14l11-7z")
FILE = _icon("M6 2h8l5 5v13a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zm7 1.5V8h4.5z")
PERSON = _icon("M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm0 2c-4 0-8 2-8 5v2h16v-2c0-3-4-5-8-5z")
REPLY = _icon("M10 9V5l-7 7 7 7v-4.1c5 0 8.5 1.6 11 5.1-1-5-4-10-11-11z")
LIST = _icon("M3 5h2v2H3zm4 0h14v2H7zM3 11h2v2H3zm4 0h14v2H7zM3 17h2v2H3zm4 0h14v2H7z")
TEMPLATE = _icon("M3 3h18v5H3zm0 7h11v11H3zm13 0h5v11h-5z")
PIN = (
    '<path class="pin" d="M160 78c-12-17-20-27-20-38a20 20 0 1 1 40 0c0 11-8 21-20 38z"/>'
    '<circle class="hole" cx="160" cy="40" r="7"/>'
)
MAP = (
    '<svg class="map" viewBox="0 0 320 120" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
    '<rect class="land" width="320" height="120"/><path class="park" d="M0 0h88v44H0zM226 70h94v50h-94z"/>'
    '<path class="water" d="M0 92c50-12 84 12 132 6v22H0z"/>'
    '<path class="road" d="M-5 62 325 44M104-5v130M212-5 230 125M-5 20 325 96"/>'
    f"{PIN}</svg>"
)
_LOUD = (2, 3, 6, 4, 8, 10, 7, 4, 2, 5, 9, 11, 6, 3, 4, 8, 5, 2, 3, 7, 10, 6, 4, 9, 5, 3, 2)
_BARS = "".join(f"M{3 + 5 * at} {12 - high}v{2 * high}" for at, high in enumerate(_LOUD))
WAVE = (
    '<svg class="wave" viewBox="0 0 140 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
    f'<path d="{_BARS}"/></svg>'
)

CLOCK = _icon(
    "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.5a5 5 0 1 1 0 10A5 5 0 0 1 8 3z"
    "m-.7 1.5v4l3 1.8.7-1.1-2.4-1.5V4.5z",
    "0 0 16 16",
)
TICK = _icon("M5.8 10.6 2.9 7.7 1.7 8.9l4.1 4.1L14.3 4.5l-1.2-1.2z", "0 0 16 16")
TICKS = _icon(
    "M5.8 10.6 2.9 7.7 1.7 8.9l4.1 4.1L14.3 4.5l-1.2-1.2zM10.3 10.6l-.6-.6-1.2 1.2 1.8 1.8L18.8 4.5l-1.2-1.2z",
    "0 0 20 16",
)
FAILED = _icon("M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-.9 3.2h1.8v5H7.1zm0 6.2h1.8v1.7H7.1z", "0 0 16 16")
