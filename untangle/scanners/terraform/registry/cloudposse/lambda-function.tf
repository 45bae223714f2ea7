# A function with its role.
# https://registry.terraform.io/modules/cloudposse/lambda-function/aws/latest

variable "function_name" { default = null }
variable "handler" { default = null }
variable "runtime" { default = null }
variable "timeout" { default = 3 }
variable "memory_size" { default = 128 }
variable "layers" { default = [] }
variable "package_type" { default = "Zip" }
variable "filename" { default = null }
variable "s3_bucket" { default = null }
variable "s3_key" { default = null }
variable "image_uri" { default = null }
variable "image_config" { default = {} }
variable "lambda_environment" { default = null }
variable "dead_letter_config_target_arn" { default = null }
variable "role_name" { default = null }
variable "custom_iam_policy_arns" { default = [] }
variable "inline_iam_policy" { default = null }

resource "aws_lambda_function" "this" {
  count = local.is_enabled ? 1 : 0

  function_name      = var.function_name
  handler            = var.handler
  runtime            = var.runtime
  timeout            = var.timeout
  memory_size        = var.memory_size
  layers             = var.layers
  package_type       = var.package_type
  filename           = var.filename
  s3_bucket          = var.s3_bucket
  s3_key             = var.s3_key
  image_uri          = var.image_uri
  image_config       = [var.image_config]
  role               = aws_iam_role.this[0].arn
  environment        = var.lambda_environment == null ? [] : [var.lambda_environment]
  dead_letter_config = [{ target_arn = var.dead_letter_config_target_arn }]
}

resource "aws_iam_role" "this" {
  count = local.is_enabled ? 1 : 0

  name = var.role_name
}

resource "aws_iam_role_policy_attachment" "custom" {
  for_each = { for i, arn in tolist(var.custom_iam_policy_arns) : i => arn if local.is_enabled }

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "inline" {
  count = local.is_enabled && var.inline_iam_policy != null ? 1 : 0

  role   = aws_iam_role.this[0].name
  policy = var.inline_iam_policy
}

output "arn" { value = try(aws_lambda_function.this[0].arn, null) }
output "invoke_arn" { value = try(aws_lambda_function.this[0].invoke_arn, null) }
output "qualified_arn" { value = try(aws_lambda_function.this[0].qualified_arn, null) }
output "function_name" { value = try(aws_lambda_function.this[0].function_name, null) }
output "role_arn" { value = try(aws_iam_role.this[0].arn, null) }
output "role_name" { value = try(aws_iam_role.this[0].name, null) }
output "cloudwatch_log_group_name" { value = "/aws/lambda/${var.function_name}" }
