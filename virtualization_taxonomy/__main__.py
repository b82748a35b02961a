"""The command: ``virt-taxonomy``, and ``python -m virtualization_taxonomy``."""

import gc

# To look for garbage among what is imported takes a tenth of the start, and finds none.
gc.disable()

from app.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
