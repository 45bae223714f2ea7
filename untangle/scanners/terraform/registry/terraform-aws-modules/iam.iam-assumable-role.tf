# A role that others assume, with the policies attached to it (versions before 6).
# https://registry.terraform.io/modules/terraform-aws-modules/iam/aws/5.60.0/submodules/iam-assumable-role

variable "create_role" { default = false }
variable "role_name" { default = null }
variable "role_name_prefix" { default = null }
variable "custom_role_policy_arns" { default = [] }
variable "inline_policy_statements" { default = [] }

resource "aws_iam_role" "this" {
  count = var.create_role ? 1 : 0

  name        = var.role_name
  name_prefix = var.role_name_prefix
}

resource "aws_iam_role_policy_attachment" "custom" {
  count = var.create_role ? length(var.custom_role_policy_arns) : 0

  role       = aws_iam_role.this[0].name
  policy_arn = var.custom_role_policy_arns[count.index]
}

data "aws_iam_policy_document" "inline" {
  count = var.create_role && length(var.inline_policy_statements) > 0 ? 1 : 0

  dynamic "statement" {
    for_each = var.inline_policy_statements
    content {
      effect    = try(statement.value.effect, null)
      actions   = try(statement.value.actions, null)
      resources = try(statement.value.resources, null)
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  count = var.create_role && length(var.inline_policy_statements) > 0 ? 1 : 0

  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.inline[0].json
}

output "iam_role_arn" { value = try(aws_iam_role.this[0].arn, "") }
output "iam_role_name" { value = try(aws_iam_role.this[0].name, "") }
