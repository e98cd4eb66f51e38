# What queue.yaml, table.yaml and service.yaml set up, with Terraform or OpenTofu: tests/structure/test_terraform.py holds
# each value here to the one there.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # What no group of the configuration wants is deleted and counted; delete the rules you do not need.
  rules = {
    # of hooks without a notification target; those with one come twice, and are handled once
    lifecycle-actions = {
      source      = ["aws.autoscaling"]
      detail-type = ["EC2 Instance-launch Lifecycle Action", "EC2 Instance-terminate Lifecycle Action"]
    }
    interruptions = {
      source = ["aws.ec2"]
      detail-type = [
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Capacity Reservation Instance Interruption Warning",
      ]
    }
    state-changes = {
      source      = ["aws.ec2"]
      detail-type = ["EC2 Instance State-change Notification"]
      detail      = { state = ["stopping", "stopped", "shutting-down", "terminated"] }
    }
    scheduled-changes = {
      source      = ["aws.health"]
      detail-type = ["AWS Health Event"]
      detail      = { service = ["EC2"], eventTypeCategory = ["scheduledChange"] }
    }
    # standalone tasks that run or have stopped; every task that Fargate Spot takes back
    task-changes = {
      source      = ["aws.ecs"]
      detail-type = ["ECS Task State Change"]
      detail = {
        "$or" = [
          { group = [{ prefix = "family:" }], lastStatus = ["RUNNING", "STOPPED"] },
          { stopCode = ["TerminationNotice"], lastStatus = [{ anything-but = "STOPPED" }] },
        ]
      }
    }
  }
}

# The queue and what feeds it: queue.yaml

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.queue_name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "queue" {
  name                       = var.queue_name
  message_retention_seconds  = var.retention_seconds
  receive_wait_time_seconds  = 20
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = true # with a key of your own: deploy/iam/encrypted-queue.json, and a key policy for the senders

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receive_count
  })
}

# What was malformed, or received too often; deploy/README.md says how it goes back.
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.queue_name}-dead-letters"
  alarm_description   = "messages lie in the dead-letter queue of lifehook"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

# SQS leaves out what was received three times or more: of a wait of days all but its first day or two.
resource "aws_cloudwatch_metric_alarm" "oldest_message" {
  alarm_name          = "${var.queue_name}-oldest-message"
  alarm_description   = "a message is in the queue of lifehook for longer than its work may take; perhaps no worker receives"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.queue.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  threshold           = var.oldest_message_seconds
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "Rules"
    effect    = "Allow"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.queue.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.rule : rule.arn]
    }
  }

  dynamic "statement" {
    for_each = var.topic_arn == null ? [] : [var.topic_arn]

    content {
      sid       = "Topic"
      effect    = "Allow"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.queue.arn]

      principals {
        type        = "Service"
        identifiers = ["sns.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [var.topic_arn]
      }
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.queue.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "queue" {
  queue_url = aws_sqs_queue.queue.url
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_sns_topic_subscription" "topic" {
  count = var.topic_arn == null ? 0 : 1

  topic_arn = var.topic_arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.queue.arn
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each = local.rules

  name          = "${var.queue_name}-${each.key}"
  event_pattern = jsonencode(each.value)
}

resource "aws_cloudwatch_event_target" "queue" {
  for_each = aws_cloudwatch_event_rule.rule

  rule      = each.value.name
  target_id = "lifehook"
  arn       = aws_sqs_queue.queue.arn
}

data "aws_iam_policy_document" "notification_trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["autoscaling.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "notification" {
  statement {
    effect    = "Allow"
    actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [aws_sqs_queue.queue.arn]
  }
}

# For the hooks of every group that notify the queue.
resource "aws_iam_role" "notification" {
  name_prefix        = "lifehook-notification-"
  assume_role_policy = data.aws_iam_policy_document.notification_trust.json
}

resource "aws_iam_role_policy" "notification" {
  name   = "notify"
  role   = aws_iam_role.notification.name
  policy = data.aws_iam_policy_document.notification.json
}

resource "aws_autoscaling_lifecycle_hook" "drain" {
  for_each = var.auto_scaling_group_names

  autoscaling_group_name  = each.value
  name                    = var.drain_hook_name
  lifecycle_transition    = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout       = var.heartbeat_timeout
  default_result          = "CONTINUE"
  notification_target_arn = aws_sqs_queue.queue.arn
  role_arn                = aws_iam_role.notification.arn

  depends_on = [aws_iam_role_policy.notification] # Auto Scaling sends a message to try the target
}

resource "aws_autoscaling_lifecycle_hook" "launch" {
  for_each = var.launch_hook_name == null ? [] : var.auto_scaling_group_names

  autoscaling_group_name  = each.value
  name                    = var.launch_hook_name
  lifecycle_transition    = "autoscaling:EC2_INSTANCE_LAUNCHING"
  heartbeat_timeout       = var.heartbeat_timeout
  default_result          = "ABANDON"
  notification_target_arn = aws_sqs_queue.queue.arn
  role_arn                = aws_iam_role.notification.arn

  depends_on = [aws_iam_role_policy.notification]
}

# The state that replicas share: table.yaml

resource "aws_dynamodb_table" "table" {
  count = var.create_table ? 1 : 0

  name                        = var.table_name
  billing_mode                = "PAY_PER_REQUEST" # an event costs a few requests
  hash_key                    = "key"
  deletion_protection_enabled = true

  attribute {
    name = "key"
    type = "S"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

# The workers: service.yaml

resource "aws_cloudwatch_log_group" "log" {
  name              = "/${var.name}"
  retention_in_days = var.log_retention_days
  skip_destroy      = true
}

data "aws_iam_policy_document" "worker_trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "execution_trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "worker" {
  name_prefix        = "lifehook-worker-"
  assume_role_policy = data.aws_iam_policy_document.worker_trust.json
}

resource "aws_iam_role_policy" "worker" {
  name   = "lifehook"
  role   = aws_iam_role.worker.name
  policy = var.policy
}

resource "aws_iam_role" "execution" {
  name_prefix        = "lifehook-execution-"
  assume_role_policy = data.aws_iam_policy_document.execution_trust.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "task" {
  family                   = var.name
  requires_compatibilities = [var.launch_type]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.worker.arn
  execution_role_arn       = aws_iam_role.execution.arn
  skip_destroy             = true # what a deployment that fails goes back to

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([{
    name                   = "lifehook"
    image                  = var.image
    essential              = true
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    entryPoint             = ["/bin/bash", "-c"]
    command                = ["exec /usr/local/bin/lifehook run -c /dev/stdin <<<\"$LIFEHOOK_CONFIG\""]
    environment = [
      { name = "AWS_REGION", value = data.aws_region.current.id },
      { name = "QUEUE_URL", value = aws_sqs_queue.queue.url },
      { name = "STATE_TABLE", value = var.table_name },
      { name = "LIFEHOOK_CONFIG", value = var.configuration }, # another text is another deployment
    ]
    stopTimeout = var.stop_timeout
    healthCheck = {
      command     = ["CMD", "/usr/local/bin/healthy"]
      interval    = 30
      timeout     = 10
      startPeriod = 30
      retries     = 3
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.log.name
        awslogs-region        = data.aws_region.current.id
        awslogs-stream-prefix = "lifehook"
        mode                  = "non-blocking"
        max-buffer-size       = "4m"
      }
    }
  }])
}

resource "aws_ecs_service" "service" {
  name                               = var.name
  cluster                            = var.cluster
  launch_type                        = var.launch_type
  task_definition                    = aws_ecs_task_definition.task.arn
  desired_count                      = var.replicas
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  wait_for_steady_state              = true

  # A configuration that is refused never replaces one that works.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = var.assign_public_ip
    security_groups  = var.security_groups
    subnets          = var.subnets
  }

  lifecycle {
    postcondition {
      condition     = self.task_definition == aws_ecs_task_definition.task.arn
      error_message = "ECS went back to the task definition before this one: see the log of the tasks that stopped."
    }
  }

  depends_on = [aws_iam_role_policy.worker, aws_iam_role_policy_attachment.execution]
}
