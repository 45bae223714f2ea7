# A bucket.
# https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws/latest

variable "create_bucket" { default = true }
variable "bucket" { default = null }
variable "bucket_prefix" { default = null }

resource "aws_s3_bucket" "this" {
  count = var.create_bucket ? 1 : 0

  bucket        = var.bucket
  bucket_prefix = var.bucket_prefix
}

output "s3_bucket_id" { value = try(aws_s3_bucket.this[0].id, "") }
output "s3_bucket_arn" { value = try(aws_s3_bucket.this[0].arn, "") }
output "s3_bucket_bucket_domain_name" { value = try(aws_s3_bucket.this[0].bucket_domain_name, "") }
output "s3_bucket_bucket_regional_domain_name" { value = try(aws_s3_bucket.this[0].bucket_regional_domain_name, "") }
output "this_s3_bucket_id" { value = try(aws_s3_bucket.this[0].id, "") }
output "this_s3_bucket_arn" { value = try(aws_s3_bucket.this[0].arn, "") }
