"""The node groups bot: EKS node groups with GPUs run in their hours, and only while they work.

Event: SQS messages of the bot's queue, one per account and region.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/node-groups.md.
"""

from sagewarden.entrypoints.sweeping import sweep_handler

handler = sweep_handler("node_groups")
