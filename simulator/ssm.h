#pragma once

#include "simulator/fleet.h"
#include "simulator/service.h"

#include <memory>
#include <optional>

namespace lifehook::simulator {

// A command as it was sent, and how it goes on one of its instances: the whole story, kept after its end.
struct command_record {
  std::string id, document, instance, comment;
  std::map<std::string, std::vector<std::string>> parameters;
  std::string output_bucket, output_prefix;
  std::string status, details;  // as CommandInvocation has them
  int exit_code = -1;           // -1: none yet
  time_point sent;
  std::optional<time_point> started, ended;
};

// AWS Systems Manager Run Command: instances whose agent has registered, commands that take time to reach them and to
// run, exit codes, time-outs of delivery and execution, what an instance that ends under its command leaves behind.
// Documents: AWS-RunShellScript, AWS-RunPowerShellScript and those created in C++; targets by instance id only.
// Actions: SendCommand, ListCommands, ListCommandInvocations, GetCommandInvocation, CancelCommand,
// DescribeInstanceInformation.
class ssm : public service {
 public:
  static std::unique_ptr<ssm> make(clock& time, account owner, fleet& instances, std::uint64_t seed);

  virtual void manage(std::string instance) = 0;  // its agent registers now
  // Instances the fleet launches register that long after: 20 s unless told otherwise; none: never.
  virtual void manage_on_launch(std::optional<duration> after) = 0;
  virtual void set_online(std::string_view instance, bool online) = 0;  // whether its agent reaches SSM
  virtual void create_document(std::string name) = 0;
  virtual void set_run_time(duration of_a_script) = 0;  // 5 s; also of those that run
  // Scripts that end from now on exit with this; 0: they succeed.
  virtual void fail_with(int exit_code) = 0;
  virtual std::vector<command_record> commands_sent() const = 0;  // one for each instance, oldest first
};

}  // namespace lifehook::simulator
