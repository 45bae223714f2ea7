"""What one container does: `inventory` writes down what there is to scan, `scan` scans one region of one account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

MADE = (0, 1, 3)  # how `untangle scan` ends where it could read: done, findings, nothing there


def inventory() -> int:
    """Writes every active account times every region of REGIONS to INVENTORY, an object of BUCKET."""
    pages = boto3.client("organizations").get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    active = sorted(account["Id"] for account in accounts if account.get("State", account.get("Status")) == "ACTIVE")
    regions = sorted(os.environ["REGIONS"].split(","))
    items = [{"account": account, "region": region} for account in active for region in regions]
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=os.environ["INVENTORY"], Body=json.dumps(items))
    print(f"{len(active)} accounts, {len(regions)} regions")
    return 0


def scan() -> int:
    """Scans REGION of ACCOUNT by its role ROLE_NAME, and keeps the recording in BUCKET, as recordings/ACCOUNT/REGION.zip."""
    account, region = os.environ["ACCOUNT"], os.environ["REGION"]
    role = f"arn:{os.environ['PARTITION']}:iam::{account}:role/{os.environ['ROLE_NAME']}"
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder, f"{account}-{region}.zip")
        command = ["scan", "--account", "--role-arn", role, "--region", region, "--record", str(recording), "--quiet"]
        done = subprocess.run([sys.executable, "-m", "untangle", *command, "-o", str(Path(folder, "scan.json"))])
        if not recording.is_file() or done.returncode not in MADE:
            return done.returncode or 2
        boto3.client("s3").upload_file(str(recording), os.environ["BUCKET"], f"recordings/{account}/{region}.zip")
    return 0


if __name__ == "__main__":
    sys.exit({"inventory": inventory, "scan": scan}[sys.argv[1]]())
