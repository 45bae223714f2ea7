# What a bucket tells of its objects, and to whom.
# https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws/latest/submodules/notification

variable "create" { default = true }
variable "create_lambda_permission" { default = true }
variable "bucket" { default = "" }
variable "eventbridge" { default = null }
variable "lambda_notifications" { default = {} }
variable "sqs_notifications" { default = {} }
variable "sns_notifications" { default = {} }

resource "aws_s3_bucket_notification" "this" {
  count = var.create ? 1 : 0

  bucket      = var.bucket
  eventbridge = var.eventbridge

  dynamic "lambda_function" {
    for_each = var.lambda_notifications
    content {
      lambda_function_arn = lambda_function.value.function_arn
      events              = lambda_function.value.events
      filter_prefix       = try(lambda_function.value.filter_prefix, null)
      filter_suffix       = try(lambda_function.value.filter_suffix, null)
    }
  }

  dynamic "queue" {
    for_each = var.sqs_notifications
    content {
      queue_arn     = queue.value.queue_arn
      events        = queue.value.events
      filter_prefix = try(queue.value.filter_prefix, null)
      filter_suffix = try(queue.value.filter_suffix, null)
    }
  }

  dynamic "topic" {
    for_each = var.sns_notifications
    content {
      topic_arn     = topic.value.topic_arn
      events        = topic.value.events
      filter_prefix = try(topic.value.filter_prefix, null)
      filter_suffix = try(topic.value.filter_suffix, null)
    }
  }
}

resource "aws_lambda_permission" "allow" {
  for_each = { for k, v in var.lambda_notifications : k => v if var.create_lambda_permission }

  action        = "lambda:InvokeFunction"
  function_name = each.value.function_name
  principal     = "s3.amazonaws.com"
}

output "s3_bucket_notification_id" { value = try(aws_s3_bucket_notification.this[0].id, "") }
