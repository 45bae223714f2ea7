# An object that is put into a bucket: code, more often than not.
# https://registry.terraform.io/modules/terraform-aws-modules/s3-bucket/aws/latest/submodules/object

variable "create" { default = true }
variable "bucket" { default = "" }
variable "key" { default = "" }
variable "file_source" { default = null }

resource "aws_s3_object" "this" {
  count = var.create ? 1 : 0

  bucket = var.bucket
  key    = var.key
  source = var.file_source
}

output "s3_object_id" { value = try(aws_s3_object.this[0].id, "") }
