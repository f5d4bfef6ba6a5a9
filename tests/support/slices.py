"""How many examples are tried: some in each run of the tests, all of them in `make soak`.

Whose examples are not made by Hypothesis is marked as ``sliced``, so that `make soak` runs it.
"""

_PART = 6
_LEAST = 10
_soaks = False


def soak() -> None:
    """This is `make soak`; said before any test is read."""
    global _soaks  # noqa: PLW0603  # what pytest was told, for what is worked out as tests are read
    _soaks = True


def some(whole: int) -> int:
    """So many examples in `make soak`, a sixth of them otherwise."""
    return whole if _soaks else max(whole // _PART, _LEAST)
