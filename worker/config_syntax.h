#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lifehook::worker {

// Pure checks of the forms AWS and Prometheus give to names. The reasons are for people and start with what was
// expected.

bool is_group_name(std::string_view text);  // of a configured group, which is a metric label: [A-Za-z0-9_.-]{1,64}
bool is_cluster(std::string_view text);     // of ECS: a name, not an ARN, of which no policy could be made
bool is_table_name(std::string_view text);  // of DynamoDB

// malformed unless it is https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle or alike, and not FIFO: Auto
// Scaling cannot send to FIFO queues, and their order would let one drain hold up all others.
result<> check_queue_url(std::string_view url);

struct listen_address {
  std::string address;
  std::uint16_t port = 0;
};
// "127.0.0.1:9464", "[::1]:9464"; malformed for names: what to listen on should not depend on DNS.
result<listen_address> parse_listen(std::string_view text);

}  // namespace lifehook::worker
