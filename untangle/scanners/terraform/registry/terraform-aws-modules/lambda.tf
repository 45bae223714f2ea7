# A function (or a layer) with its role, its grants and what invokes it.
# https://registry.terraform.io/modules/terraform-aws-modules/lambda/aws/latest

variable "create" { default = true }
variable "create_function" { default = true }
variable "create_layer" { default = false }
variable "create_role" { default = true }
variable "create_package" { default = true }
variable "create_lambda_function_url" { default = false }
variable "create_async_event_config" { default = false }
variable "create_current_version_async_event_config" { default = true }
variable "create_unqualified_alias_async_event_config" { default = true }
variable "create_current_version_allowed_triggers" { default = true }
variable "create_unqualified_alias_allowed_triggers" { default = true }
variable "create_unqualified_alias_lambda_function_url" { default = true }

variable "function_name" { default = null }
variable "layer_name" { default = null }
variable "description" { default = null }
variable "handler" { default = null }
variable "runtime" { default = null }
variable "timeout" { default = 3 }
variable "memory_size" { default = 128 }
variable "layers" { default = null }
variable "compatible_runtimes" { default = [] }
variable "reserved_concurrent_executions" { default = null }
variable "environment_variables" { default = {} }
variable "dead_letter_target_arn" { default = null }
variable "package_type" { default = "Zip" }
variable "image_uri" { default = null }
variable "image_config_command" { default = [] }
variable "image_config_entry_point" { default = [] }
variable "source_path" { default = null }
variable "local_existing_package" { default = null }
variable "s3_existing_package" { default = null }

variable "lambda_role" { default = null }
variable "role_name" { default = null }
variable "attach_dead_letter_policy" { default = false }
variable "attach_async_event_policy" { default = false }
variable "attach_policy" { default = false }
variable "policy" { default = null }
variable "attach_policies" { default = false }
variable "policies" { default = [] }
variable "attach_policy_json" { default = false }
variable "policy_json" { default = null }
variable "attach_policy_jsons" { default = false }
variable "policy_jsons" { default = [] }
variable "attach_policy_statements" { default = false }
variable "policy_statements" { default = {} }

variable "maximum_event_age_in_seconds" { default = null }
variable "maximum_retry_attempts" { default = null }
variable "destination_on_failure" { default = null }
variable "destination_on_success" { default = null }
variable "event_source_mapping" { default = {} }
variable "allowed_triggers" { default = {} }
variable "authorization_type" { default = "NONE" }

locals {
  is_function = var.create && var.create_function && !var.create_layer
  has_role    = local.is_function && var.create_role

  # Where the code lies in the tree, whatever form source_path is written in; what is built from it is of no interest.
  written = var.local_existing_package == null ? var.source_path : var.local_existing_package
  source  = try(tostring(local.written), local.written.path, local.written[0].path, tostring(local.written[0]), null)
}

resource "aws_lambda_function" "this" {
  count = local.is_function ? 1 : 0

  function_name                  = var.function_name
  description                    = var.description
  role                           = var.create_role ? aws_iam_role.lambda[0].arn : var.lambda_role
  handler                        = var.package_type == "Zip" ? var.handler : null
  runtime                        = var.package_type == "Zip" ? var.runtime : null
  timeout                        = var.timeout
  memory_size                    = var.memory_size
  layers                         = var.layers
  reserved_concurrent_executions = var.reserved_concurrent_executions
  package_type                   = var.package_type
  image_uri                      = var.image_uri
  image_config                   = [{ command = var.image_config_command, entry_point = var.image_config_entry_point }]
  filename                       = local.source
  s3_bucket                      = try(var.s3_existing_package.bucket, null)
  s3_key                         = try(var.s3_existing_package.key, null)
  environment                    = [{ variables = var.environment_variables }]
  dead_letter_config             = var.dead_letter_target_arn == null ? [] : [{ target_arn = var.dead_letter_target_arn }]
}

resource "aws_lambda_layer_version" "this" {
  count = var.create && var.create_layer ? 1 : 0

  layer_name          = var.layer_name
  compatible_runtimes = var.compatible_runtimes
  filename            = local.source
  s3_bucket           = try(var.s3_existing_package.bucket, null)
  s3_key              = try(var.s3_existing_package.key, null)
}

resource "aws_iam_role" "lambda" {
  count = local.has_role ? 1 : 0

  name = try(coalesce(var.role_name, var.function_name), null)
}

resource "aws_iam_role_policy" "dead_letter" {
  count = local.has_role && var.attach_dead_letter_policy ? 1 : 0

  role = aws_iam_role.lambda[0].name
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = ["sns:Publish", "sqs:SendMessage"], Resource = [var.dead_letter_target_arn] }]
  })
}

resource "aws_iam_role_policy" "async" {
  count = local.has_role && var.attach_async_event_policy ? 1 : 0

  role = aws_iam_role.lambda[0].name
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["sns:Publish", "sqs:SendMessage", "events:PutEvents", "lambda:InvokeFunction"]
      Resource = compact([var.destination_on_failure, var.destination_on_success])
    }]
  })
}

resource "aws_iam_role_policy" "additional_json" {
  count = local.has_role && var.attach_policy_json ? 1 : 0

  role   = aws_iam_role.lambda[0].name
  policy = var.policy_json
}

resource "aws_iam_role_policy" "additional_jsons" {
  count = local.has_role && var.attach_policy_jsons ? length(var.policy_jsons) : 0

  role   = aws_iam_role.lambda[0].name
  policy = var.policy_jsons[count.index]
}

resource "aws_iam_role_policy_attachment" "additional_one" {
  count = local.has_role && var.attach_policy ? 1 : 0

  role       = aws_iam_role.lambda[0].name
  policy_arn = var.policy
}

resource "aws_iam_role_policy_attachment" "additional_many" {
  count = local.has_role && var.attach_policies ? length(var.policies) : 0

  role       = aws_iam_role.lambda[0].name
  policy_arn = var.policies[count.index]
}

data "aws_iam_policy_document" "additional_inline" {
  count = local.has_role && var.attach_policy_statements ? 1 : 0

  dynamic "statement" {
    for_each = var.policy_statements
    content {
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null)
      not_resources = try(statement.value.not_resources, null)
    }
  }
}

resource "aws_iam_role_policy" "additional_inline" {
  count = local.has_role && var.attach_policy_statements ? 1 : 0

  role   = aws_iam_role.lambda[0].name
  policy = data.aws_iam_policy_document.additional_inline[0].json
}

locals {
  # Versions and aliases are one function here: of the two settings one stands for both.
  qualifiers = concat(
    var.create_unqualified_alias_async_event_config ? ["unqualified_alias"] : [],
    var.create_current_version_async_event_config ? ["current_version"] : [],
  )
}

resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = local.is_function && var.create_async_event_config ? toset(slice(local.qualifiers, 0, min(1, length(local.qualifiers)))) : toset([])

  function_name                = aws_lambda_function.this[0].function_name
  maximum_event_age_in_seconds = var.maximum_event_age_in_seconds
  maximum_retry_attempts       = var.maximum_retry_attempts
  destination_config = [{
    on_failure = var.destination_on_failure == null ? [] : [{ destination = var.destination_on_failure }]
    on_success = var.destination_on_success == null ? [] : [{ destination = var.destination_on_success }]
  }]
}

resource "aws_lambda_permission" "unqualified_alias_triggers" {
  for_each = { for k, v in var.allowed_triggers : k => v if local.is_function && var.create_unqualified_alias_allowed_triggers }

  function_name = aws_lambda_function.this[0].function_name
  action        = try(each.value.action, "lambda:InvokeFunction")
  principal     = try(each.value.principal, format("%s.amazonaws.com", each.value.service), null)
  source_arn    = try(each.value.source_arn, null)
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = { for k, v in var.event_source_mapping : k => v if local.is_function && var.create_unqualified_alias_allowed_triggers }

  function_name                      = aws_lambda_function.this[0].arn
  event_source_arn                   = try(each.value.event_source_arn, null)
  batch_size                         = try(each.value.batch_size, null)
  maximum_batching_window_in_seconds = try(each.value.maximum_batching_window_in_seconds, null)
  enabled                            = try(each.value.enabled, true)
  starting_position                  = try(each.value.starting_position, null)
  parallelization_factor             = try(each.value.parallelization_factor, null)
  maximum_retry_attempts             = try(each.value.maximum_retry_attempts, null)
  maximum_record_age_in_seconds      = try(each.value.maximum_record_age_in_seconds, null)
  bisect_batch_on_function_error     = try(each.value.bisect_batch_on_function_error, null)
  topics                             = try(each.value.topics, null)
  queues                             = try(each.value.queues, null)
  function_response_types            = try(each.value.function_response_types, null)
  tumbling_window_in_seconds         = try(each.value.tumbling_window_in_seconds, null)
  destination_config                 = try([{ on_failure = [{ destination_arn = each.value.destination_arn_on_failure }] }], [])
  scaling_config                     = try([each.value.scaling_config], [])
  self_managed_event_source          = try([{ endpoints = each.value.self_managed_event_source[0].endpoints }], [])
  document_db_event_source_config    = try([each.value.document_db_event_source_config], [])
  filter_criteria = try(
    [{ filter = [for filter in flatten([each.value.filter_criteria]) : { pattern = filter.pattern }] }],
    [],
  )
}

resource "aws_lambda_function_url" "this" {
  count = local.is_function && var.create_lambda_function_url ? 1 : 0

  function_name      = aws_lambda_function.this[0].function_name
  authorization_type = var.authorization_type
}

output "lambda_function_arn" { value = try(aws_lambda_function.this[0].arn, "") }
output "lambda_function_arn_static" { value = try(aws_lambda_function.this[0].arn, "") }
output "lambda_function_invoke_arn" { value = try(aws_lambda_function.this[0].invoke_arn, "") }
output "lambda_function_name" { value = try(aws_lambda_function.this[0].function_name, "") }
output "lambda_function_qualified_arn" { value = try(aws_lambda_function.this[0].qualified_arn, "") }
output "lambda_function_qualified_invoke_arn" { value = try(aws_lambda_function.this[0].qualified_invoke_arn, "") }
output "lambda_function_version" { value = try(aws_lambda_function.this[0].version, "") }
output "lambda_function_url" { value = try(aws_lambda_function_url.this[0].function_url, "") }
output "lambda_layer_arn" { value = try(aws_lambda_layer_version.this[0].arn, "") }
output "lambda_role_arn" { value = try(aws_iam_role.lambda[0].arn, "") }
output "lambda_role_name" { value = try(aws_iam_role.lambda[0].name, "") }
output "lambda_cloudwatch_log_group_name" { value = "/aws/lambda/${var.function_name}" }
output "lambda_event_source_mapping_arn" { value = { for k, v in aws_lambda_event_source_mapping.this : k => v.arn } }
output "local_filename" { value = local.source }
output "this_lambda_function_arn" { value = try(aws_lambda_function.this[0].arn, "") }
output "this_lambda_function_invoke_arn" { value = try(aws_lambda_function.this[0].invoke_arn, "") }
output "this_lambda_function_name" { value = try(aws_lambda_function.this[0].function_name, "") }
