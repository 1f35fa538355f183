"""The responder: what people asked for in Slack is done, and their messages show it.

Event: SQS messages of the clicks' queue, a click or a command each.
Answer: the messages that failed or have to wait, which SQS shows again and at last moves to
the DLQ.
How Slack is set up is in docs/slack.md.
"""

from sagewarden.entrypoints.responding import respond_handler

handler = respond_handler()
