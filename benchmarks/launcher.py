"""Run a command and write what it took into a file: a process that is small itself.

Linux counts the memory of whoever starts a process as the process's own, until it is exceeded.
"""

import json
import os
import subprocess
import sys
import time

out, *command = sys.argv[1:]
begun = time.monotonic()
process = subprocess.Popen(command)  # noqa: S603 - the command it is told
_, status, used = os.wait4(process.pid, 0)
seconds = time.monotonic() - begun
code = os.waitstatus_to_exitcode(status)
process.returncode = code
cpu = used.ru_utime + used.ru_stime
with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not imported here
    json.dump(
        {"code": code, "seconds": seconds, "cpu": cpu, "peak_mb": used.ru_maxrss / 1024}, file
    )
