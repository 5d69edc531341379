"""Run a command and write what it took: wall-clock seconds, processor seconds, and the peak memory of it and its children.

    python -m benchmarks.measured usage.json command [argument ...]

A process of its own, because the system counts the memory of the starting process as the started one's: started from here, that is
a few megabytes. Nothing but the standard library is imported for the same reason.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit status."""
    if len(arguments) < 2:
        print("usage: python -m benchmarks.measured usage.json command [argument ...]", file=sys.stderr)
        return 2
    report, *command = arguments
    started = time.perf_counter()
    status = subprocess.run(command, check=False).returncode
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    unit = 1024.0**2 if sys.platform == "darwin" else 1024.0
    usage = {"seconds": seconds, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / unit}
    Path(report).write_text(json.dumps(usage), encoding="utf-8")
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
