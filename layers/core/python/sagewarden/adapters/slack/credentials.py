"""What Slack gave our app: its token and signing secrets, kept in Secrets Manager.

The secret is a JSON object with ``bot_token`` and ``signing_secret``, which may be a list while
it is being rotated.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sagewarden.adapters.errors import reading
from sagewarden.application.ports import UnreadableError

READ_ANEW_AFTER = timedelta(minutes=5)
"""How long a secret that was rotated is still the old one here."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the app proves itself with, and what Slack does; neither is ever printed.

    Attributes:
        bot_token: The token of the bot.
        signing_secrets: What requests may be signed with.
    """

    bot_token: str = field(repr=False)
    signing_secrets: tuple[str, ...] = field(repr=False)


class SecretsManagerCredentials:
    """Reads the credentials, and keeps them for a few minutes.

    Args:
        client: A Secrets Manager client.
        secret: The secret's ARN.
    """

    def __init__(self, client: Any, secret: str) -> None:  # noqa: ANN401 - or a stand-in for one
        self._client = client
        self._secret = secret
        self._known: tuple[datetime, Credentials] | None = None

    def at(self, now: datetime) -> Credentials:
        """The credentials as they were at most five minutes ago.

        Raises:
            UnreadableError: The secret could not be read, or is not what it should be.
        """
        if self._known is None or now - self._known[0] > READ_ANEW_AFTER:
            self._known = (now, self._read())
        return self._known[1]

    def _read(self) -> Credentials:
        what = f"the secret {self._secret}"
        with reading(what):
            text = self._client.get_secret_value(SecretId=self._secret)["SecretString"]
        try:
            content = json.loads(text)
            signing = content["signing_secret"]
            known = (signing,) if isinstance(signing, str) else tuple(signing)
            token = content["bot_token"]
        except (KeyError, TypeError, ValueError):  # whose texts would show what is in it
            raise UnreadableError(what, _FORM) from None
        if not known or not all(isinstance(one, str) and one.strip() for one in (token, *known)):
            raise UnreadableError(what, _FORM)
        return Credentials(token, known)


_FORM = 'it is no JSON such as {"bot_token": "xoxb-...", "signing_secret": "..."}'
