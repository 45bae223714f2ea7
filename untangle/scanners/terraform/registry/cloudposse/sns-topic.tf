# A topic with its subscriptions, perhaps with a dead-letter queue for them.
# https://registry.terraform.io/modules/cloudposse/sns-topic/aws/latest

variable "subscribers" { default = {} }
variable "fifo_topic" { default = false }
variable "fifo_queue_enabled" { default = false }
variable "sqs_dlq_enabled" { default = false }
variable "redrive_policy" { default = null }

resource "aws_sns_topic" "this" {
  count = local.is_enabled ? 1 : 0

  name       = var.fifo_topic ? "${local.id}.fifo" : local.id
  fifo_topic = var.fifo_topic
}

resource "aws_sns_topic_subscription" "this" {
  for_each = { for k, v in var.subscribers : k => v if local.is_enabled }

  topic_arn            = aws_sns_topic.this[0].arn
  protocol             = each.value.protocol
  endpoint             = each.value.endpoint
  filter_policy        = try(each.value.filter_policy, null)
  filter_policy_scope  = try(each.value.filter_policy_scope, null)
  raw_message_delivery = try(each.value.raw_message_delivery, null)
  redrive_policy       = var.sqs_dlq_enabled ? { deadLetterTargetArn = aws_sqs_queue.dead_letter_queue[0].arn } : var.redrive_policy
}

resource "aws_sqs_queue" "dead_letter_queue" {
  count = local.is_enabled && var.sqs_dlq_enabled ? 1 : 0

  name       = var.fifo_queue_enabled ? "${local.id}.fifo" : local.id
  fifo_queue = var.fifo_queue_enabled
}

output "sns_topic" { value = try(aws_sns_topic.this[0], null) }
output "sns_topic_name" { value = try(aws_sns_topic.this[0].name, null) }
output "sns_topic_id" { value = try(aws_sns_topic.this[0].id, null) }
output "sns_topic_arn" { value = try(aws_sns_topic.this[0].arn, null) }
output "dead_letter_queue_url" { value = try(aws_sqs_queue.dead_letter_queue[0].url, null) }
output "dead_letter_queue_id" { value = try(aws_sqs_queue.dead_letter_queue[0].id, null) }
output "dead_letter_queue_arn" { value = try(aws_sqs_queue.dead_letter_queue[0].arn, null) }
