"""Readers, one per source. Each turns what it reads into resources in CloudFormation's vocabulary, with lines.

What the canonical resources look like, whatever format they came from:

- `AWS::Lambda::Function`: `Handler`, `Runtime`, `Timeout`, `MemorySize`, `FunctionName`, `Role`, `Environment.Variables`,
  `Layers`, `DeadLetterConfig`, `PackageType`; `Code` is a local path (text, relative to the stack's `folder`), or
  `{ZipFile}`, `{S3Bucket, S3Key}`, `{ImageUri}`. Build hints of the format stay in `metadata`.
- `AWS::Lambda::EventSourceMapping`, `AWS::Lambda::EventInvokeConfig`, `AWS::Lambda::Permission`, `AWS::Lambda::Alias`, …: as in
  CloudFormation, also where a format writes them inside the function.
- grants are `AWS::IAM::Role`, `AWS::IAM::Policy` and `AWS::IAM::ManagedPolicy` resources with policy documents.
- an entry point of a function that has no resource of its own in CloudFormation is written as the resource that AWS
  makes for it (`AWS::Events::Rule` for a schedule, `AWS::ApiGateway::Method` for a route).
"""

from untangle.scanners import cdk, cloudformation, pulumi, serverless_framework, terraform

# The Serverless Framework first: the files that its services take in are no templates of their own.
SCANNERS = (serverless_framework.SCANNER, cloudformation.SCANNER, terraform.SCANNER, pulumi.SCANNER, cdk.SCANNER)
