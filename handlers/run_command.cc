#include "handlers/run_command.h"

#include "aws/digest.h"
#include "base/utf8.h"
#include "handlers/group_lock.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 5s;
constexpr std::string_view commands_name = "commands";  // the parameter of AWS-RunShellScript and its like

struct command_settings {
  std::string document;
  text_lists parameters;
  bool ignores_exit = false;
  std::string output_bucket, output_prefix;
};

command_settings read(const settings& with) {
  return {.document = with.get_or<std::string>("document", ""),
          .parameters = with.get_or<text_lists>("parameters", {}),
          .ignores_exit = with.get_or("ignore_exit", false),
          .output_bucket = with.get_or<std::string>("output_bucket", ""),
          .output_prefix = with.get_or<std::string>("output_prefix", "")};
}

std::vector<std::string> lines_of(const std::vector<std::string>& commands) {
  std::vector<std::string> lines;
  for (const auto& each : commands) {
    std::istringstream text(each);
    for (std::string line; std::getline(text, line);)
      if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// A script's commands as far as a line has room for them.
std::string shortened(const std::vector<std::string>& commands) {
  constexpr std::size_t most = 80;
  auto text = fmt::format("{}", fmt::join(lines_of(commands), "; "));
  std::replace(text.begin(), text.end(), '\t', ' ');
  if (text.size() <= most) return text;
  return std::string(first_bytes(text, most)) + "...";
}

// Empty where there are none.
std::string shown_commands(const command_settings& of) {
  const auto commands = of.parameters.find(std::string(commands_name));
  return commands == of.parameters.end() ? std::string() : shortened(commands->second);
}

bool is_over(const aws::command_invocation& of) {
  return of.status == "Success" || of.status == "Cancelled" || of.status == "TimedOut" || of.status == "Failed";
}

// The script ran to its own end. Other details of a failure (Undeliverable, AccessDenied, InvalidPlatform, Terminated)
// say that SSM or its agent never ran it.
bool has_exited(const aws::command_invocation& of) { return of.status == "Failed" && of.details == "Failed"; }

class run_command final : public step {
 public:
  explicit run_command(command_settings with) : settings_(std::move(with)) {}

  task<result<outcome>> run(step_context& in) override {
    if (in.dry_run()) {
      in.log().info("would_run_command", {{"document", settings_.document}, {"commands", shown_commands(settings_)}});
      co_return outcome::done;
    }
    auto command = co_await start(in);
    if (command.has_error()) co_return std::move(command).error();
    if (command->empty()) co_return outcome::gone;
    co_return co_await follow(in, std::move(*command));
  }

 private:
  // One step about one event of one instance, told apart from its other commands: a list may run one document more than
  // once. At most a hundred characters.
  std::string comment(const step_context& in) const {
    const auto& about = in.about();
    const auto of = about.occurrence(in.event_time());
    const auto what = fmt::format("{}|{}|{}|{}|{}|{}", settings_.document, settings_.parameters, in.alike(),
                                  about.change, about.hook, of);
    return fmt::format("lifehook {} {}{}{}", name(about.kind), of, of.empty() ? "" : " ",
                       aws::to_hex(aws::sha256(what)).substr(0, 8));
  }

  // The command's id; empty: the instance has gone.
  task<result<std::string>> start(step_context& in) {
    for (;;) {
      auto sent = co_await serialised(in, "command|" + in.about().instance, [&] { return find_or_send(in); });
      if (sent.has_value() || !aws::is_unmanaged_instance(sent.error())) co_return sent;
      // Its SSM agent has not registered yet, or the instance is no more.
      const auto gone = co_await is_gone(in);
      if (gone.has_error()) co_return gone.error();
      if (*gone) {
        in.log().warn("instance_gone", {{"why", "it ended before the command could be sent"}});
        co_return std::string();
      }
      in.log().info("not_managed_yet", {{"why", sent.error().what()}});
      in.waits_for("SSM does not manage the instance yet");
      if (const auto paused = co_await in.pause_or_requeue(look_again); paused.has_error())
        co_return paused.error().in("SSM does not manage the instance");
    }
  }

  task<result<std::string>> find_or_send(step_context& in) {
    auto& ssm = in.services().ssm[in.haste()];
    const auto wanted = comment(in);
    const auto commands = co_await in.ask("looking for the command", [&] { return ssm.commands(in.about().instance); });
    if (commands.has_error()) co_return commands.error();
    const auto known = std::find_if(commands->begin(), commands->end(),
                                    [&wanted](const auto& each) { return each.comment == wanted; });
    if (known != commands->end()) {
      in.log().info("command_found", {{"command", known->id}});
      co_return known->id;
    }
    auto sent = co_await ssm.send_command({settings_.document, in.about().instance, settings_.parameters, wanted,
                                           settings_.output_bucket, settings_.output_prefix});
    if (sent.has_value()) in.log().info("command_sent", {{"document", settings_.document}, {"command", *sent}});
    co_return sent;
  }

  static task<result<bool>> is_gone(step_context& in) {
    const auto found = co_await in.ask("describing the instance",
                                       [&] { return in.services().ec2[in.haste()].instances({in.about().instance}); });
    if (found.has_error()) co_return found.error();
    co_return std::all_of(found->begin(), found->end(), [](const auto& each) { return aws::has_ended(each.state); });
  }

  task<result<outcome>> follow(step_context& in, std::string command) {
    for (;;) {
      const auto found = co_await in.ask("looking at the command", [&] {
        return in.services().ssm[in.haste()].invocation(command, in.about().instance);
      });
      if (found.has_error()) co_return found.error();
      if (*found && is_over(**found)) co_return end(in, command, **found);
      in.waits_for("command " + command + " is " + (*found ? (*found)->status : "not known yet"));
      if (const auto paused = co_await in.pause_or_requeue(look_again); paused.has_error())
        co_return paused.error().in("command " + command + " is still " + (*found ? (*found)->status : "unknown"));
    }
  }

  outcome end(step_context& in, const std::string& command, const aws::command_invocation& how) const {
    const bool succeeded = how.status == "Success" || (has_exited(how) && settings_.ignores_exit);
    in.log().write(succeeded ? log_level::info : log_level::warn, "command_ended",
                   {{"command", command},
                    {"status", how.status},
                    {"details", how.details},
                    {"exit_code", how.response_code},
                    {"output", how.output_url.empty() ? "kept by SSM; output_bucket keeps it in S3" : how.output_url},
                    {"errors", how.error_url}});
    if (!succeeded) in.failed_for_good();  // whoever runs the step again finds this command
    return succeeded ? outcome::done : how.status == "TimedOut" ? outcome::timeout : outcome::failed;
  }

  command_settings settings_;
};

// AWS's own documents that are a script and nothing else; by name, also within an ARN.
bool is_script(std::string_view document) {
  const auto name = document.substr(document.rfind('/') + 1);
  return name == "AWS-RunShellScript" || name == "AWS-RunPowerShellScript";
}

std::string contradiction(const settings& with) {
  const auto of = read(with);
  if (is_script(of.document) && !of.parameters.contains(std::string(commands_name)))
    return fmt::format("{} runs what parameters.commands says: write parameters: {{commands: [...]}}", of.document);
  if (with.has("output_prefix") && !with.has("output_bucket")) return "output_prefix belongs to output_bucket";
  return {};
}

std::unique_ptr<step> make(const settings& with, step_services&) { return std::make_unique<run_command>(read(with)); }

std::string describe(const settings& with) {
  const auto of = read(with);
  auto text = "document " + of.document;
  if (const auto commands = shown_commands(of); !commands.empty()) text += fmt::format(", commands \"{}\"", commands);
  if (of.ignores_exit) text += ", whatever it exits with";
  if (!of.output_bucket.empty()) text += fmt::format(", output to s3://{}/{}", of.output_bucket, of.output_prefix);
  return text;
}

}  // namespace

step_kind run_command_kind() {
  return {.name = "run_command",
          .help = "runs an SSM document on the instance and waits for it",
          .schema = {{.key = "document",
                      .kind = setting_kind::text,
                      .help = "name or ARN of an SSM document, such as AWS-RunShellScript",
                      .required = true,
                      .word = "DOCUMENT"},
                     {.key = "parameters",
                      .kind = setting_kind::text_lists,
                      .help = "a text or a list of texts",
                      .shell = commands_name},
                     {"ignore_exit", setting_kind::yes_no, "a script that exits with an error is done too"},
                     {.key = "output_bucket",
                      .kind = setting_kind::text,
                      .help = "name of an S3 bucket for the output",
                      .word = "BUCKET"},
                     {"output_prefix", setting_kind::text, "key prefix in that bucket"}},
          .events = {event_kind::launching, event_kind::terminating, event_kind::spot_interruption,
                     event_kind::rebalance_recommendation, event_kind::capacity_reservation_interruption,
                     event_kind::scheduled_change},
          .contradiction = contradiction,
          .make = make,
          .describe = describe,
          .needs_shared_state = true,
          .permissions = {{.policy = "run-command"}}};
}

}  // namespace lifehook::handlers
