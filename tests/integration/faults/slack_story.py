"""What happens where owners are told in Slack: some answer in time, and one wants something back.

Names are as in `plays`: ``go-...`` breaks a rule throughout, nothing may happen to ``keep-...``.
Mina owns most of it and has messages of her own; one endpoint belongs to nobody whom Slack knows,
so its team is told, and ops decide.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sagewarden_cli.slack import LocalSlack
from tests.integration.faults.plays import HOUR, LONG_AGO, POLICY, add_calls, at, tag

if TYPE_CHECKING:
    from tests.integration.faults.ground import Ground

MINA, NOBODY = "mina@example.com", "somebody-who-left"

TOLD_IN_SLACK = (
    POLICY
    + """\
owners:
  tag: Owner
  team_tag: Team
  teams: {vision: "#team-vision"}
  fallback_channel: "#ml-costs"
  approvers: ["@ml-platform"]
"""
)

ROUND = timedelta(minutes=6)
"""How long what failed is out of its queue's sight, and a little more."""

GRACE = 24 * HOUR

BOT = "idle_endpoints"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, and clicks until Slack says that it was heard.

    Attributes:
        click: The button.
        name: Of which resource's card.
        by: Who.
        form: What they fill in, where the button opens a form.
    """

    click: str
    name: str
    by: str
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One part of the story.

    Attributes:
        name: What has happened by its end.
        at: When it begins.
        sweeps: Whether the bot is woken.
        wishes: What people want.
        before: Happens at its beginning, and nothing is wrong with that.
        ends: Whether nothing is wrong in its last round, and all comes to rest.
    """

    name: str
    at: datetime
    sweeps: bool = False
    wishes: tuple[Wish, ...] = ()
    before: "Callable[[Ground], object] | None" = None
    ends: bool = True


EXEMPTED = (("until", "2026-12-31"), ("why", "a launch"))

STORY = (
    Act("warned", at(17, 8, 10), sweeps=True),
    Act("kept", at(17, 11, 10), wishes=(Wish("keep", "keep-asked", "ops"),)),
    Act("exempted", at(17, 13, 10), wishes=(Wish("exempt", "keep-exempt", "mina", EXEMPTED),)),
    Act("asked for now", at(17, 15, 10), wishes=(Wish("now", "go-now", "mina"),)),
    Act("acted on", at(18, 12, 10), sweeps=True, before=lambda ground: _use(ground, "keep-late")),
    Act("asked back", at(18, 17, 10), wishes=(Wish("restore", "go-back", "mina"),)),
    Act("at rest", at(18, 22, 10), sweeps=True),
    Act("for good", at(20, 8, 10), sweeps=True),
)

LATER = at(18, 14) - at(17, 13)
"""After how long everything comes a second time: a click is kept for a day."""


def open_workspace(slack: LocalSlack) -> None:
    """Who is in Slack, and where they read."""
    slack.add_user("mina", email=MINA)
    slack.add_user("ops", email="ops@example.com")
    slack.add_group("ml-platform", ["ops"])
    slack.add_channel("team-vision", ["mina", "ops"])
    slack.add_channel("ml-costs", ["ops"])


READERS = ("@mina", "@ops", "team-vision", "ml-costs")
"""Whose messages are looked at: people's own, and channels'."""


def add_fleet(ground: "Ground") -> None:
    """Five endpoints of Mina's, and two of a team's."""
    fleet = ground.sandbox.sagemaker()
    hers = ("go", "go-now", "go-back", "keep-exempt", "keep-late")
    for name in (*hers, "keep", "keep-asked"):
        tags = {"Owner": MINA} if name in hers else {"Owner": NOBODY, "Team": "vision"}
        fleet.add_endpoint(name, created_at=LONG_AGO, tags=tags)
        add_calls(ground, name, [0.0] * 24 * 9)
    tag(ground, "endpoint/keep")


def _use(ground: "Ground", name: str) -> None:
    now = ground.sandbox.clock.now()
    hour = now.replace(minute=0) - 2 * HOUR
    add_calls(ground, name, [1.0] * 100, hour)
