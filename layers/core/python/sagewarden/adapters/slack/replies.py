"""What is said in the thread of a message: a line for each card of which there is news."""

from collections.abc import Iterator, Sequence

from sagewarden.adapters.slack.blocks import sentence
from sagewarden.adapters.slack.mrkdwn import group_mention, mention
from sagewarden.adapters.slack.texts import Words
from sagewarden.domain.notices import News, NoticeKind, Shown


def reply(news: Sequence[News], words: Words, shown: Shown) -> str:
    """The text of a reply, in mrkdwn.

    It begins with whom the message is for: a reply notifies nobody else but those who follow it.

    Args:
        news: What is new.
        words: The catalogue of the message's language.
        shown: A card of the message.
    """
    return " ".join((*_addressees(shown), "\n".join(_line(one, words) for one in news)))


def _addressees(shown: Shown) -> Iterator[str]:
    """Mentions of ids that Slack itself told; nothing that people wrote is among them."""
    if shown.reader is not None:
        yield mention(shown.reader)
    if shown.group is not None:
        yield group_mention(shown.group)


def _line(news: News, words: Words) -> str:
    told = sentence(news.card, words)
    return words["reminder"].format(told=told) if news.kind is NoticeKind.REMINDER else told
