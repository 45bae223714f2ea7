"""Names: a workflow is called after its chain."""

from __future__ import annotations

import re


def workflow_name(chain: str) -> str:
    """`order-intake` -> `OrderIntake`: letters and digits only, as CloudFormation and Step Functions both allow."""
    words = re.findall(r"[A-Za-z0-9]+", chain)
    return "".join(word[:1].upper() + word[1:] for word in words)[:70] or "Workflow"
