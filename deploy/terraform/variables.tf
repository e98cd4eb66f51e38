variable "name" {
  type        = string
  default     = "lifehook"
  description = "of the ECS service, its task definition and its log"
}

variable "queue_name" {
  type        = string
  default     = "lifehook"
  description = "of the queue, and with an ending of its dead letters and rules"
}

variable "retention_seconds" {
  type        = number
  default     = 1209600
  description = "longer than every deadline of the configuration; AWS Health announces changes two weeks ahead"

  validation {
    condition     = var.retention_seconds >= 60 && var.retention_seconds <= 1209600
    error_message = "From 60 to 1209600."
  }
}

variable "max_receive_count" {
  type        = number
  default     = 100
  description = "a message that waits is received again, every 11 hours at least; up to half of this number"

  validation {
    condition     = var.max_receive_count >= 10 && var.max_receive_count <= 1000
    error_message = "From 10 to 1000."
  }
}

variable "topic_arn" {
  type        = string
  default     = null
  description = "an SNS topic that lifecycle hooks notify already; null for none"
}

variable "alarm_topic_arn" {
  type        = string
  default     = null
  description = "an SNS topic that the alarms notify; null for alarms without an action"
}

variable "oldest_message_seconds" {
  type        = number
  default     = 7200
  description = "age of a message that is an alarm; longer than every deadline of the configuration, with a wait of days 172800"

  validation {
    condition     = var.oldest_message_seconds >= 60 && var.oldest_message_seconds <= 1209600
    error_message = "From 60 to 1209600."
  }
}

variable "auto_scaling_group_names" {
  type        = set(string)
  default     = []
  description = "groups that get the lifecycle hooks below"
}

variable "drain_hook_name" {
  type        = string
  default     = "drain-hook"
  description = "the terminating hook of these groups"
}

variable "launch_hook_name" {
  type        = string
  default     = null
  description = "the launching hook of these groups, such as launch-hook; null for none"
}

variable "heartbeat_timeout" {
  type        = number
  default     = 300
  description = "seconds after which AWS ends a hook nobody tends; a hundred of them is the longest a hook may take"

  validation {
    condition     = var.heartbeat_timeout >= 30 && var.heartbeat_timeout <= 7200
    error_message = "From 30 to 7200."
  }
}

variable "create_table" {
  type        = bool
  default     = false
  description = "the DynamoDB table, for state: {backend: dynamodb}"
}

variable "table_name" {
  type        = string
  default     = "lifehook"
  description = "what the configuration calls state.table, $${STATE_TABLE} in it"
}

variable "image" {
  type        = string
  description = "what deploy/Dockerfile builds, in a registry that the service can pull from"
}

variable "configuration" {
  type        = string
  description = "the text of config.yaml; $${QUEUE_URL} in it is the queue; it is no place for secrets"
}

variable "policy" {
  type        = string
  description = "what `lifehook policy` prints for this configuration"

  validation {
    condition     = can(jsondecode(var.policy).Statement)
    error_message = "Not a policy document: give what `lifehook policy -c FILE` prints."
  }
}

variable "cluster" {
  type        = string
  default     = "default"
  description = "the ECS cluster the worker runs in"
}

variable "launch_type" {
  type        = string
  default     = "FARGATE"
  description = "an instance that drains should not be the one that runs the worker"

  validation {
    condition     = contains(["FARGATE", "EC2"], var.launch_type)
    error_message = "FARGATE or EC2."
  }
}

variable "cpu_architecture" {
  type        = string
  default     = "X86_64"
  description = "what the image was built on"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "X86_64 or ARM64."
  }
}

variable "cpu" {
  type        = string
  default     = "256"
  description = "of a task, in 1024ths of a vCPU; a worker has one thread"

  validation {
    condition     = contains(["256", "512", "1024"], var.cpu)
    error_message = "256, 512 or 1024."
  }
}

variable "memory" {
  type        = string
  default     = "512"
  description = "MiB of a task; what Fargate takes: CPU 256 with 512 or 1024 or 2048, 512 with 1024 or 2048, 1024 with 2048"

  validation {
    condition     = contains(["512", "1024", "2048"], var.memory)
    error_message = "512, 1024 or 2048."
  }
}

variable "stop_timeout" {
  type        = number
  default     = 30
  description = "seconds that ECS gives a worker to stop; some more than stop_timeout of the configuration"

  validation {
    condition     = var.stop_timeout >= 2 && var.stop_timeout <= 120
    error_message = "From 2 to 120."
  }
}

variable "subnets" {
  type        = list(string)
  description = "with a way to AWS's endpoints, and to the registry"
}

variable "security_groups" {
  type        = list(string)
  description = "may be one that lets nothing in; 9464 for whoever scrapes metrics"
}

variable "assign_public_ip" {
  type        = bool
  default     = false
  description = "true in public subnets, where there is no NAT gateway"
}

variable "replicas" {
  type        = number
  default     = 2
  description = "workers; write as many into budget.replicas of the configuration"

  validation {
    condition     = var.replicas >= 0
    error_message = "0 or more."
  }
}

variable "log_retention_days" {
  type        = number
  default     = 30
  description = "one of the numbers of days that CloudWatch Logs knows"
}
