"""The idle services bot: what nobody uses is stopped, or its owner is told.

Event: SQS messages of the bot's queue, one per account and region.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/idle-services.md.
"""

from sagewarden.entrypoints.sweeping import sweep_handler

handler = sweep_handler("idle_services")
