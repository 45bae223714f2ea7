"""CloudFormation templates, in YAML and JSON, written by hand or synthesized; SAM templates by way of `scanners.sam`.

`template` tells what is one, `library` finds them, `instance` is one stack of one, `evaluate` and `intrinsics` give its
values, `nested` follows its nested stacks, `read` puts it all together.
"""

from untangle.scanners.cloudformation.read import read
from untangle.scanners.scanner import Scanner

SCANNER = Scanner(kind="cloudformation", title="CloudFormation and SAM templates", read=read)
