"""One webhook carried to a program on this machine."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the receiver's answer; 0 where none comes."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    lines = {"Host": parts.netloc, **headers, "Content-Length": str(len(body)), "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    try:
        start = f"POST {target} HTTP/1.1\r\n{head}\r\n"
        return await _exchange(parts.hostname or "", parts.port or 80, start, body)
    except (OSError, ValueError):
        return 0


async def _exchange(host: str, port: int, head: str, body: bytes) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(head.encode("latin-1") + body)
        await writer.drain()
        _, status, *_ = (await reader.readline()).split(None, 2)
        await reader.read()  # to the end, so that the receiver is not cut off while it answers
        return int(status)
    finally:
        writer.close()
