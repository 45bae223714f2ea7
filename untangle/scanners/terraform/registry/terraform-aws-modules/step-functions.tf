# A state machine with its role.
# https://registry.terraform.io/modules/terraform-aws-modules/step-functions/aws/latest

variable "create" { default = true }
variable "create_role" { default = true }
variable "use_existing_role" { default = false }
variable "name" { default = null }
variable "type" { default = "STANDARD" }
variable "definition" { default = null }
variable "role_arn" { default = null }
variable "role_name" { default = null }

locals {
  has_role = var.create && var.create_role && !var.use_existing_role
}

resource "aws_sfn_state_machine" "this" {
  count = var.create ? 1 : 0

  name       = var.name
  type       = try(upper(var.type), var.type)
  definition = var.definition
  role_arn   = local.has_role ? aws_iam_role.this[0].arn : var.role_arn
}

resource "aws_iam_role" "this" {
  count = local.has_role ? 1 : 0

  name = try(coalesce(var.role_name, var.name), null)
}

output "state_machine_id" { value = try(aws_sfn_state_machine.this[0].id, "") }
output "state_machine_arn" { value = try(aws_sfn_state_machine.this[0].arn, "") }
output "state_machine_name" { value = try(aws_sfn_state_machine.this[0].name, "") }
output "role_arn" { value = try(aws_iam_role.this[0].arn, "") }
output "role_name" { value = try(aws_iam_role.this[0].name, "") }
