#pragma once

#include "aws/client.h"

#include <array>

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

inline constexpr service ec2{.name = "ec2",
                             .speaks = protocol::ec2_query,
                             .endpoint_prefix = "ec2",
                             .signing_name = "ec2",
                             .version = "2016-11-15",
                             .target_prefix = "",
                             .environment_id = "EC2"};

inline constexpr service elbv2{.name = "elasticloadbalancing",
                               .speaks = protocol::query,
                               .endpoint_prefix = "elasticloadbalancing",
                               .signing_name = "elasticloadbalancing",
                               .version = "2015-12-01",
                               .target_prefix = "",
                               .environment_id = "ELASTIC_LOAD_BALANCING_V2"};

inline constexpr service dynamodb{.name = "dynamodb",
                                  .speaks = protocol::json_1_0,
                                  .endpoint_prefix = "dynamodb",
                                  .signing_name = "dynamodb",
                                  .version = "2012-08-10",
                                  .target_prefix = "DynamoDB_20120810.",
                                  .environment_id = "DYNAMODB"};

inline constexpr service ssm{.name = "ssm",
                             .speaks = protocol::json_1_1,
                             .endpoint_prefix = "ssm",
                             .signing_name = "ssm",
                             .version = "2014-11-06",
                             .target_prefix = "AmazonSSM.",
                             .environment_id = "SSM"};

inline constexpr service sns{.name = "sns",
                             .speaks = protocol::query,
                             .endpoint_prefix = "sns",
                             .signing_name = "sns",
                             .version = "2010-03-31",
                             .target_prefix = "",
                             .environment_id = "SNS"};

inline constexpr service events{.name = "events",
                                .speaks = protocol::json_1_1,
                                .endpoint_prefix = "events",
                                .signing_name = "events",
                                .version = "2015-10-07",
                                .target_prefix = "AWSEvents.",
                                .environment_id = "EVENTBRIDGE"};

}  // namespace lifehook::aws::services

namespace lifehook::aws {

inline constexpr std::array all_services{&services::sqs, &services::autoscaling, &services::ecs,      &services::sts,
                                         &services::ec2, &services::elbv2,       &services::dynamodb, &services::ssm,
                                         &services::sns, &services::events};

}  // namespace lifehook::aws
