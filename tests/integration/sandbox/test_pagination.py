"""Pages, whatever is listed and however it changes meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from sagewarden_cli.sandbox.pagination import page_after

names = st.text(alphabet="abc가-", min_size=1, max_size=4)


def key(name: str) -> tuple[str]:
    return (name,)


def all_pages(items: list[str], limit: int, *, descending: bool) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        page, token = page_after(items, key, token, limit, descending=descending)
        found.extend(page)
        if token is None:
            return found


@given(st.sets(names), st.integers(min_value=1, max_value=7), st.booleans())
def test_the_pages_together_are_the_listing(
    items: set[str],
    limit: int,
    descending: bool,  # noqa: FBT001  # Hypothesis passes by position
) -> None:
    listing = sorted(items, reverse=descending)

    found = all_pages(listing, limit, descending=descending)

    assert found == listing


@given(st.sets(names, min_size=2), st.sets(names), st.data())
def test_what_is_there_all_along_is_given_exactly_once(
    before: set[str], added: set[str], data: st.DataObject
) -> None:
    removed = data.draw(st.sets(st.sampled_from(sorted(before))))
    first, token = page_after(sorted(before), key, None, 1)
    after = sorted((before - removed) | added)

    rest = page_after(after, key, token, 1000)[0] if token else []

    stayed = before - removed - set(first)
    assert [name for name in rest if name in stayed] == sorted(stayed)
