"""A picture of a page, taken by a Chromium of the system.

It stands in `cli`, not in `views`: views are functions from values to text, and this starts another program.
"""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from flowrunner.diagnostics.errors import RefusedError

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
WIDTH: Final = 560
"""Of the picture, in CSS pixels; it has two pixels to each."""
SECONDS: Final = 60
"""How long a Chromium may take."""
_TALLEST: Final = 16_384
"""The most pixels in a row or column that Chromium draws at once."""


def picture(page: str) -> bytes:
    """The whole page as a PNG, as tall as it is.

    Args:
        page: One that writes its height to ``data-height`` of its root element.

    Raises:
        RefusedError: There is no Chromium, or it does not give one.
    """
    program = _program()
    with TemporaryDirectory(prefix="flowrunner-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / "page.html", folder / "page.png"
        source.write_text(page, encoding="utf-8")
        shown = _ask(program, folder, 800, "--dump-dom", source.as_uri())
        found = re.search(r'<html[^>]* data-height="(\d+)"', shown)
        if found is None:
            raise RefusedError(f"{program} did not show the page", "use --format html")
        height = int(found[1])
        if height > _TALLEST:
            raise RefusedError(f"the conversation is too long for one picture ({height} pixels)", "use --format html")
        _ask(program, folder, height, f"--screenshot={target}", source.as_uri())
        if not target.exists():
            raise RefusedError(f"{program} took no picture", "use --format html")
        return target.read_bytes()


def _program() -> str:
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    missing = f"CHROMIUM names the program {named}, which was not found" if named else "no Chromium or Chrome was found"
    raise RefusedError(missing, "install one, or set CHROMIUM to the path of one; or use --format html")


def _ask(program: str, folder: Path, height: int, *wanted: str) -> str:
    """What a Chromium with a profile of its own prints; it is ended after a while, with all it started."""
    command = [
        program, "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--mute-audio",
        "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDTH},{height}",
        f"--force-device-scale-factor={2 if 2 * height <= _TALLEST else 1}",
        # Its sandbox refuses the superuser; the page is our own, and may run and fetch nothing but what it holds.
        *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *wanted,
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603  # the program is the user's own choice, no shell reads the rest
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=SECONDS)[0]
        except subprocess.TimeoutExpired:
            raise RefusedError(f"{program} did not end within {SECONDS} seconds", "use --format html") from None
        finally:
            if process.poll() is None:
                _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
