"""The provisioned concurrency bot: serverless endpoints scale as their rules ask.

Event: SQS messages of the bot's queue, one per account and region.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/provisioned-concurrency.md.
"""

from sagewarden.entrypoints.scaling import scale_handler

handler = scale_handler("provisioned_concurrency")
