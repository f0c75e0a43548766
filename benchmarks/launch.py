"""Run a command and print its milliseconds and its peak memory in kB: `python -I -S launch.py COMMAND ...`.

A process of its own and a small one, since the peak of a child counts from what its parent had.
"""

import os
import sys
import time

started = time.perf_counter()
child = os.posix_spawn(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
)
_, status, usage = os.wait4(child, 0)
print(1e3 * (time.perf_counter() - started), usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
