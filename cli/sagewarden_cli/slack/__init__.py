"""A Slack workspace on one machine: for tests, the demo, and anybody without a workspace.

Inside one process::

    with LocalSlack(clock=sandbox.clock, request_url=handler_url) as slack:
        slack.add_user("mina", email="mina@example.com", tz="Asia/Seoul", locale="ko-KR")
        slack.add_channel("ml-costs", members=["mina"])
        slack.add_group("ml-platform", ["mina"])

        client = slack_sdk.WebClient(slack.token, base_url=slack.url)
        client.chat_postMessage(channel="#ml-costs", text="...", blocks=[...])

        (message,) = slack.messages("ml-costs")  # text, blocks, history, thread_ts, edited
        slack.click(message, "keep", by="mina")  # signed with slack.signing_secret, and sent
        (modal,) = slack.modals("mina")
        slack.submit(modal, {"until": "2027-01-31", "why": "migrating"}, by="mina")
        slack.command("/sagewarden", "status", by="mina")

        slack.fail(share=0.2, seed=1)  # 500, 503 and dropped connections
        slack.refuse("chat.postMessage", "fatal_error", times=2)
        slack.down()
        slack.up()

It enforces Slack's own limits and rate limits; docs/local-slack.md says where it differs.
"""

from sagewarden_cli.slack.delivery import Acknowledgement, SignedRequest
from sagewarden_cli.slack.faults import Fault
from sagewarden_cli.slack.local_slack import LocalSlack

__all__ = ["Acknowledgement", "Fault", "LocalSlack", "SignedRequest"]
