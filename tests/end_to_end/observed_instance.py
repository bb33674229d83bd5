"""An instance of the reference server that writes down what reached it: observed_instance.py PORT FOLDER.

On SIGTERM it ends, and leaves FOLDER/PORT.json: when it was told to, and of each connection its first head,
when it came, when something last passed, when and how the peer ended it. Times are of the monotonic clock.
"""

import contextlib
import json
import signal
import sys
import threading
import time
from pathlib import Path

from observing_proxy import ObservingProxy
from wsrace_process import ReferenceServer


def main():
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    with contextlib.ExitStack() as stack:
        with ReferenceServer("--step-delay", "20ms") as server:
            proxy = stack.enter_context(ObservingProxy(server.port, port))
            told.wait()
            at = time.monotonic()
    # Now all that the server said in the end has passed.
    kept = [{"head": bytes(one.sent).partition(b"\r\n\r\n")[0].decode(), "opened": one.opened,
             "passed": one.passed, "ended": one.ended, "end": one.end}
            for _, one in sorted(proxy.conversations.items())]
    (folder / f"{port}.json").write_text(json.dumps({"told": at, "connections": kept}))


if __name__ == "__main__":
    main()
