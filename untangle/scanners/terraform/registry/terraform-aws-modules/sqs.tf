# A queue, perhaps with its dead-letter queue.
# https://registry.terraform.io/modules/terraform-aws-modules/sqs/aws/latest

variable "create" { default = true }
variable "create_dlq" { default = false }
variable "create_queue_policy" { default = false }
variable "name" { default = null }
variable "dlq_name" { default = null }
variable "use_name_prefix" { default = false }
variable "fifo_queue" { default = false }
variable "content_based_deduplication" { default = null }
variable "delay_seconds" { default = null }
variable "dlq_delay_seconds" { default = null }
variable "visibility_timeout_seconds" { default = null }
variable "dlq_visibility_timeout_seconds" { default = null }
variable "message_retention_seconds" { default = null }
variable "dlq_message_retention_seconds" { default = null }
variable "receive_wait_time_seconds" { default = null }
variable "max_message_size" { default = null }
# A map; in versions before 4 a JSON text.
variable "redrive_policy" { default = {} }

locals {
  name     = try(trimsuffix(var.name, ".fifo"), null)
  dlq_name = try(coalesce(trimsuffix(var.dlq_name, ".fifo"), "${local.name}-dlq"), "${local.name}-dlq", null)
  suffix   = try(var.fifo_queue ? ".fifo" : "", "")
}

resource "aws_sqs_queue" "this" {
  count = var.create ? 1 : 0

  name                        = var.name == null || var.use_name_prefix ? null : "${local.name}${local.suffix}"
  name_prefix                 = var.name != null && var.use_name_prefix ? "${local.name}-" : null
  fifo_queue                  = var.fifo_queue
  content_based_deduplication = var.content_based_deduplication
  delay_seconds               = var.delay_seconds
  visibility_timeout_seconds  = var.visibility_timeout_seconds
  message_retention_seconds   = var.message_retention_seconds
  receive_wait_time_seconds   = var.receive_wait_time_seconds
  max_message_size            = var.max_message_size
}

resource "aws_sqs_queue_redrive_policy" "this" {
  count = var.create && !var.create_dlq && var.redrive_policy != "" && try(length(var.redrive_policy) > 0, true) ? 1 : 0

  queue_url      = aws_sqs_queue.this[0].url
  redrive_policy = var.redrive_policy
}

resource "aws_sqs_queue_redrive_policy" "dlq" {
  count = var.create && var.create_dlq ? 1 : 0

  queue_url      = aws_sqs_queue.this[0].url
  redrive_policy = merge({ deadLetterTargetArn = aws_sqs_queue.dlq[0].arn, maxReceiveCount = 5 }, var.redrive_policy)
}

resource "aws_sqs_queue" "dlq" {
  count = var.create && var.create_dlq ? 1 : 0

  name                       = var.name == null || var.use_name_prefix ? null : "${local.dlq_name}${local.suffix}"
  name_prefix                = var.name != null && var.use_name_prefix ? "${local.dlq_name}-" : null
  fifo_queue                 = var.fifo_queue
  delay_seconds              = try(coalesce(var.dlq_delay_seconds, var.delay_seconds), null)
  visibility_timeout_seconds = try(coalesce(var.dlq_visibility_timeout_seconds, var.visibility_timeout_seconds), null)
  message_retention_seconds  = try(coalesce(var.dlq_message_retention_seconds, var.message_retention_seconds), null)
}

output "queue_id" { value = try(aws_sqs_queue.this[0].id, null) }
output "queue_arn" { value = try(aws_sqs_queue.this[0].arn, null) }
output "queue_arn_static" { value = try(aws_sqs_queue.this[0].arn, null) }
output "queue_url" { value = try(aws_sqs_queue.this[0].url, null) }
output "queue_name" { value = try(aws_sqs_queue.this[0].name, null) }
output "dead_letter_queue_id" { value = try(aws_sqs_queue.dlq[0].id, null) }
output "dead_letter_queue_arn" { value = try(aws_sqs_queue.dlq[0].arn, null) }
output "dead_letter_queue_arn_static" { value = try(aws_sqs_queue.dlq[0].arn, null) }
output "dead_letter_queue_url" { value = try(aws_sqs_queue.dlq[0].url, null) }
output "dead_letter_queue_name" { value = try(aws_sqs_queue.dlq[0].name, null) }
# Versions before 4
output "sqs_queue_id" { value = try(aws_sqs_queue.this[0].id, null) }
output "sqs_queue_arn" { value = try(aws_sqs_queue.this[0].arn, null) }
output "sqs_queue_name" { value = try(aws_sqs_queue.this[0].name, null) }
output "this_sqs_queue_id" { value = try(aws_sqs_queue.this[0].id, null) }
output "this_sqs_queue_arn" { value = try(aws_sqs_queue.this[0].arn, null) }
output "this_sqs_queue_name" { value = try(aws_sqs_queue.this[0].name, null) }
