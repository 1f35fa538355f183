"""Our app in Slack: its credentials, a client, and the form that a click opens.

Answering a request of Slack begins here, within three seconds and often cold: what speaks with
Slack's Web API is imported when it is needed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.slack.credentials import Credentials, SecretsManagerCredentials
from sagewarden.adapters.slack.requests import OpenForm
from sagewarden.application.ports import Clock

if TYPE_CHECKING:
    from slack_sdk import WebClient

PATIENCE_SECONDS = 10
"""How long Slack may take to answer; what it did not answer is asked again later."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """What a function is told of Slack.

    Attributes:
        secret: The ARN of the secret with the app's credentials.
        api_url: Where Slack's Web API is, when it is not Slack's own.
        locale: The language of channels, and of whoever names none.
    """

    secret: str
    api_url: str | None
    locale: str


class SlackAccess:
    """Our app in Slack, made once; its credentials follow the secret.

    Args:
        settings: What the function is told of Slack.
        region: Where the secret is.
        clock: What tells the time; the machine's own when not given.
        sessions: The function's AWS clients; made when not given.
    """

    def __init__(
        self,
        settings: SlackSettings,
        region: str,
        clock: Clock | None = None,
        sessions: Sessions | None = None,
    ) -> None:
        client = (sessions or Sessions()).client("secretsmanager", region)
        self._credentials = SecretsManagerCredentials(client, settings.secret)
        self.clock = clock or SystemClock()
        self.locale = settings.locale
        self._api_url = settings.api_url

    def credentials(self) -> Credentials:
        """The app's token and signing secrets.

        Raises:
            UnreadableError: They could not be read.
        """
        return self._credentials.at(self.clock.now())

    def client(self) -> "WebClient":
        """A client of the Web API; what fails is tried again by whoever knows what it was.

        Raises:
            UnreadableError: The token could not be read.
        """
        from slack_sdk import WebClient  # noqa: PLC0415 - see above

        return WebClient(
            self.credentials().bot_token,
            base_url=self._api_url or WebClient.BASE_URL,
            timeout=PATIENCE_SECONDS,
            retry_handlers=[],
        )

    def open_form(self, form: OpenForm) -> None:
        """Show somebody the form of an exemption, which has to be within three seconds.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: It came too late.
            UnreadableError: The token could not be read.
        """
        from sagewarden.adapters.slack.asking import asking  # noqa: PLC0415 - see above
        from sagewarden.adapters.slack.blocks import exemption_view  # noqa: PLC0415 - see above
        from sagewarden.adapters.slack.texts import CATALOGUE, Language  # noqa: PLC0415 - see above

        words = CATALOGUE[Language.of_locale(self.locale)]
        today = self.clock.now().date().isoformat()
        back = {"channel": form.channel, **({"run": form.run} if form.run else {})}
        view = exemption_view(form.case_id, words, today, back)
        client = self.client()
        with asking(f"a form for {form.user}"):
            client.views_open(trigger_id=form.trigger_id, view=view)
