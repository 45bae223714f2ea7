"""The live account, or a recording of one: what is deployed, as CloudFormation's resources."""
