# A table.
# https://registry.terraform.io/modules/cloudposse/dynamodb/aws/latest

variable "table_name" { default = null }
variable "hash_key" { default = null }
variable "range_key" { default = "" }
variable "enable_streams" { default = false }
variable "stream_view_type" { default = "" }

resource "aws_dynamodb_table" "default" {
  count = local.is_enabled ? 1 : 0

  name             = var.table_name == null || var.table_name == "" ? local.id : var.table_name
  hash_key         = var.hash_key
  range_key        = var.range_key
  stream_enabled   = var.enable_streams
  stream_view_type = var.enable_streams ? var.stream_view_type : null
}

output "table_name" { value = try(aws_dynamodb_table.default[0].name, "") }
output "table_id" { value = try(aws_dynamodb_table.default[0].id, "") }
output "table_arn" { value = try(aws_dynamodb_table.default[0].arn, "") }
output "table_stream_arn" { value = try(aws_dynamodb_table.default[0].stream_arn, "") }
