"""The dispatcher: a schedule names a bot; every account and region of the policy gets a message.

Event: ``{"version": 1, "bot": "notebook_hours"}``, from EventBridge Scheduler.
Answer: how many messages were put on the bot's queue.
It raises when a message could not be sent: Lambda tries twice more, then its dead-letter queue.
"""

from sagewarden.entrypoints.dispatching import dispatch_handler

handler = dispatch_handler()
