#include "simulator/eventbridge.h"

#include "simulator/json_body.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

class simulated_eventbridge final : public eventbridge {
 public:
  std::string_view name() const override { return "events"; }
  std::vector<std::string_view> actions() const override { return {"ListRuleNamesByTarget", "DescribeRule"}; }
  task<answered> handle(request asked) override { co_return decide(asked); }

 private:
  static answered decide(const request& asked) {
    const bool lists = asked.action == "ListRuleNamesByTarget";
    const auto about = text_of(asked.body, lists ? "TargetArn" : "Name");
    if (about.empty())
      return fault{400, "ValidationException", "1 validation error detected: a value must not be null"};
    if (lists) return answer{boost::json::object{{"RuleNames", boost::json::array()}}, {}};
    return fault{400, "ResourceNotFoundException", fmt::format("Rule {} does not exist on EventBus default.", about)};
  }
};

}  // namespace

std::unique_ptr<service> eventbridge::make() { return std::make_unique<simulated_eventbridge>(); }

}  // namespace lifehook::simulator
