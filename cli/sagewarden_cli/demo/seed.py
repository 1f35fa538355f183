"""Which organisation the demo makes up when nobody asks for another.

It stands alone: the command line names it in its help, and must not import moto for that.
"""

SEED = 20261116
