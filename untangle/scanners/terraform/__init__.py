"""Terraform and OpenTofu: configurations read and evaluated, then put into CloudFormation's vocabulary."""
