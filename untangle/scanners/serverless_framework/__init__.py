"""The Serverless Framework, versions 1 to 4, and osls: serverless.yml, .json, .ts and .js.

`read` finds the services, `variables` resolves their `${…}`, `service` evaluates their parts (`resources` is CloudFormation and
is read as such), `expand` writes one out: `function`, `roles`, `events`, and the plugins that make resources of their own.
Scripts are never run: `script` evaluates what is literal in them.
"""

from untangle.scanners.scanner import Scanner
from untangle.scanners.serverless_framework.read import read

SCANNER = Scanner(kind="serverless_framework", title="Serverless Framework services", read=read)
