"""The idle endpoints bot: what nobody calls is deleted, scaled to zero or released.

Event: SQS messages of the bot's queue, one per account and region.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/idle-endpoints.md.
"""

from sagewarden.entrypoints.sweeping import sweep_handler

handler = sweep_handler("idle_endpoints")
