output "notification_role_arn" {
  description = "for the hooks of other groups that notify the queue"
  value       = aws_iam_role.notification.arn
}

output "queue_url" {
  value = aws_sqs_queue.queue.url
}

output "queue_arn" {
  value = aws_sqs_queue.queue.arn
}

output "dead_letters_url" {
  value = aws_sqs_queue.dead_letters.url
}

output "table_name" {
  value = one(aws_dynamodb_table.table[*].name)
}

output "table_arn" {
  value = one(aws_dynamodb_table.table[*].arn)
}

output "worker_role" {
  description = "for what the policy cannot know, such as the key of an encrypted queue"
  value       = aws_iam_role.worker.name
}
