"""What no output may show: the keys and passwords that the environment and the command line hold."""

import os
import sys
from contextlib import suppress

from flowrunner.cli.config_defaults import KEY_VARIABLES


def without_secrets(text: str) -> str:
    """A text without them: somebody may have typed one as anything, and what is wrong with it is quoted."""
    from flowrunner.client.access import Key
    from flowrunner.journal.places import passwords, without_passwords

    said = [os.environ.get("FLOWRUNNER_JOURNAL", ""), *sys.argv[1:]]
    for secret in (*(os.environ.get(name, "") for name in (*KEY_VARIABLES, "PGPASSWORD")), *passwords(said)):
        with suppress(ValueError):  # a key that no request could carry
            text = Key(secret).scrub(text)
    return without_passwords(text)
