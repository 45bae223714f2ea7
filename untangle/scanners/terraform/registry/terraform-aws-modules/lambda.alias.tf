# An alias of a function, with what invokes it.
# https://registry.terraform.io/modules/terraform-aws-modules/lambda/aws/latest/submodules/alias

variable "create" { default = true }
variable "name" { default = "" }
variable "function_name" { default = "" }
variable "function_version" { default = "" }
variable "use_existing_alias" { default = false }
variable "refresh_alias" { default = true }
variable "create_async_event_config" { default = false }
variable "maximum_event_age_in_seconds" { default = null }
variable "maximum_retry_attempts" { default = null }
variable "destination_on_failure" { default = null }
variable "destination_on_success" { default = null }
variable "event_source_mapping" { default = {} }

resource "aws_lambda_alias" "with_refresh" {
  count = var.create && !var.use_existing_alias && var.refresh_alias ? 1 : 0

  name             = var.name
  function_name    = var.function_name
  function_version = var.function_version
}

resource "aws_lambda_alias" "no_refresh" {
  count = var.create && !var.use_existing_alias && !var.refresh_alias ? 1 : 0

  name             = var.name
  function_name    = var.function_name
  function_version = var.function_version
}

locals {
  alias = try(aws_lambda_alias.with_refresh[0], aws_lambda_alias.no_refresh[0], null)
}

resource "aws_lambda_function_event_invoke_config" "with_version" {
  count = var.create && var.create_async_event_config ? 1 : 0

  function_name                = var.function_name
  maximum_event_age_in_seconds = var.maximum_event_age_in_seconds
  maximum_retry_attempts       = var.maximum_retry_attempts
  destination_config = [{
    on_failure = var.destination_on_failure == null ? [] : [{ destination = var.destination_on_failure }]
    on_success = var.destination_on_success == null ? [] : [{ destination = var.destination_on_success }]
  }]
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = { for k, v in var.event_source_mapping : k => v if var.create }

  function_name           = try(local.alias.arn, var.function_name)
  event_source_arn        = try(each.value.event_source_arn, null)
  batch_size              = try(each.value.batch_size, null)
  enabled                 = try(each.value.enabled, null)
  starting_position       = try(each.value.starting_position, null)
  function_response_types = try(each.value.function_response_types, null)
}

output "lambda_alias_name" { value = var.name }
output "lambda_alias_arn" { value = try(local.alias.arn, "") }
output "lambda_alias_invoke_arn" { value = try(local.alias.invoke_arn, "") }
