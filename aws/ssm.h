#pragma once

#include "aws/client.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lifehook::aws {

struct command_request {
  std::string document;  // name or ARN
  std::string instance;
  std::map<std::string, std::vector<std::string>> parameters{};
  std::string comment{};  // at most 100
  std::string output_bucket{};
  std::string output_prefix{};
};

struct sent_command {
  std::string id;
  std::string comment;
};

// How a command goes on one instance.
struct command_invocation {
  std::string status;      // Pending, InProgress, Delayed, Success, Cancelled, TimedOut, Failed, Cancelling
  std::string details;     // StatusDetails: "DeliveryTimedOut", "Undeliverable"...
  int response_code = -1;  // exit code of the script; -1 while it has none
  std::string output_url;  // of stdout in S3; empty when none was asked for
  std::string error_url;   // of stderr in S3
};

// Whether SSM refused because it knows no such instance: its agent has not registered yet, or it has ended.
bool is_unmanaged_instance(const error& why);

// AWS Systems Manager, only the calls the worker makes.
class ssm {
 public:
  explicit ssm(client& with) : client_(with) {}

  // The command's id. Never retried by itself: SSM has no client token, so ask `commands` before asking again.
  task<result<std::string>> send_command(command_request what);
  // Commands sent to an instance, newest first; pages are followed. SSM forgets them after 30 days.
  task<result<std::vector<sent_command>>> commands(std::string instance);
  // nullopt: not known yet (InvocationDoesNotExist), as in the first moments after sending.
  task<result<std::optional<command_invocation>>> invocation(std::string command, std::string instance);

 private:
  client& client_;
};

}  // namespace lifehook::aws
