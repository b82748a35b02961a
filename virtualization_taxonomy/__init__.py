"""The installed package; importing it makes `app` mean the service's own, whatever else has that name.

The wheel puts `app`, `migrations` and `seed` into this folder, where no other project's folder `app` collides with
them. In a checkout they lie beside it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(next(folder for folder in Path(__file__).resolve().parents if (folder / "app").is_dir())))
