"""IAM: roles, policies and what attaches the one to the other; parameters and secrets that hold names.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role and its neighbours;
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from untangle.scanners.terraform.mapping.table import Fields, Join, Json, Many, Prefix, Row, Table, same

_TO_ROLE = Join(
    owner="AWS::IAM::Role",
    key="Role",
    name="RoleName",
    to="ManagedPolicyArns",
    value="PolicyArn",
)
_PARAMETER: Fields = {"name": "Name", "value": "Value", "insecure_value": "Value", "value_wo": "Value", "type": "Type"}

TABLES = (
    Table(
        type="aws_iam_role",
        to="AWS::IAM::Role",
        fields={
            "name": "RoleName",
            "name_prefix": Prefix("RoleName"),
            "path": "Path",
            "assume_role_policy": Json("AssumeRolePolicyDocument"),
            "inline_policy": Many("Policies", {"name": "PolicyName", "policy": Json("PolicyDocument")}),
            "managed_policy_arns": "ManagedPolicyArns",
            "permissions_boundary": "PermissionsBoundary",
        },
        refs={"id": "", "name": "", "arn": "Arn", "unique_id": "RoleId"},
    ),
    Table(
        type="aws_iam_role_policy",
        to="AWS::IAM::Policy",
        fields={
            "name": "PolicyName",
            "role": Row("Roles", lambda value: value),
            "policy": Json("PolicyDocument"),
        },
    ),
    Table(
        type="aws_iam_policy",
        to="AWS::IAM::ManagedPolicy",
        fields={
            "name": "ManagedPolicyName",
            "name_prefix": Prefix("ManagedPolicyName"),
            "policy": Json("PolicyDocument"),
        },
        refs={"id": "", "arn": "", "name": "ManagedPolicyName"},
    ),
    Table(
        type="aws_iam_role_policy_attachment",
        to="AWS::IAM::RolePolicyAttachment",
        fields={"role": "Role", "policy_arn": "PolicyArn"},
        join=_TO_ROLE,
    ),
    Table(
        type="aws_iam_policy_attachment",
        to="AWS::IAM::PolicyAttachment",
        fields={"roles": "Role", "policy_arn": "PolicyArn"},
        join=_TO_ROLE,
    ),
    Table(
        type="aws_iam_role_policy_attachments_exclusive",
        to="AWS::IAM::RolePolicyAttachments",
        fields={"role_name": "Role", "policy_arns": "PolicyArn"},
        join=_TO_ROLE,
    ),
    Table(
        type="aws_ssm_parameter",
        to="AWS::SSM::Parameter",
        fields=_PARAMETER,
        refs={"id": "", "name": "", "arn": "Arn", "value": "Value", "insecure_value": "Value"},
    ),
    Table(
        type="aws_secretsmanager_secret",
        to="AWS::SecretsManager::Secret",
        fields={"name": "Name", "name_prefix": Prefix("Name"), **same("description")},
        refs={"id": "", "arn": "", "name": "Name"},
    ),
)
