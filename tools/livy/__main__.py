"""`python -m tools.livy [PORT]`: a Livy server until Ctrl-C."""

import signal
import sys

from tools.livy.server import livy_server


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else None
    # Who starts it behind an `&` in a script has it ignore SIGINT.
    for ends in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ends, signal.default_int_handler)
    try:
        with livy_server(port) as livy:
            print(f"Livy is at {livy.url}; Ctrl-C stops it and its sessions.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except (FileNotFoundError, RuntimeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
