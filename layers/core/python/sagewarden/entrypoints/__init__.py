"""What AWS Lambda calls: events in, use cases run, log lines and metrics out.

In Lambda, and only there, nobody looks for garbage until the first invocation (`handlers`): nothing
that a cold start loads is any, and to look takes a tenth of its time (`benchmarks/README.md`).
"""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    gc.disable()
