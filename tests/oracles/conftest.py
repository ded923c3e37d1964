"""What the formats' own packages say; they are apart from the bot's, and come last."""

import sys
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"
sys.path.append(str(PACKAGES))
