"""The notifier: what the bots have to say reaches owners in Slack, in order and once.

Event: SQS messages of the notices' queue, a parcel for one reader each.
Answer: the messages that failed or have to wait, which SQS shows again.
How Slack is set up is in docs/slack.md.
"""

from sagewarden.entrypoints.notifying import notify_handler

handler = notify_handler()
