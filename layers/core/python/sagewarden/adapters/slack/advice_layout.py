"""A week's advice in words, in any form of text."""

import shlex
from collections.abc import Callable, Iterator, Sequence

from sagewarden.adapters.slack.letters import LaidOut, Style
from sagewarden.adapters.slack.texts import Words
from sagewarden.domain.digest import Some
from sagewarden.domain.weekly_advice import Share, Tip, WeeklyAdvice


def laid_out(advice: WeeklyAdvice, words: Words, style: Style) -> LaidOut:
    """Put a week's advice into words."""
    layout = _Layout(advice, words, style)
    found = tuple(tuple(lines) for lines in layout.paragraphs() if lines)
    return LaidOut(layout.title(), found, tuple(layout.small_print()))


class _Layout:
    def __init__(self, advice: WeeklyAdvice, words: Words, style: Style) -> None:
        self._advice = advice
        self._words = words
        self._style = style

    def title(self) -> str:
        advice, words = self._advice, self._words
        key = "title" if advice.saving.usd > 0 else "title.unknown"
        title = words["title.nothing" if advice.is_empty else key].format(
            monday=advice.monday.isoformat(),
            usd=f"{advice.saving.usd:,.2f}",
            number=advice.tips.count,
        )
        return words["title.team"].format(team=advice.team, title=title) if advice.team else title

    def paragraphs(self) -> Iterator[Sequence[str]]:
        advice, words = self._advice, self._words
        yield (words["nothing"] if advice.is_empty else self._together(),)
        if not advice.is_empty:
            yield (words["tips"].format(number=advice.tips.count),)
        for tip in advice.tips.shown:  # its sentence is the evidence in short
            yield (self._tip(tip), self._style.text(tip.title))
        yield self._more(advice.tips)
        if advice.shares.count > 1:
            yield self._list(words["shares"], advice.shares, self._share)
        if advice.unread.shown:
            head = words["unread"].format(number=advice.unread.count)
            yield self._list(head, advice.unread, self._style.text)

    def small_print(self) -> Iterator[str]:
        advice, words = self._advice, self._words
        counts = {"blocked": advice.blocked, "unjudged": advice.unjudged}
        if not advice.unread.shown:
            counts["unread"] = advice.unread.count
        if advice.team is None:
            counts["places"] = advice.places
        for name, number in counts.items():
            if number:
                yield words[f"rest.{name}"].format(number=number)
        if advice.is_empty:
            yield words["rest.all"]
        else:
            key = "rest.command.account" if advice.places > 1 else "rest.command"
            yield words[key].format(command=_command(advice))
        if advice.run:
            yield words["rest.run"].format(run=advice.run)

    def _together(self) -> str:
        saving, words = self._advice.saving, self._words
        if not saving.known:
            return words["together.unknown"]
        key = "together" if saving.usd > 0 else "together.nothing"
        line = words[key].format(usd=f"{saving.usd:,.2f}", as_of=saving.as_of)
        if not saving.unknown:
            return line
        return f"{line}, {words['unknown'].format(number=saving.unknown)}"

    def _tip(self, tip: Tip) -> str:
        words = self._words
        what = words["what.several" if tip.others else "what"].format(
            name=self._style.name(tip.name), others=tip.others
        )
        key = "tip.unknown" if tip.usd is None else "tip.more" if tip.usd < 0 else "tip"
        line = words[key].format(
            usd="" if tip.usd is None else f"{abs(tip.usd):,.2f}",
            what=words.get(f"kind.{tip.kind}", words["kind"]).format(what=what),
            risk=words[f"risk.{tip.risk}"],
            number=words["number"].format(number=tip.number),
        )
        if self._advice.places > 1:
            line = words["tip.where"].format(line=line, account=tip.account, region=tip.region)
        if not tip.owner:
            return line
        return words["person"].format(line=line, person=self._style.person(tip.owner))

    def _share(self, share: Share) -> str:
        team = self._style.person(share.team) if share.team else self._words["nobody"]
        return self._words["share"].format(
            team=team, account=share.account, usd=f"{share.usd:,.2f}", number=share.pieces
        )

    def _list[T](self, head: str, some: Some[T], line: Callable[[T], str]) -> Sequence[str]:
        return (head, *(f"• {line(item)}" for item in some.shown), *self._more(some))

    def _more[T](self, some: Some[T]) -> Sequence[str]:
        more = some.count - len(some.shown)
        return (self._words["more"].format(number=more),) if more else ()


def _command(advice: WeeklyAdvice) -> str:
    """What shows one piece in full."""
    team = "" if advice.team is None else f" --team {shlex.quote(advice.team)}"
    return f"sagewarden advise{team} --explain N"
