"""The advisor: once a week each team, and ops, hear what would do the same work for less.

Event: ``{"version": 1}``, from EventBridge Scheduler. Each account gets a message on the advisor's
own queue. Answer: how many messages; none where ops have this week's advice already.
It raises when the ledger or the archive could not be read, or not all messages were sent: Lambda
tries twice more, then its dead-letter queue.

Event: messages of that queue. Answer: the partial batch response. One that fails comes three times,
then it is a dead letter. What could not be read of an account is told to ops.
"""

from sagewarden.entrypoints.advising import advise_handler

handler = advise_handler()
