"""An API that runs in this very process, as the emulator does in a flow's test: no bytes, and no connection."""

import httpx

from flowrunner.client.leaving import require_in_time


class InProcess(httpx.ASGITransport):
    """Hands each request to an app."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The app's answer."""
        require_in_time()
        return await super().handle_async_request(request)
