# A managed policy.
# https://registry.terraform.io/modules/terraform-aws-modules/iam/aws/latest/submodules/iam-policy

variable "create" { default = true }
variable "create_policy" { default = true }
variable "name" { default = null }
variable "name_prefix" { default = null }
variable "policy" { default = "" }

resource "aws_iam_policy" "policy" {
  count = var.create && var.create_policy ? 1 : 0

  name        = var.name
  name_prefix = var.name_prefix
  policy      = var.policy
}

output "id" { value = try(aws_iam_policy.policy[0].id, null) }
output "arn" { value = try(aws_iam_policy.policy[0].arn, null) }
output "name" { value = try(aws_iam_policy.policy[0].name, null) }
