"""The command: ``virt-taxonomy``, and ``python -m virtualization_taxonomy``."""

import gc
import sys

# To look for garbage among what is imported takes a tenth of the start, and finds none.
gc.disable()

if sys.argv[1:2] in (["lookup"], ["identify"]):
    # They need none of what serves, which takes ten times as long to import.
    from app.terminal import main
else:
    from app.cli import main

if __name__ == "__main__":
    main()
