"""Which cards hang in which messages, in memory."""

from collections.abc import Sequence

from sagewarden.domain.notices import Posted, Shown


class MemoryBoard:
    """The board port for a sandbox or a test: forgotten with the process."""

    def __init__(self) -> None:
        self._latest: dict[str, Shown] = {}
        self._messages: dict[Posted, dict[int, Shown]] = {}

    def hang(self, shown: Sequence[Shown]) -> None:
        """Remember cards of a message, in place of what was known of their cases."""
        for item in shown:
            self._latest[item.card.case_id] = item
            self._messages.setdefault(item.posted, {})[item.place] = item

    def shown(self, case_id: str) -> Shown | None:
        """Where a case's card hangs, the latest one."""
        return self._latest.get(case_id)

    def neighbours(self, posted: Posted) -> Sequence[Shown]:
        """All cards of a message, by place."""
        cards = self._messages.get(posted, {})
        return tuple(cards[place] for place in sorted(cards))
