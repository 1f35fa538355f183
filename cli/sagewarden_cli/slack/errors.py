"""What the local Slack answers when it refuses a call."""

from collections.abc import Sequence


class SlackRefusal(Exception):  # noqa: N818 - Slack refuses; nothing of ours is in error
    """A call that Slack answers with ``ok: false``.

    Args:
        code: Slack's code of the error.
        reasons: What is wrong in detail, as Slack words it.
        retry_after: In how many seconds the call may be repeated, for a rate limit.
        status: The HTTP status; Slack refuses with 200.
    """

    def __init__(
        self,
        code: str,
        reasons: Sequence[str] = (),
        *,
        retry_after: int | None = None,
        status: int = 200,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = list(reasons)
        self.retry_after = retry_after
        self.status = status
