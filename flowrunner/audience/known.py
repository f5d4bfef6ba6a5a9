"""Who was met before: a set that knows at which line, in some 20 bytes a recipient."""

from hashlib import blake2b

from flowrunner.model import Recipient
from flowrunner.phones.spellings import identity

_BUCKETS = 1 << 16
_MASK = _BUCKETS - 1
_LINE = 4


class Known:
    """Recipients by what makes them the same person, each with the line it first stood in.

    A phone is kept as its digits, so two different phones are never mistaken for each other. A conversation's id is
    kept as 128 bits of BLAKE2b: that two of a million share them has a chance of 1 in 10^27.

    A Python set of a million such keys takes 90 MB. Here they stand one after the other in 65,536 short byte strings,
    and are found by `bytes.find`, which runs at the speed of memory.
    """

    def __init__(self) -> None:
        self._phones = [b""] * _BUCKETS
        self._conversations: list[bytes] = []
        self._count = 0

    @property
    def kinds(self) -> set[str]:
        """``phone``, ``conversation``: by what they are kept."""
        has = {"phone": any(self._phones), "conversation": bool(self._conversations)}
        return {kind for kind, there in has.items() if there}

    def __len__(self) -> int:
        return self._count

    def __contains__(self, recipient: Recipient) -> bool:
        return bool(self.line(recipient))

    def add(self, recipient: Recipient, line: int) -> int:
        """Keep the recipient with its line (1-based); or the line it was first kept with, if it was; else 0."""
        buckets, number, key = self._place(recipient)
        bucket = buckets[number & _MASK]
        if key in bucket and (first := _find(bucket, key)):
            return first
        buckets[number & _MASK] = bucket + key + line.to_bytes(_LINE, "big")
        self._count += 1
        return 0

    def line(self, recipient: Recipient) -> int:
        """The line the recipient was first kept with; 0 if it never was."""
        buckets, number, key = self._place(recipient)
        return _find(buckets[number & _MASK], key)

    def _place(self, recipient: Recipient) -> tuple[list[bytes], int, bytes]:
        conversation, phone, _ = recipient
        if phone:
            number = identity(phone)
            return self._phones, number, number.to_bytes(8, "big")
        if not self._conversations:
            self._conversations = [b""] * _BUCKETS
        key = blake2b(conversation.encode(), digest_size=16).digest()
        return self._conversations, hash(key), key


def _find(bucket: bytes, key: bytes) -> int:
    width = len(key) + _LINE
    at = bucket.find(key)
    # What looks like the key may begin in the middle of another.
    while at >= 0 and at % width:
        at = bucket.find(key, at + 1)
    return int.from_bytes(bucket[at + len(key) : at + width], "big") if at >= 0 else 0
