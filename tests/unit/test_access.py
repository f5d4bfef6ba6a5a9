"""Where the API is: one API however its URL is spelt, and no key in clear."""

import pytest

from flowrunner.client import EMULATOR, open_client
from flowrunner.client.access import InsecureError, OtherDialectError, address, limit_key, target_key
from flowrunner.clock import SYSTEM
from flowrunner.dialects import DIALECTS, dialect_of, kapso_v1

KEY = "kp_live/0123456789+abc=="
SAME = {
    "the production API": [
        *("https://app.kapso.ai", "https://app.kapso.ai/", "https://app.kapso.ai/api/v1", "HTTPS://APP.Kapso.AI"),
        *(
            "https://app.kapso.ai:443",
            "https://app.kapso.ai.",
            "https://app.kapso.ai.:443/api/v1/",
            "https://app.kapso.ai//",
        ),
        *("https://app.kapso.ai/./", "https://app.kapso.ai/x/../api/v1"),
    ],
    "this machine": [
        *("http://127.0.0.1:8600", "http://localhost:8600", "http://[::1]:8600/", "http://LOCALHOST.:8600/api/v1"),
        "http://[0:0:0:0:0:0:0:1]:8600",
    ],
    "this machine at the default port": ["http://localhost", "http://127.0.0.1:80", "http://[::1]:80/"],
    "a path": [
        *("https://h.example/kapso~gate", "https://h.example/kapso%7Egate/", "https://h.example/kapso%7egate/api/v1"),
        "https://h.example//kapso~gate",
    ],
    "a name with an accent": [
        "https://münchen.example",
        "https://xn--mnchen-3ya.example",
        "https://MÜNCHEN.example:443",
    ],
    "an address": ["https://[2001:db8::1]", "https://[2001:0DB8:0:0:0:0:0:1]:443"],
    "the emulator inside": [EMULATOR],
    "another program's own name": ["my own target"],
    "one number of several": [
        "https://app.kapso.ai/api/v1?whatsapp_config_id=7b",
        "https://app.kapso.ai:443/?whatsapp_config_id=7b",
    ],
    "a number on Meta's API, by any of its versions": [
        "meta https://api.kapso.ai/meta/whatsapp/v24.0/17",
        "meta https://api.kapso.ai:443/meta/whatsapp/v25.0/17",
    ],
    "another number on Meta's API": ["meta https://api.kapso.ai/meta/whatsapp/v24.0/18"],
    "that number at Meta itself": ["meta https://graph.facebook.com/v24.0/17"],
    "the emulator inside, by Meta's API": ["emulator meta"],
    "another number there": ["https://app.kapso.ai/api/v1?whatsapp_config_id=7c"],
}
OTHERS = [
    *("https://app.kapso.ai:8443", "http://app.kapso.ai", "https://app.kapso.ai/gate", "https://kapso.ai"),
    *("http://127.0.0.1:8601", "http://127.0.0.2:8600", "https://localhost:8600", "https://h.example/kapso%2Fgate"),
    "https://h.example/Kapso~gate",
]


def test_every_spelling_of_an_api_is_one_and_no_two_apis_are() -> None:
    """Runs there exclude each other, and are known as sent before."""
    keys = [{target_key(each) for each in spelt} for spelt in SAME.values()]
    assert [len(each) for each in keys] == [1] * len(SAME)
    different = [key for each in keys for key in each] + [target_key(each) for each in OTHERS]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("http://localhost:8600/", "http://localhost:8600/api/v1"),
        ("https://app.kapso.ai.:443", "https://app.kapso.ai/api/v1"),
        ("https://münchen.example/a%7Eb/", "https://xn--mnchen-3ya.example/a%7Eb/api/v1"),
        ("http://[0:0::1]:80", "http://[::1]/api/v1"),
        ("http://[FE80:0::1%eth0]:8600", "http://[fe80::1%eth0]:8600/api/v1"),
    ],
)
def test_what_is_asked_is_where_the_user_pointed(url: str, root: str) -> None:
    """``localhost`` may be another server than ``127.0.0.1``: only the journal takes them for one."""
    assert address(url, kapso_v1).root == root


@pytest.mark.parametrize(
    ("url", "spoken"),
    [
        *((url, "meta") for url in (
            "https://graph.facebook.com", "https://GRAPH.facebook.com/v24.0/", "https://api.kapso.ai/meta/whatsapp",
            "https://api.kapso.ai/meta/whatsapp/v24.0/1234", "http://127.0.0.1:8600/proxy/meta/whatsapp/",
            "http://localhost:8600/v24.0", "http://localhost:8600/v24.0/1234",
        )),
        *((url, "kapso-v1") for url in ("https://app.kapso.ai/api/v1", "http://127.0.0.1:8600/x/api/v1/")),
        *((url, "") for url in ("https://app.kapso.ai", "http://127.0.0.1:8600/", "https://proxy.example/whatsapp/v1")),
    ],
)  # fmt: skip
def test_an_address_of_another_dialect_is_refused(url: str, spoken: str) -> None:
    """Where an address may be of any, it is of what was chosen."""
    for name in DIALECTS:
        if spoken in {"", name}:
            assert address(url, dialect_of(name), "1234").root
            continue
        with pytest.raises(OtherDialectError, match=f"speaks {spoken}, not {name}"):
            address(url, dialect_of(name), "1234")


CLEAR = [
    *("http://app.kapso.ai", "http://10.0.0.7:8600", "http://0.0.0.0:8600", "http://[2001:db8::1]", "http://[::]:1"),
    *(
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.1",
        "http://2130706433",
        "http://host",
    ),
]
ON_THIS_MACHINE = [
    *("http://localhost", "http://localhost.:1", "http://LocalHost", "http://127.0.0.1:8600", "http://127.9.8.7"),
    *("http://[::1]:8600", "http://[0:0:0:0:0:0:0:1]", "https://app.kapso.ai", "https://10.0.0.7"),
]


@pytest.mark.parametrize("url", CLEAR)
def test_the_key_does_not_go_over_http_to_another_machine(url: str) -> None:
    """Unless that is asked for."""
    with pytest.raises(InsecureError, match="over http the API key could be read on its way to"):
        open_client(url, KEY, clock=SYSTEM)
    open_client(url, KEY, insecure=True, clock=SYSTEM)


@pytest.mark.parametrize("url", ON_THIS_MACHINE)
def test_https_and_this_machine_are_safe(url: str) -> None:
    """No option is needed for the emulator."""
    open_client(url, KEY, clock=SYSTEM)


@pytest.mark.parametrize(
    "url",
    [
        *(f"https://{KEY}@h.example", f"https://user:{KEY}@h.example", f"https://h.example/?key={KEY}", f"ftp://{KEY}"),
        *(
            f"https://h.example/#{KEY}",
            f"https://h.example/{KEY}",
            f"{KEY}",
            f"user:{KEY}@h.example",
            f"https://h:{KEY}",
        ),
        *(f"https://h.example/{KEY.encode().hex()}", f"https://{KEY}%41.example/", f"https://[{KEY}]/"),
    ],
)
def test_a_url_that_holds_the_key_is_refused_and_not_repeated(url: str) -> None:
    """Whatever else is wrong with it."""
    with pytest.raises(ValueError, match="the API's URL") as refused:
        open_client(url, KEY, clock=SYSTEM)
    assert KEY not in str(refused.value)
    assert "0123456789" not in str(refused.value)


TOGETHER = [
    {"https://app.kapso.ai", "https://APP.kapso.ai/api/v1?whatsapp_config_id=7", "meta https://api.kapso.ai/110987654321",
     "meta https://api.kapso.ai/meta/whatsapp/v24.0/110987654322"},
    {"http://127.0.0.1:8600", "http://localhost:8600/api/v1", "meta http://127.0.0.1:8600/meta/whatsapp/v24.0/1"},
    {"http://127.0.0.1:8601"},
    {"http://10.0.0.7"},
    {"http://11.0.0.7"},
    {"https://kapso.example.com"},
    {"meta https://graph.facebook.com/v24.0/1", "meta https://graph.facebook.com/1"},
    {"meta https://graph.facebook.com/v24.0/2"},
    {"meta http://127.0.0.1:8600/v24.0/1"},
]  # fmt: skip
"""Those whose requests are counted together, where the key is one."""


def test_what_is_counted_together_has_one_limit() -> None:
    """A provider's APIs, whatever dialect and number; at Graph a number."""
    keys = [{limit_key(each) for each in together} for together in TOGETHER]
    assert [len(each) for each in keys] == [1] * len(TOGETHER)
    assert len(set().union(*keys)) == len(TOGETHER)
