# A table; the name of its resource says how its capacity is managed.
# https://registry.terraform.io/modules/terraform-aws-modules/dynamodb-table/aws/latest

variable "create_table" { default = true }
variable "autoscaling_enabled" { default = false }
variable "ignore_changes_global_secondary_index" { default = false }
variable "name" { default = null }
variable "hash_key" { default = null }
variable "range_key" { default = null }
variable "billing_mode" { default = "PAY_PER_REQUEST" }
variable "stream_enabled" { default = false }
variable "stream_view_type" { default = null }

resource "aws_dynamodb_table" "this" {
  count = var.create_table && !var.autoscaling_enabled ? 1 : 0

  name             = var.name
  hash_key         = var.hash_key
  range_key        = var.range_key
  billing_mode     = var.billing_mode
  stream_enabled   = var.stream_enabled
  stream_view_type = var.stream_view_type
}

resource "aws_dynamodb_table" "autoscaled" {
  count = var.create_table && var.autoscaling_enabled && !var.ignore_changes_global_secondary_index ? 1 : 0

  name             = var.name
  hash_key         = var.hash_key
  range_key        = var.range_key
  stream_enabled   = var.stream_enabled
  stream_view_type = var.stream_view_type
}

resource "aws_dynamodb_table" "autoscaled_gsi_ignore" {
  count = var.create_table && var.autoscaling_enabled && var.ignore_changes_global_secondary_index ? 1 : 0

  name             = var.name
  hash_key         = var.hash_key
  range_key        = var.range_key
  stream_enabled   = var.stream_enabled
  stream_view_type = var.stream_view_type
}

locals {
  table = try(aws_dynamodb_table.this[0], aws_dynamodb_table.autoscaled[0], aws_dynamodb_table.autoscaled_gsi_ignore[0], null)
}

output "dynamodb_table_arn" { value = try(local.table.arn, "") }
output "dynamodb_table_id" { value = try(local.table.id, "") }
output "dynamodb_table_stream_arn" { value = try(local.table.stream_arn, "") }
output "this_dynamodb_table_arn" { value = try(local.table.arn, "") }
output "this_dynamodb_table_id" { value = try(local.table.id, "") }
