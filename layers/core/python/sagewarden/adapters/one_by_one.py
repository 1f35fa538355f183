"""List keys, and read what each stands for by calls of its own, several at a time."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from sagewarden.adapters.errors import AWS_ERRORS, unless_gone, why
from sagewarden.adapters.sessions import CONNECTIONS
from sagewarden.application.ports import Listing, UnreadableError
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Resource


def listed_one_by_one[T: Resource](
    kind: str, region: str, keys: Iterable[str], read: Callable[[str], T | None]
) -> Listing[T]:
    """What each key stands for; what is gone meanwhile is passed over.

    Args:
        kind: What they are, for the report.
        region: Where.
        keys: The pages of a list call; what came before one that fails is kept.
        read: Reads one; it may raise what boto3 raises, or UnreadableError.
    """
    found: list[str] = []
    incomplete: list[Incomplete] = []
    try:
        for key in keys:
            found.append(key)  # noqa: PERF402 - what was listed before an error is kept
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(f"{kind} resources in {region}", why(error)))

    def try_one(key: str) -> T | Incomplete | None:
        try:
            return unless_gone(f"{kind} {key} in {region}", lambda: read(key))
        except UnreadableError as error:
            return Incomplete(error.what, error.why)

    with ThreadPoolExecutor(min(CONNECTIONS, len(found)) or 1) as pool:
        results = list(pool.map(try_one, found))
    incomplete += [item for item in results if isinstance(item, Incomplete)]
    items = [item for item in results if item is not None and not isinstance(item, Incomplete)]
    return Listing(tuple(items), tuple(incomplete))
