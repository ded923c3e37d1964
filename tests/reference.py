"""What others have published of their interfaces, where it lies beside the checkout."""

from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "shared" / "reference"

with_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published reference does not lie beside the checkout"
)
