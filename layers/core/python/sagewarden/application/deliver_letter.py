"""Deliver a digest, or a week's advice, to its reader in Slack, exactly once."""

from typing import TYPE_CHECKING

from sagewarden.application.deliver import Post
from sagewarden.application.letters import note_sent, was_sent

if TYPE_CHECKING:
    from sagewarden.application.messaging import Told


def deliver_letter(letter: "Told", channel: str | None, post: Post, *, again: bool = False) -> bool:
    """Post a letter, unless its reader has one of the same time; whether it was posted now.

    The queue brings one letter of a line at a time, and the next one when that is done. Whether
    it was posted is remembered in the ledger, and after a crash before that, found in Slack.

    Args:
        letter: The digest or the advice.
        channel: Where it goes; to the fallback channel when not given.
        post: The ports.
        again: Whether it was tried before, and may have arrived without our knowing.

    Raises:
        NotNowError: It could not be delivered; it is tried again later.
        UndeliverableError: It can never be delivered as it is.
        UnreadableError: The ledger could not be read.
        ActionFailedError: The ledger could not be written.
    """
    if was_sent(letter, post.ledger):
        return False
    reader = post.messenger.channel(channel)
    key = letter.subject
    found = post.messenger.find(reader, [key]) if again else {}
    posted = found[key][0] if found else post.messenger.post_letter(reader, letter, key)
    note_sent(letter, post.ledger, post.clock.now(), channel=posted.channel, message=posted.ts)
    return True
