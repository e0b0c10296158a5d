"""Records the cassettes of every operation: `make record`.

Against a local sandbox, unless `ASTRA_RECORD=real` is set: then against Astra's own sandbox, with `ASTRA_CLIENT_ID`,
`ASTRA_CLIENT_SECRET` and an `ASTRA_TOKEN_STORE` that holds a user under the key "person". Each cassette says in its
first line what it was recorded against.
"""

from __future__ import annotations

import os
import sys

from tests.cassettes.recorder import record_all, record_real


def main() -> int:
    """Records and says what was recorded."""
    if os.environ.get("ASTRA_RECORD") != "real":
        print(f"recorded {len(record_all())} cassettes against the local sandbox")
        return 0
    recorded, left = record_real()
    print(f"recorded {len(recorded)} cassettes against Astra's own sandbox; {len(left)} were left as they are:")
    for line in left:
        print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
