#pragma once

#include "aws/client.h"

// The services of AWS this floor speaks to: rows of one table.
namespace lifehook::aws::services {

inline constexpr service sqs{.name = "sqs",
                             .speaks = protocol::json_1_0,
                             .endpoint_prefix = "sqs",
                             .signing_name = "sqs",
                             .version = "2012-11-05",
                             .target_prefix = "AmazonSQS.",
                             .environment_id = "SQS"};

inline constexpr service autoscaling{.name = "autoscaling",
                                     .speaks = protocol::query,
                                     .endpoint_prefix = "autoscaling",
                                     .signing_name = "autoscaling",
                                     .version = "2011-01-01",
                                     .target_prefix = "",
                                     .environment_id = "AUTO_SCALING"};

inline constexpr service ecs{.name = "ecs",
                             .speaks = protocol::json_1_1,
                             .endpoint_prefix = "ecs",
                             .signing_name = "ecs",
                             .version = "2014-11-13",
                             .target_prefix = "AmazonEC2ContainerServiceV20141113.",
                             .environment_id = "ECS"};

inline constexpr service sts{.name = "sts",
                             .speaks = protocol::query,
                             .endpoint_prefix = "sts",
                             .signing_name = "sts",
                             .version = "2011-06-15",
                             .target_prefix = "",
                             .environment_id = "STS"};

}  // namespace lifehook::aws::services
