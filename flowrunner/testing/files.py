"""Which test files are meant when files and folders are named."""

from collections.abc import Iterable
from pathlib import Path

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.flow.folders import TESTS, below, is_test


def find_tests(paths: Iterable[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The test files among ``paths``: a file as it is named, a folder as every ``*.test.yaml`` below it.

    For a flow its tests are taken, which stand beside it: ``onboarding.test.yaml`` and ``onboarding.silence.test.yaml``
    for ``onboarding.yaml``. Each file comes once.

    Returns:
        The files; and a Diagnostic for each path that does not exist or has no tests.
    """
    found: dict[Path, Path] = {}
    diagnostics: list[Diagnostic] = []
    for path in paths:
        if path.is_dir():
            its = list(below(path, is_test))
            message, hint = (
                "the folder does not have any *.test.yaml file",
                "write one beside a flow: onboarding.test.yaml",
            )
        elif is_test(path) or not path.exists():
            its = [path]  # one that does not exist is reported by its reader
        else:
            its = _of_flow(path)
            message, hint = f"{path.name} has no tests", f"write {path.stem}{TESTS[0]} beside it"
        if not its:
            diagnostics.append(Diagnostic("no-tests", message, Location(str(path)), hint=hint))
        for file in its:
            found.setdefault(file.absolute(), file)
    return list(found.values()), diagnostics


def _of_flow(flow: Path) -> list[Path]:
    beside = sorted(flow.parent.glob("*"))
    return [file for file in beside if is_test(file) and file.name.startswith(f"{flow.stem}.")]
