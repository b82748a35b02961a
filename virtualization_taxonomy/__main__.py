"""The command: ``virt-taxonomy``, and ``python -m virtualization_taxonomy``."""

from app.cli import main

if __name__ == "__main__":
    main()
