"""A digest in words: a title, paragraphs, and a line of small print, in any form of text."""

from collections.abc import Callable, Iterator, Sequence

from sagewarden.adapters.slack.letters import LaidOut, Style
from sagewarden.adapters.slack.texts import Words
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.digest import Digest, Entry, LastDay, Some, Sum

_IN_ORDER = (
    ActionKind.DELETE,
    ActionKind.STOP,
    ActionKind.SCALE_TO_ZERO,
    ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
    ActionKind.START,
    ActionKind.TAG_OWNER,
)
"""The actions that are counted, what changes most first."""


def laid_out(digest: Digest, words: Words, style: Style) -> LaidOut:
    """Put a digest into words."""
    layout = _Layout(digest, words, style)
    found = tuple(tuple(lines) for lines in layout.paragraphs() if lines)
    return LaidOut(layout.title(), found, tuple(layout.small_print()))


class _Layout:
    def __init__(self, digest: Digest, words: Words, style: Style) -> None:
        self._digest = digest
        self._words = words
        self._style = style

    def title(self) -> str:
        digest, words = self._digest, self._words
        number = sum(count for kind, count in digest.done.items() if kind.undoable)
        key = "title" if number else "title.quiet"
        if digest.projected.known:
            key = "title.money"
        title = words[key].format(
            first=digest.first_day.isoformat(),
            last=digest.last_day.isoformat(),
            number=number,
            usd=_usd(digest.projected),
        )
        return words["title.team"].format(team=digest.team, title=title) if digest.team else title

    def paragraphs(self) -> Iterator[Sequence[str]]:
        digest, words = self._digest, self._words
        yield list(self._summary())
        coming = "pending.money" if digest.pending_saving.known else "pending"
        usd = _usd(digest.pending_saving)
        head = words[coming].format(number=digest.pending.count, usd=usd)
        yield self._list(self._with_unknown(head, digest.pending_saving), digest.pending, self._due)
        for name, some in (
            ("unanswered", digest.unanswered),
            ("failed", digest.failed),
            ("restored", digest.restored),
            ("snoozed", digest.snoozed),
        ):
            yield self._list(words[name].format(number=some.count), some, self._entry(name))
        ends = digest.exemptions
        yield self._list(words["exemptions"].format(number=ends.count), ends, self._last_day)

    def small_print(self) -> Iterator[str]:
        digest = self._digest
        for name in ("resolved", "exempted", "found"):
            if number := getattr(digest, name):
                yield self._words[f"rest.{name}"].format(number=number)
        if digest.team is None and digest.places:
            yield self._words["rest.places"].format(number=digest.places)
        yield self._words["rest.command"]
        if digest.run:
            yield self._words["rest.run"].format(run=digest.run)

    def _summary(self) -> Iterator[str]:
        digest, words = self._digest, self._words
        if digest.halted is not None:
            yield words["halted"].format(why=self._style.text(digest.halted))
        counts = [
            words[f"count.{kind}"].format(number=digest.done[kind])
            for kind in _IN_ORDER
            if digest.done.get(kind)
        ]
        if not counts:
            yield words["done.nothing"]
        else:
            yield words["done"].format(counts=", ".join(counts))
        yield from self._money("projected", digest.projected)
        yield from self._money("realised", digest.realised)

    def _money(self, name: str, amount: Sum) -> Iterator[str]:
        """What was saved; what has no known price is told apart, never as zero."""
        if not amount.known and not amount.unknown:
            return
        hours = f"{self._digest.hours:,.0f}"
        if not amount.known:
            yield self._words[f"{name}.unknown"].format(hours=hours)
            return
        head = self._words[name].format(usd=_usd(amount), hours=hours, as_of=amount.as_of)
        yield self._with_unknown(head, amount)

    def _with_unknown(self, line: str, amount: Sum) -> str:
        if not amount.unknown:
            return line
        return f"{line}, {self._words['unknown'].format(number=amount.unknown)}"

    def _list[T](self, head: str, some: Some[T], line: Callable[[T], str]) -> Sequence[str]:
        if not some.count:
            return ()
        more = some.count - len(some.shown)
        return (
            head,
            *(f"• {line(item)}" for item in some.shown),
            *([self._words["more"].format(number=more)] if more else []),
        )

    def _due(self, entry: Entry) -> str:
        overdue = entry.at is not None and entry.at < self._digest.at
        key = "overdue" if overdue else f"will.{entry.action}"
        text = self._words.get(key, self._words["will"])
        return self._signed(self._filled(text, entry), entry.owner)

    def _entry(self, name: str) -> Callable[[Entry], str]:
        decided = name in {"snoozed", "restored"}

        def line(entry: Entry) -> str:
            text = self._filled(self._words[f"{name}.entry"], entry)
            return self._signed(text, entry.by if decided else entry.owner)

        return line

    def _filled(self, text: str, entry: Entry) -> str:
        at = entry.at
        return text.format(
            name=self._style.name(entry.name),
            rule=self._style.name(entry.rule),
            when=self._style.moment(at) if at else "",
            days=(self._digest.at - at).days if at else 0,
        )

    def _last_day(self, item: LastDay) -> str:
        key = "exemptions.over" if item.over else "exemptions.soon"
        name = self._style.name(item.resources.rpartition(":")[2])  # of an ARN what tells it apart
        return self._signed(self._words[key].format(name=name, until=item.until), item.by)

    def _signed(self, line: str, person: str | None) -> str:
        if not person:
            return line
        return self._words["person"].format(line=line, person=self._style.person(person))


def _usd(amount: Sum) -> str:
    return f"{amount.usd:,.2f}"
