"""`make fuzz TARGET=updates SECONDS=3600`: one target under atheris (coverage-guided), for so much CPU time.

What is found is written to the folder `found`; once it is mended it goes into SEEDS of tests/fuzz/test_targets.py.
"""

import logging
import os
import resource
import sys
import threading
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bot", "tests.fuzz", "ruamel", "telegram.request"]):
    from tests.fuzz.targets import TARGETS, world


def main() -> None:
    name, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 3600
    corpus = Path(os.environ.get("CORPUS", "/tmp/stonechat-corpus")) / name
    corpus.mkdir(parents=True, exist_ok=True)
    found = Path("found") / name
    found.mkdir(parents=True, exist_ok=True)
    found = found.absolute()
    logging.disable(logging.CRITICAL)
    world()
    began = time.process_time()

    def watch() -> None:
        while time.process_time() - began < seconds:
            time.sleep(1)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{name}: {time.process_time() - began:.0f} s of CPU, no finding, {memory} MB", flush=True)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    flags = [f"-artifact_prefix={found}/", "-max_len=4096", "-timeout=300", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
