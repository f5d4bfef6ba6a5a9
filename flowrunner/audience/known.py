"""Who was met before: a set that knows at which line, in some 20 bytes a recipient."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

from flowrunner.model import Recipient
from flowrunner.phones.spellings import identity

_BUCKETS = 1 << 16
_MASK = _BUCKETS - 1
_LINE = 4


class Known:
    """People by all their names, each name with the line where the person first stood.

    A phone is kept as its digits, so two different phones are never mistaken for each other. A conversation's id and a
    user id are kept as 128 bits of BLAKE2b: that two of a million share them has a chance of 1 in 10^27.

    A Python set of a million such keys takes 90 MB. Here they stand one after the other in 65,536 short byte strings,
    and are found by `bytes.find`, which runs at the speed of memory.
    """

    def __init__(self) -> None:
        self._phones = [b""] * _BUCKETS
        self._ids: list[bytes] = []
        self._kinds: set[tuple[bool, ...]] = set()

    @property
    def kinds(self) -> set[str]:
        """``phone``, ``conversation``, ``user_id``: what kinds of names there are."""
        return {
            kind for there in self._kinds for kind, is_there in zip(Recipient._fields, there, strict=True) if is_there
        }

    def __contains__(self, recipient: Recipient) -> bool:
        return bool(self.line(recipient))

    def add(self, line: int, *named: Recipient) -> Sequence[int]:
        """Keep a person by all these names, with the line (1-based), unless they were kept by one of them.

        Returns:
            The lines of those who were, the earliest first: several where only this says that they are one person; 0
            alone where nobody was.
        """
        found: set[int] = set()
        new: list[_Place] = []
        for place in self._places(named):
            if first := _find(*place[1:]):
                found.add(first)
            else:
                new.append(place)
        first = min(found, default=line)
        for (buckets, number), _, key in new:
            buckets[number] += key + first.to_bytes(_LINE, "big")
        self._kinds |= {tuple(map(bool, each)) for each in named}
        return sorted(found) or _NOBODY

    def line(self, *named: Recipient) -> int:
        """The line that the first person with one of these names was kept with; 0 where nobody was."""
        return min(filter(None, (_find(*place[1:]) for place in self._places(named))), default=0)

    def _places(self, named: Iterable[Recipient]) -> "Iterator[_Place]":
        for conversation, phone, user_id in named:
            if phone:
                number = identity(phone)
                at = number & _MASK
                yield (self._phones, at), self._phones[at], number.to_bytes(8, "big")
            for name in filter(None, (conversation, user_id and f"user {user_id}")):
                if not self._ids:
                    self._ids = [b""] * _BUCKETS
                key = blake2b(name.encode(), digest_size=16).digest()
                at = hash(key) & _MASK
                yield (self._ids, at), self._ids[at], key


_Place = tuple[tuple[list[bytes], int], bytes, bytes]
"""Where a name is kept: the buckets and which of them; what is in it; and what the name is there."""
_NOBODY: Final = (0,)


def _find(bucket: bytes, key: bytes) -> int:
    width = len(key) + _LINE
    at = bucket.find(key)
    # What looks like the key may begin in the middle of another.
    while at >= 0 and at % width:
        at = bucket.find(key, at + 1)
    return int.from_bytes(bucket[at + len(key) : at + width], "big") if at >= 0 else 0
