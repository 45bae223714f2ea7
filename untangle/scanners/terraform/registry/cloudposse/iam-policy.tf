# A policy document, and perhaps a policy of it.
# https://registry.terraform.io/modules/cloudposse/iam-policy/aws/latest

variable "iam_policy" { default = [] }
variable "iam_policy_statements" { default = [] }
variable "iam_source_policy_documents" { default = null }
variable "iam_override_policy_documents" { default = null }
variable "iam_policy_enabled" { default = false }
variable "role_names" { default = null }

locals {
  # Written as a list, or as a map of which the keys say what each statement is for.
  statements = concat(
    flatten([for policy in var.iam_policy : try(policy.statements, [])]),
    try(values(var.iam_policy_statements), tolist(var.iam_policy_statements), []),
  )
}

data "aws_iam_policy_document" "this" {
  count = local.is_enabled ? 1 : 0

  source_policy_documents   = var.iam_source_policy_documents
  override_policy_documents = var.iam_override_policy_documents

  dynamic "statement" {
    for_each = local.statements
    content {
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null)
      not_resources = try(statement.value.not_resources, null)
    }
  }
}

resource "aws_iam_policy" "default" {
  count = local.is_enabled && var.iam_policy_enabled ? 1 : 0

  name   = local.id
  policy = data.aws_iam_policy_document.this[0].json
}

resource "aws_iam_role_policy_attachment" "default" {
  for_each = local.is_enabled && var.iam_policy_enabled && var.role_names != null ? toset(var.role_names) : toset([])

  role       = each.value
  policy_arn = aws_iam_policy.default[0].arn
}

resource "aws_iam_role_policy" "default" {
  for_each = local.is_enabled && !var.iam_policy_enabled && var.role_names != null ? toset(var.role_names) : toset([])

  role   = each.value
  policy = data.aws_iam_policy_document.this[0].json
}

output "json" { value = try(data.aws_iam_policy_document.this[0].json, null) }
output "policy_arn" { value = try(aws_iam_policy.default[0].arn, null) }
