"""The restorer: what people want back is brought back, and their messages show how far it is.

Event: SQS messages of the restores' queue, a click on Restore each.
Answer: the messages that AWS is still at, or that failed, which SQS shows again and at last moves
to the DLQ.
What comes back is in docs/undo.md.
"""

from sagewarden.entrypoints.restoring import restore_handler

handler = restore_handler()
