"""Web addresses: what keeps WhatsApp from fetching one, and what its author most likely meant.

What is an address at all stands in the schemas, in one pattern for all fields that take one.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote, urlsplit

from flowrunner.data import schemas
from flowrunner.diagnostics import HOLE, Problem, warning
from flowrunner.source.marks import first_mark, named, trimmed
from flowrunner.spec.files import message_schema
from flowrunner.spec.words import listed, shown

_FILE: Final = r"\.[A-Za-z0-9]{2,5}\Z"
_BAD: Final = r'[\s<>"{}\\]'
_PLACE: Final = r"[Hh][Tt][Tt][Pp][Ss]?://([^/?#]*)([/?#]|\Z)"
_ON_DISK: Final = r"(?i:file:)|[A-Za-z]:[\\/]|\\\\|~[\\/]|\.{1,2}[\\/]|/(?!/)|[^/:\n]+\.[a-z0-9]{2,4}\Z"
_AROUND: Final = "\"'<>“”„‘’«»`()"
_ODD: Final = r"(?:[^!-~\ufffc\s]|[\[\]^`|])+"
"""What stands in an address only in the code of addresses."""
_SCHEMES: Final = ("http", "https")
_SCRIPTS: Final = frozenset("php phtml asp aspx ashx axd jsp jspx do action cgi cfm pl".split())
"""Endings of programs, whose answer may be a file of any type."""
_ITSELF: Final = "use an address that gives the file itself, not a page that shows it"


@lru_cache(maxsize=1024)
def media_address(text: str, name: str) -> tuple[Problem, ...]:
    """What may keep WhatsApp from fetching a file; `name` is the field's. What has no `HOLE` in its host is looked at.

    Mostly many people get the same file.
    """
    return tuple(_media_address(text, name))


def _media_address(text: str, name: str) -> Iterator[Problem]:
    host = _host(text)
    if host in _SCHEMES:  # https://https://
        yield from address(text, name)
        return
    if text[:7].lower() == "http://":
        message = f"{name} is a plain http address, which anybody on the way can read and change"
        yield warning("plain-http", message, "write https:// if the server has it")
    if host and _is_local(host):
        message = f"{name} is on {host}, which WhatsApp cannot reach"
        yield warning("local-address", message, "put the file on a server that the internet reaches")
    elif host:
        yield from _page(text, host, name)
    if host or HOLE in text:
        yield from address(text, name)


def address(text: str, name: str) -> Iterator[Problem]:
    """What a browser takes in an address, and others may not; of one with a `HOLE`, what keeps it from being one."""
    if HOLE in text and (bad := re.search(_BAD, text)):
        message = f"{name} has {shown(bad.group())}, which no web address can hold"
        yield Problem("bad-format", message, hint="remove it; a space in an address is written as %20")
        return
    place = re.match(_PLACE, text)
    if place is None:
        return
    scheme, rest = place[1].rstrip(":"), text[place.end() :].lstrip("/")
    if scheme.lower() in _SCHEMES and rest:
        message = f"{name} begins with http:// or https:// twice"
        yield warning("unusual-address", message, f"write {scheme}:// for {text.removesuffix(rest)}")
        return
    if "@" in place[1]:
        message = f"{name} has a user name or password before its host, which is often not sent"
        yield warning("unusual-address", message, "use an address that needs no login")
    if found := re.search(r"#[/!].*", text):
        message = f"{name} has a part after #, which is never sent to a server"
        yield warning("unusual-address", message, _ITSELF, found.start(), len(found.group()))
    rest = text[place.end(1) :]
    odd = None if rest.isascii() and rest.isalnum() else re.search(_ODD, rest)
    if odd is not None:
        message = f"{name} has characters that an address cannot hold as they are"
        every = dict.fromkeys(re.findall(_ODD, rest))
        hint = f"write {listed([f'{quote(each)} for {each}' for each in every], 'and')}"
        if first_mark(odd.group()):
            message, hint = f"{name} has the invisible character {named(odd.group())}", "remove it"
        yield warning("unusual-address", message, hint, place.end(1) + odd.start())


def is_program(name: str) -> bool:
    """Whether what an address names is a program, not a file."""
    return name.rpartition(".")[2].lower() in _SCRIPTS


def named_file(text: str, name: str) -> Iterator[Problem]:
    """The address of a document without a file name beside it: the name in the address is shown."""
    last = re.split(r"[?#]", text, maxsplit=1)[0].rpartition("/")[2]
    if HOLE not in last and (not re.search(_FILE, last) or is_program(last)):
        yield from no_file_name(text, name)


def no_file_name(_text: str, name: str) -> Iterator[Problem]:
    """A document that comes without a name."""
    field = "header_filename" if name.startswith("header_") else "filename"
    message = f"{field} is missing: the document arrives as Untitled"
    yield warning("no-file-name", message, f"add {field}, for example: {field}: prices.pdf")


def remedy(text: str, name: str, *, media: bool) -> str:
    """How to make an address of what is none, of a field of that name; empty where only its author knows."""
    ends = trimmed(text)
    if first_mark(text) and _is_address(ends):
        return f"remove the invisible character {named(first_mark(text))}"
    inner = ends.strip(_AROUND)
    if inner != ends and _is_address(inner) and ends[0] in _AROUND:
        return f"write it without what is around it: {inner}"
    if (linked := re.fullmatch(r"!?\[[^\]]*\]\((\S+)\)", ends)) and _is_address(linked[1]):
        return f"write the address alone: {linked[1]}"
    if len(re.findall("https?://", ends, re.IGNORECASE)) > 1 and re.search(r"[\s,;|]", ends):
        return "write one address; another file is a message of its own"
    what = (
        "line break at the end: write |- for |, or >- for >"
        if text.endswith("\n")
        else "white space before or after it"
    )
    for fixed, hint in (
        (ends, f"remove the {what}"),
        (re.sub("(?<=[/?&=]) ", "", ends), "write it on one line, with no space: "),  # it was folded there
        (ends.replace(" ", "%20"), "write %20 for each space: "),
        (ends.replace("\\", "/"), "write / for each \\: "),
        (f"https:{ends}" if ends.startswith("//") else "", "write "),
        (f"https://{ends}" if "://" not in ends and "." in ends.partition("/")[0] else "", "write "),
    ):
        is_file = "://" not in ends and bool(re.match(_ON_DISK, ends))
        if fixed != text and _is_address(fixed) and not (media and is_file):
            return f"{hint}{fixed}" if hint[-1] == " " else hint
    if media and re.match(_ON_DISK, ends):
        upload = "header_media_id" if name.startswith("header_") else "media_id"
        return f"put the file on a web server and write its address, or upload it and write {upload}"
    known = next((each for each in _sites()["remedies"] if re.search(each["match"], ends)), {"hint": ""})
    return str(known.get("media" if media else "hint", known["hint"]))


@cache
def _address_pattern() -> re.Pattern[str]:
    return re.compile(message_schema("image")["properties"]["media_url"]["pattern"])


@cache
def _sites() -> Any:
    """Which hosts WhatsApp can get no file from.

    ``local`` ends those that are not of the internet. An address that is like one of ``links`` (on these hosts, or on
    any) leads to a page; so does one below ``pages`` unless a file is named in it, but on the hosts that begin with one
    of ``file_hosts``. ``remedies`` are for what is no address, of a file or of something else.
    """
    return json.loads((schemas() / "sites.json").read_bytes())


def _is_address(text: str) -> bool:
    return "\n" not in text and _address_pattern().search(text) is not None


def _host(text: str) -> str:
    """The host of an address in small letters; empty where it is not known yet."""
    place = re.match(_PLACE, text)
    if place is None or HOLE in place[1] or (not place[2] and HOLE in text):
        return ""
    host = place[1].rpartition("@")[2]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return host.rstrip(".").lower()


def _is_local(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rpartition(".")[2] in _sites()["local"]


def _page(text: str, host: str, name: str) -> Iterator[Problem]:
    """An address at which a browser shows a page, in which the file is."""
    path = urlsplit(text.replace("[", "").replace("]", "")).path
    likely = (each for each in _sites()["links"] if not each["hosts"] or _is_below(host, each["hosts"]))
    found = next(((each, link) for each in likely if (link := re.search(each["match"], text))), None)
    site, hint = (found[0]["site"], found[1].expand(found[0].get("hint", _ITSELF))) if found else ("", _ITSELF)
    names_file = re.search(_FILE, path) and not re.search(r"\.html?\Z", path, re.IGNORECASE)
    if not found and not names_file and host.partition(".")[0] not in _sites()["file_hosts"]:
        site = next((each for each, hosts in _sites()["pages"].items() if _is_below(host, hosts)), "")
    if site:
        message = f"{name} leads to a page of {site}, not to a file"
        yield warning("page-not-file", message, hint)


def _is_below(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
