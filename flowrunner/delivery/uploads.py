"""The files of a flow: handed over to the API once, before the first message leaves; messages have their ids.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import asyncio
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flowrunner.client import EMULATOR, TransportError
from flowrunner.client.targets import read_target
from flowrunner.delivery.owner import has_ended, new_owner
from flowrunner.delivery.queries import ask
from flowrunner.delivery.rate.pace import Pace
from flowrunner.delivery.rate.turn_order import Sleep
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.dialects import dialects_that
from flowrunner.dialects.values import File
from flowrunner.journal import Busy, Claim, Journal, Upload
from flowrunner.model import Bundle, Json, Recipient
from flowrunner.model.media import MediaFile, files_named, filled, name_in_bundle, path_of, references, with_ids

if TYPE_CHECKING:
    from flowrunner.client.http import Client

DAY: Final = 86_400.0
KEPT: Final = 30 * DAY
"""Seconds that the API keeps an upload."""
_SPARE: Final = DAY
"""Seconds before its end from which on an upload is not relied upon."""
_LOST: Final = frozenset({"100", "131009", "131052", "131053"})
"""What Meta says where a file that it had cannot be sent; some of it is said of other fields, too."""
_LOOK_AGAIN: Final = 0.2
_LEASE: Final = 60.0
"""Seconds that a file is another process's to upload; more by what it weighs."""
_SLOWEST: Final = 1 << 17


class UploadError(RefusedError):
    """A file cannot be handed over; the message that it belongs to was not sent.

    Attributes:
        refusal: What the API said to it; None where it was not asked.
    """

    def __init__(self, message: str, hint: str, refusal: TransportError | None = None) -> None:
        super().__init__(message, hint)
        self.refusal = refusal


class Uploads:
    """The files of one flow at one API, as far as they are needed there. Belongs to one event loop."""

    def __init__(
        self, bundle: Bundle, target: str, client: "Client", journal: Journal, pace: Pace, max_wait: float
    ) -> None:
        """Nothing is looked at yet.

        Args:
            bundle: The flow, whose path says where its files are.
            target: The API, as the journal knows it.
            client: Of the API.
            journal: What says which files the API has.
            pace: An upload takes its turn as a message does.
            max_wait: Seconds that the API may be asked again while it says "not now".
        """
        folder, self._media = Path(bundle.path).parent, bundle.media
        self._files = {its.digest: (folder / path_of(name), its) for name, its in self._media.items()}
        self._target, self._client, self._journal, self._pace = target, client, journal, pace
        self._max_wait = max_wait
        self._has: dict[str, Upload] = {}
        self._mine: set[str] = set()  # the ids of what this process has uploaded
        self._turn = asyncio.Lock()

    async def ready(self, sleep: Sleep, digests: Collection[str] | None = None, *, anew: bool = False) -> None:
        """Make sure that the API has files; one that it has need not be here any more.

        Args:
            sleep: How to wait; once it says that a stop was asked for, nothing more is uploaded.
            digests: Which files; None for all of the flow's.
            anew: Upload even what the API should have.

        Raises:
            UploadError: A file is gone or another one by now, or the API does not take it.
            JournalError: The journal cannot be read or written.
        """
        for digest in self._files if digests is None else digests:
            await self._ready(digest, sleep, "" if not anew else await self._known(digest))

    async def filled(self, wire: str, sleep: Sleep) -> str | None:
        """A message with the ids of its files; None where a stop was asked for. For errors see `ready`."""
        if not self._files:
            return wire
        digests = self._used(wire)
        await self.ready(sleep, digests)
        if not digests <= self._has.keys():
            return None
        return filled(wire, {digest: self._has[digest].media_id for digest in digests})

    async def renewed(self, refusal: TransportError, wire: str, sent: str, sleep: Sleep) -> bool:
        """Whether files of a message that was refused were uploaded again for it: it may be taken now.

        Not those that this process has uploaded and the message was sent with: the API has said what is wrong with it.

        Args:
            refusal: What the API said.
            wire: The message.
            sent: The same, as it was sent.
            sleep: How to wait.
        """
        used = {digest: self._has[digest].media_id for digest in self._used(wire)} if refusal.code in _LOST else {}
        # Another message may have had a file uploaded anew while this one was on its way.
        lost = {digest: its for digest, its in used.items() if its not in self._mine or f'"{its}"' not in sent}
        for digest, its in lost.items():
            try:
                await self._ready(digest, sleep, its if f'"{its}"' in sent else "")
            except UploadError:
                return False
        return bool(lost)

    def _used(self, wire: str) -> frozenset[str]:
        """The files of a message; a text of its author's may look like the reference to one."""
        return references(wire) & self._files.keys()

    async def named(self, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """A message as it was sent: its files by the ids of their uploads, where the journal has them."""
        names = {name: its.digest for name, its in self._media.items()}
        used = {name: names[name] for _, _, written in files_named(body) if (name := name_in_bundle(written)) in names}
        found = {name: await self._journal.upload(self._target, digest) for name, digest in used.items()}
        ids = {name: each.media_id for name, each in found.items() if each is not None}
        return with_ids(body, ids) if ids else body

    async def _known(self, digest: str) -> str:
        its = await self._journal.upload(self._target, digest)
        return its.media_id if its is not None else ""

    async def _ready(self, digest: str, sleep: Sleep, but: str) -> None:
        """Make sure that the API has a file, by another id than ``but``."""
        async with self._turn:
            if self._is_good(self._has.get(digest), but):
                return
            kept = await self._journal.upload(self._target, digest) if self._is_kept else None
            if kept is not None and self._is_good(kept, but):
                self._has[digest] = kept  # most often: nobody else need be waited for
                return
            if (claim := await self._claimed(digest, sleep)) is None:
                return
            try:
                kept = await self._journal.upload(self._target, digest) if self._is_kept else None
                if not self._is_good(kept, but):
                    kept = await self._upload(digest, sleep)
                if kept is not None:
                    self._has[digest] = kept
            finally:
                await self._journal.release(claim)

    def _is_good(self, upload: Upload | None, but: str) -> bool:
        return upload is not None and upload.media_id != but and upload.until - _SPARE > self._pace.clock.now()

    @property
    def _is_kept(self) -> bool:
        """Whether the API outlives this process."""
        return read_target(self._target).url != EMULATOR

    async def _claimed(self, digest: str, sleep: Sleep) -> Claim | None:
        """The file, for this process alone: another that uploads it is waited for. None where a stop was asked for."""
        owner, ended = new_owner(digest), set[str]()
        lease = _LEASE + self._files[digest][1].size / _SLOWEST
        whom = Recipient(f"sha256:{digest}")
        while True:
            answer = await self._journal.claim(self._target, whom, owner, lease, ended=ended, purpose="upload")
            if not isinstance(answer, Busy):
                return answer
            if has_ended(answer.owner, is_shared=self._journal.is_shared):
                ended.add(answer.owner)
            elif await sleep(_LOOK_AGAIN):
                return None

    async def _upload(self, digest: str, sleep: Sleep) -> Upload | None:
        path, its = self._files[digest]
        file = File(path.name, its.type, _read(path, its))
        if not self._client.dialect.uploads:
            name = self._client.dialect.name
            hint = f"use media_url, or the dialect {dialects_that(lambda each: each.uploads)}"
            raise UploadError(f"{name} takes no files, and {path} is one", hint)
        try:
            media_id = await ask(lambda: self._client.upload(file), self._client, self._pace, sleep, self._max_wait)
        except TransportError as refusal:
            raise UploadError(f"{path} could not be uploaded: {refusal.reason}", refusal.hint, refusal) from None
        if media_id is None:
            return None
        upload = Upload(media_id, self._pace.clock.now() + KEPT)
        self._mine.add(media_id)
        if self._is_kept:
            await self._journal.uploaded(self._target, digest, upload)
        return upload


def _read(path: Path, its: MediaFile) -> bytes:
    """The file's bytes, if they are those that were checked."""
    hint = "put it back as it was, or run the flow again"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UploadError(f"{path} cannot be read: {error.strerror}", hint) from None
    if sha256(content).hexdigest() != its.digest:
        raise UploadError(f"{path} is another file than when the flow was checked", hint)
    return content
