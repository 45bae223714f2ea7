"""What tests of simulations share: none leaves its services behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from untangle.simulate import backend


@pytest.fixture(autouse=True, scope="module")
def emptied() -> Iterator[None]:
    """After the tests of a file moto stands aside: other tests begin with an account of their own."""
    yield
    backend.stop()
