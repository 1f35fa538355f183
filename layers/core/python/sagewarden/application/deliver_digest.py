"""Deliver a digest to its reader in Slack, exactly once."""

from sagewarden.application.deliver import Post
from sagewarden.application.digests import note_sent, was_sent
from sagewarden.domain.digest import Digest


def deliver_digest(digest: Digest, channel: str | None, post: Post, *, again: bool = False) -> bool:
    """Post a digest, unless its reader has one of the same time; whether it was posted now.

    The queue brings one digest of a reader at a time, and the next one when that is done. Whether
    it was posted is remembered in the ledger, and after a crash before that, found in Slack.

    Args:
        digest: The digest.
        channel: Where it goes; to the fallback channel when not given.
        post: The ports.
        again: Whether it was tried before, and may have arrived without our knowing.

    Raises:
        NotNowError: It could not be delivered; it is tried again later.
        UndeliverableError: It can never be delivered as it is.
        UnreadableError: The ledger could not be read.
        ActionFailedError: The ledger could not be written.
    """
    if was_sent(digest, post.ledger):
        return False
    reader = post.messenger.channel(channel)
    key = f"digest:{digest.key}"
    found = post.messenger.find(reader, [key]) if again else {}
    posted = found[key][0] if found else post.messenger.post_digest(reader, digest, key)
    note_sent(digest, post.ledger, post.clock.now(), channel=posted.channel, message=posted.ts)
    return True
