"""What every answer of an API means for the message: the table that all dialects share, and how it is read.

A row reads like the API's own tables: HTTP status, code, words. Of those that fit, one with a code decides before one
with words, and that before one with a status alone; of equals a dialect's own, then the first. Meta says to build on
the code, and throttling arrives as HTTP 400:
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes.

Only what the API's description calls a refusal is one. Every other answer to a message leaves it in doubt, a redirect
and an unknown 4xx too: somebody in between gave it, and may have passed the message on.
"""

from collections.abc import Sequence
from typing import Final

from flowrunner.client.access import KEY_ENV
from flowrunner.client.answers import Said
from flowrunner.dialects.errors import MOMENT, STEADY, WINDOW, Backoff, InDoubt, Rejected, Retryable, TransportError
from flowrunner.dialects.refusals import OUTSIDE, Row, doubt, exclude, reject, retry, stop
from flowrunner.dialects.values import Answer

PAIR: Final = Backoff(first=1, factor=4, most=256)
"""4^n seconds, as Meta asks for its limit of one sender to one recipient."""
LATER: Final = Backoff(first=30, factor=2, most=900)
"""Meta counts an app's and an account's calls over an hour."""
_TIMED_OUT: Final = 408


_SLOWER = "wait, or send fewer messages at a time"
_TEMPLATE = "WhatsApp takes only an approved template now: send message_type template, or wait until the person writes"
_SHUT = "24-hour window|24 hour window|24h window|customer service window"
_LATER_HINT = "WhatsApp is having problems at the moment: https://metastatus.com/whatsapp-business-api"
_PARAMS = "give template_params exactly as many values, of the same kind, as the approved template has placeholders"
_NAME = "check template_name and template_language: that template must be approved in that language"
_REGISTER = "the sending number is not registered: connect it again in Kapso"
_URL = "check the API's URL (--api-url or FLOWRUNNER_API_URL)"
_NUMBER = "the key knows no number with that id: check the sender's number (--number), and what the key was given"

# No source says of any 5xx, nor of codes 1, 2, 131000, 131016, 131057 and 133004, that nothing was sent. Meta's
# "retry" for them is not "not taken", and the API has no idempotency key: a blind retry could send twice. So they are
# in doubt, which costs one look at the conversation before the retry.
TABLE: Final = (
    #       HTTP   code                      words   back-off  hint
    # A yes that cannot be read comes here too: whatever it says besides, the API said yes.
    doubt("2xx", "", "", f"the API said yes, but not in its usual form; {_URL}"),
    doubt("3xx", "", "", f"{_URL}; redirects are not followed, so that the key goes nowhere else"),
    retry("no", "4 80007", "", LATER, f"the hourly limit of API calls at Meta is used up; {_SLOWER}"),
    retry("no", "130429", "", STEADY, f"the number sends faster than WhatsApp lets it; {_SLOWER}"),
    retry("no", "131056", "", PAIR, "this person gets more than one message in 6 seconds; wait"),
    stop("no", "131048", "", "people blocked or reported this number: look at its quality rating, and wait hours"),
    doubt("no", "1 2 133004", "", _LATER_HINT),
    doubt("5xx", "1 2 133004 131000 131016 131057", "", _LATER_HINT),
    stop("no", "0 190", "", "WhatsApp does not take the access token: connect the number again in Kapso, or renew it"),
    stop("no", "10 200-299 131005", "", "Kapso lacks a permission for this number: connect it again in Kapso"),
    stop("no", "368 131031", "", "Meta has restricted the WhatsApp account: see Business Support Home"),
    exclude("no", "130497", "", "this account may not write to people in that country"),
    stop("no", "33", "", "the sending number was deleted: choose another one in Kapso"),
    stop("no", "100", "object with id|phone number not found", _NUMBER),
    reject("no", "100 131008 131009 135000", "", "a field is missing, misspelled or wrong; the API says which"),
    exclude("no", "130472", "", "this person is part of an experiment of Meta's and gets no marketing messages"),
    exclude("no", "131021", "", "the recipient is the sending number itself: choose another recipient"),
    exclude("no", "131026", "", "the person may lack WhatsApp, a recent version of it, or its accepted terms"),
    exclude("no", "131030", "", "a test number writes only to the phones on its list at Meta: add this one there"),
    reject("no", "1026", "", "the person's WhatsApp cannot show this kind of message: send another kind"),
    stop("no", "131037", "", "the number's display name is not approved yet: see WhatsApp Manager"),
    stop("no", "131042", "", "Meta cannot bill the account: fix its payment method in WhatsApp Manager"),
    stop("no", "131045 133010", "", _REGISTER),
    stop("500", "131045", "", _REGISTER),  # the only code that Meta gives with a 500 and calls a refusal
    exclude("no", OUTSIDE, "", _TEMPLATE),
    exclude("no", "131049", "", "WhatsApp held a marketing message back: try again after 24 hours at the earliest"),
    exclude("no", "131050 marketing_preference_stopped", "", "the person stopped marketing messages: send no more"),
    reject("no", "131051", "", "WhatsApp does not know this kind of message: choose another message_type"),
    reject("no", "131052 131053", "", "WhatsApp could not load the media: check its URL, type and size"),
    reject("no", "132000 132012", "", _PARAMS),
    reject("no", "132001", "", _NAME),
    reject("no", "132005", "", "the template with its values filled in is too long: shorten template_params"),
    reject("no", "132007", "", "the template breaks WhatsApp's content policy: change it, and have it approved"),
    reject("no", "132015 132016", "", "the template is paused or disabled for its quality: use another one"),
    reject("no", "132018", "", "a value in template_params has a line break, a tab or more than 4 spaces in a row"),
    reject("no", "132068 132069", "", "the WhatsApp Flow in it is blocked or throttled: see WhatsApp Manager"),
    stop("no", "insufficient_credits", "", "add money to the Kapso project's balance, then resume"),
    stop("no", "messaging_account_mismatch", "", "the conversation belongs to another number or account in Kapso"),
    retry("409", "", "in-flight|in flight|retry shortly", MOMENT, "the message before it is still on its way"),
    exclude("409", "", "agent execution", "an agent holds this conversation: hand it over or stop the agent in Kapso"),
    exclude("403", "", "sandbox", "write to the sandbox number from that phone first, with its activation code"),
    exclude("no", "", _SHUT, _TEMPLATE)._replace(stands_for=OUTSIDE),
    reject("no", "", "template requires", _PARAMS),
    reject("404", "", "template not found", _NAME),
    stop("404", "", "phone number not found", "the sending number is not connected in Kapso"),
    stop("404", "", "not json", _URL),
    stop("400", "", "plain http|http request to an https", "this port speaks https: start the URL with https://"),
    stop("401", "", "", f"check the API key in {KEY_ENV}"),
    stop("402", "", "", "add money to the Kapso project's balance, then resume"),
    stop("403", "", "", f"the API key in {KEY_ENV} may not do this: check which Kapso project it belongs to"),
    doubt("408", "", "", "a gateway gave up waiting; the API may have the message"),
    retry("429", "", "", WINDOW, f"the Kapso plan's requests for this minute are used up; {_SLOWER}"),
    doubt("407", "", "", "the proxy wants a user and password: set HTTPS_PROXY, or NO_PROXY to go without it"),
    reject("no", "", "", "the API's words say what it does not accept"),
    doubt("5xx", "", "", "the API failed on its side; it may have the message"),
    doubt("any", "", "", f"the API is not known to give such an answer; {_URL}"),
)


def row_for(status: int, code: str, words: str, own: Sequence[Row] = ()) -> Row:
    """The line that decides for such an answer; ``own`` are the dialect's."""
    folded = words.casefold()
    return max(
        (row for row in (*own, *TABLE) if row.fits(status, code, folded)),
        key=lambda row: (bool(row.codes), bool(row.words)),  # of equals the first
    )


def of_failed(reason: str) -> dict[str, str]:
    """What is known of a message that failed once it was taken: what to do, and whom it concerns beside itself.

    Args:
        reason: Why, with the code in front, as `flowrunner.dialects.values.RemoteMessage.error` has it.
    """
    code, _, words = reason.partition(":")
    known = (row._replace(status="any") for row in TABLE if code in row.codes)
    row = next((row for row in known if row.fits(0, code, words.casefold())), None)
    if row is None:
        return {}
    return {"hint": row.hint} | ({"concerns": row.concerns} if row.concerns != "message" else {})


def outcome(
    answer: Answer,
    said: Said,
    retry_after: float | None,
    own: Sequence[Row] = (),
    *,
    sending: bool,
    key_env: str = KEY_ENV,
) -> TransportError:
    """The error that an answer other than the expected yes stands for.

    Args:
        answer: Any answer that is not a readable yes.
        said: What it said.
        retry_after: Seconds it asks to wait, or None.
        own: The dialect's own rows.
        key_env: The environment variable that has the key.
        sending: Whether a message was posted. A read can always be done again: for it nothing is in doubt.
    """
    row = row_for(answer.status, said.code, said.words, own)
    kind = row.kind
    if kind is InDoubt and not sending:
        # Asked again, whoever gives such an answer to a question gives the same.
        is_final = not row.codes and 300 <= answer.status < 500 and answer.status != _TIMED_OUT
        kind = Rejected if is_final else Retryable
    hint = row.hint.replace(KEY_ENV, key_env)
    hint = f"{hint}; see {said.link}" if said.link else hint
    return kind(
        said.words, hint=hint, status=answer.status, code=said.code or row.stands_for, backoff=row.backoff,
        retry_after=retry_after, concerns=row.concerns,
    )  # fmt: skip
