# A role with what it may do.
# https://registry.terraform.io/modules/terraform-aws-modules/iam/aws/latest/submodules/iam-role

variable "create" { default = true }
variable "create_inline_policy" { default = false }
variable "name" { default = null }
variable "use_name_prefix" { default = true }
variable "policies" { default = {} }
variable "inline_policy_permissions" { default = {} }
variable "source_inline_policy_documents" { default = [] }

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name        = var.name == null || var.use_name_prefix ? null : var.name
  name_prefix = var.name != null && var.use_name_prefix ? "${var.name}-" : null
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = { for k, v in var.policies : k => v if var.create }

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

data "aws_iam_policy_document" "inline" {
  count = var.create && var.create_inline_policy ? 1 : 0

  source_policy_documents = var.source_inline_policy_documents

  dynamic "statement" {
    for_each = var.inline_policy_permissions
    content {
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null)
      not_resources = try(statement.value.not_resources, null)
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  count = var.create && var.create_inline_policy ? 1 : 0

  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.inline[0].json
}

output "name" { value = try(aws_iam_role.this[0].name, null) }
output "arn" { value = try(aws_iam_role.this[0].arn, null) }
