"""A yes or a no as people write it: whole, or beside what changes nothing of it."""

import re
from typing import Final

from flowrunner.spec.plainly import plainly, words_of

_YES: Final = (
    "si", "sim", "yes", "y", "s", "yeah", "yea", "yep", "yup", "sip", "oui", "ja", "da", "true", "sure", "ok", "okay",
    "okey", "okei", "oki", "fine", "alright", "all right", "of course", "sounds good", "absolutely", "definitely",
    "perfect", "correct", "exactly", "dale", "vale", "claro", "claro que si", "claro que sim", "por supuesto",
    "por supuesto que si", "desde luego", "asi es", "obvio", "obvio que si", "de acuerdo", "esta bien", "con gusto",
    "perfecto", "correcto", "exacto", "afirmativo", "adelante", "listo", "acepto", "confirmo", "confirmado", "quiero",
    "certo", "isso", "isso mesmo", "com certeza", "com prazer", "ta bom", "tudo bem", "beleza", "combinado", "aceito",
    "quero",
)  # fmt: skip
_NO: Final = (
    "no", "n", "nao", "non", "nope", "nop", "nah", "nein", "nunca", "never", "false", "negativo", "not now", "not yet",
    "of course not", "i do not", "i don't", "i dont", "i cannot", "i can't", "i cant", "i will not", "i won't",
    "i wont", "por supuesto que no", "obvio que no", "claro que no", "claro que nao", "para nada", "de ninguna manera",
    "de jeito nenhum", "ahora no", "por ahora no", "hoy no", "todavia no", "aun no", "agora nao", "por enquanto nao",
    "ainda nao", "no quiero", "no acepto", "no confirmo", "no puedo", "no podre", "nao quero", "nao aceito",
    "nao confirmo", "nao posso", "nao vou",
)  # fmt: skip
_BESIDE: Final = (
    "gracias", "muchas gracias", "mil gracias", "por favor", "porfavor", "porfa", "please", "pls", "thanks",
    "thank you", "obrigado", "obrigada", "muito obrigado", "muito obrigada", "pois", "pues", "merci", "danke", "bitte",
    "senor", "senora", "i do", "i will",
)  # fmt: skip
_UNCLEAR: Final = ("ja ja",)  # a laugh
_ASKS: Final = frozenset("?\uff1f\u061f")
_YES_SIGNS: Final = frozenset("\U0001f44d\u2705\u2714\u2611\U0001f44c\U0001f4af")
_NO_SIGNS: Final = frozenset("\U0001f44e\u274c\U0001f6ab")


def _short(words: str) -> str:
    """``siii`` as ``si``, ``okkk`` as ``ok``."""
    return re.sub(r"(\w)\1+", r"\1", words)


_KINDS: Final = {
    _short(words): kind
    for several, kind in ((_YES, True), (_NO, False), (_BESIDE, None), (_UNCLEAR, "?"))
    for words in several
}
_SAID: Final = re.compile(f" ({'|'.join(sorted(_KINDS, key=len, reverse=True))})(?= )")


def yes_or_no(text: str) -> bool | None:
    """True for a yes, False for a no, None for what is neither, both or a question."""
    signs = set(plainly(text)) - {" "}
    if signs and (signs <= _YES_SIGNS or signs <= _NO_SIGNS):
        return signs <= _YES_SIGNS
    words = _short(words_of(text))
    if not _ASKS.isdisjoint(text) or _SAID.sub("", words).strip():
        return None
    kinds = {_KINDS[words] for words in _SAID.findall(words)} - {None}
    return kinds == {True} if kinds in ({True}, {False}) else None
