"""The training bot: jobs that get nowhere are stopped, and warm pools that nobody uses are ended.

Event: SQS messages of the bot's queue, one per account and region.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/training.md.
"""

from sagewarden.entrypoints.sweeping import sweep_handler

handler = sweep_handler("training")
