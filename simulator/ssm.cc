#include "simulator/ssm.h"

#include "simulator/ssm_wire.h"

#include <boost/json.hpp>

#include <stdexcept>

namespace lifehook::simulator {
namespace {

command_record to_record(const ssm_invocation& each) {
  const auto& asked = each.command.asked;
  command_record record;
  record.id = each.command.id;
  record.document = asked.document;
  record.instance = each.node.instance;
  record.comment = asked.comment;
  for (const auto& [name, values] : asked.parameters) record.parameters.emplace(name, texts_of(asked.parameters, name));
  record.output_bucket = asked.output_bucket;
  record.output_prefix = asked.output_prefix;
  record.status = each.status;
  record.details = each.details;
  record.exit_code = each.exit_code;
  record.sent = each.command.sent;
  record.started = each.started;
  record.ended = each.ended;
  return record;
}

class ssm_in_memory final : public ssm, private fleet::listener {
 public:
  ssm_in_memory(clock& time, account owner, fleet& instances, std::uint64_t seed)
      : clock_(time), model_(time, std::move(owner), seed) {
    instances.listen(*this);
  }

  std::string_view name() const override { return "ssm"; }

  std::vector<std::string_view> actions() const override {
    std::vector<std::string_view> names;
    for (const auto& each : ssm_actions()) names.push_back(each.name);
    return names;
  }

  task<answered> handle(request asked) override {
    for (const auto& each : ssm_actions())
      if (each.name == asked.action) co_return each.act(model_, asked.body);
    co_return fault{400, "UnknownOperationException", ""};
  }

  void manage(std::string instance) override { model_.manage(instance); }
  void manage_on_launch(std::optional<duration> after) override { after_launch_ = after; }
  void create_document(std::string name) override { model_.create_document(std::move(name)); }
  void set_run_time(duration of_a_script) override { model_.set_run_time(of_a_script); }
  void fail_with(int exit_code) override { model_.fail_with(exit_code); }

  void set_online(std::string_view instance, bool online) override {
    auto* each = model_.node(instance);
    if (!each) throw std::invalid_argument("instance " + std::string(instance) + " is not managed");
    model_.set_online(*each, online);
  }

  std::vector<command_record> commands_sent() const override {
    std::vector<command_record> all;
    for (const auto& [order, command] : model_.commands())
      for (const auto& each : command->invocations) all.push_back(to_record(*each));
    return all;
  }

 private:
  void launched(const std::string& instance, const std::string&) override {
    if (!after_launch_) return;
    auto& wait = *boots_.insert_or_assign(instance, std::make_unique<alarm>(clock_)).first->second;
    wait.set(*after_launch_, [this, instance] {
      boots_.erase(instance);
      model_.manage(instance);
    });
  }

  void ended(const std::string& instance, const std::string&) override {
    boots_.erase(instance);
    model_.end(instance);
  }

  clock& clock_;
  ssm_model model_;
  std::optional<duration> after_launch_ = std::chrono::seconds(20);
  std::unordered_map<std::string, std::unique_ptr<alarm>> boots_;  // by instance
};

}  // namespace

std::unique_ptr<ssm> ssm::make(clock& time, account owner, fleet& instances, std::uint64_t seed) {
  return std::make_unique<ssm_in_memory>(time, std::move(owner), instances, seed);
}

}  // namespace lifehook::simulator
