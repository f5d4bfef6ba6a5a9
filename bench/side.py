"""One side of `bench.compare`: run with a checkout's own Python, it asks the command line everything about every flow.

``python side.py FLOWS OUTPUT PORT``. It uses nothing of the checkout but its commands, for rooms move.
"""

import contextlib
import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path

# Nothing of the folder that this file stands in: `bench` has names that a checkout could mistake for its own.
sys.path.pop(0)

from flowrunner.cli.group import commands

# Moments, ages and what is made of them differ between two runs of one program, too.
_MOMENTS = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?"), "MOMENT"),
    (re.compile(r"<span>\d\d:\d\d</span>"), "MOMENT"),
    (re.compile(r'"created_at":[0-9.]+'), '"created_at":0'),
    (re.compile(r'^\{"sha256":"[0-9a-f]{64}"\}$', re.MULTILINE), "SEAL"),
]


def main(flows: Path, output: Path, port: str) -> None:
    """Ask everything, and write down what was said."""
    environment = {"TZ": "UTC", "COLUMNS": "90", "NO_COLOR": "1", "KAPSO_API_KEY": "k", "FLOWRUNNER_RATE": "100000/s"}
    os.environ.update(environment)
    os.chdir(flows)
    said: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        url, journal, plan = f"http://127.0.0.1:{port}", f"{scratch}/journal.db", Path(scratch) / "plan"
        for flow in sorted(Path().glob("*.yaml")):
            values = ["--vars", f"{flow.stem}.json"] if Path(f"{flow.stem}.json").exists() else []
            said[f"{flow} validate"] = called("validate", str(flow), "--format", "json")
            for form in ("chat", "json", "html", "curl"):
                said[f"{flow} preview {form}"] = called("preview", str(flow), *values, "--format", form)
            plan.unlink(missing_ok=True)
            whom = ["--conversation", flow.stem]
            options = ["--journal", journal, "--api-url", "http://127.0.0.1:1", "--output", str(plan)]
            said[f"{flow} plan"] = called("plan", str(flow), *values, *whom, *options).replace(scratch, "SCRATCH")
            if plan.exists():
                said[f"{flow} plan file"] = plain(plan.read_text(encoding="utf-8"))
                if "pause:" not in flow.read_text(encoding="utf-8"):
                    options = ["--journal", journal, "--api-url", url]
                    said[f"{flow} run"] = called("run", str(flow), *values, *whom, *options).partition("\n")[0]
    output.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def plain(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, word in _MOMENTS:
        text = pattern.sub(word, text)
    return text


def called(*arguments: str) -> str:
    """The exit code, and what was printed."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code: object = commands.main(list(arguments), standalone_mode=False)
        except Exception as error:  # noqa: BLE001  # what it breaks with is an answer, too
            code = f"{type(error).__name__}: {error}"
    return plain(f"exit code {code}\n{errors.getvalue()}{out.getvalue()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
