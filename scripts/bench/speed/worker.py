"""One contender in a process of its own: reads "<case>\\t<calls>" lines, answers each with its CPU and wall time."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]
sys.path.insert(0, str(HERE.parents[2]))


def main() -> None:
    """Serves the bench until its input ends."""
    from scripts.bench.speed.cases import CLOSE
    from scripts.bench.speed.contenders import CONTENDERS

    warnings.simplefilter("ignore")
    cases = CONTENDERS[sys.argv[1]](sys.argv[2])
    print(json.dumps(sorted(cases)), flush=True)
    for line in sys.stdin:
        name, calls = line.rstrip("\n").split("\t")
        case = cases[name]
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        case(int(calls))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"cpu": cpu / int(calls), "wall": wall / int(calls), "peak_mib": peak}), flush=True)
    if CLOSE in cases:
        cases[CLOSE](1)


if __name__ == "__main__":
    main()
