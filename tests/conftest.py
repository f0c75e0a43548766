"""What all tests share: failing random examples print how to run them again, and runs are the same everywhere."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS), *(str(room) for room in TESTS.iterdir() if room.is_dir())]
settings.register_profile("reproducible", derandomize=True, print_blob=True, deadline=None)
settings.load_profile("reproducible")
