#include "handlers/drain_host.h"

#include "handlers/services.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration after_outage = 30s;

using answer = result<std::optional<aws::scaling_instance>>;

drain_host::sight read(const std::optional<aws::scaling_instance>& found) {
  if (!found) return {"unknown", true, false};
  static constexpr std::array<std::string_view, 3> over{"Terminated", "Terminating:Proceed", "Detached"};
  const bool is_over = std::find(over.begin(), over.end(), found->lifecycle_state) != over.end();
  return {found->lifecycle_state, is_over, found->health == "UNHEALTHY"};
}

}  // namespace

struct drain_host::question {
  std::optional<answer> answered;

  static task<> put(instance_catalog& to, std::string instance, std::shared_ptr<question> mine) {
    auto asking = to.instance(std::move(instance));
    mine->answered.emplace(co_await std::move(asking));
  }
};

std::optional<drain_host::sight> drain_host::seen() {
  if (asked_ && !asked_->answered) return std::nullopt;
  const auto last = std::exchange(asked_, nullptr);
  if (last && last->answered->has_value()) {
    ask();
    return read(**last->answered);
  }
  if (last) {
    const auto& why = last->answered->error();
    in_.log().error(
        "aws_outage",
        {{"doing", "asking Auto Scaling for the instance"}, {"meaning", name(why.code())}, {"error", why.what()}});
    ask_again_ = in_.services().hook.time.now() + after_outage;
  }
  if (in_.services().hook.time.now() >= ask_again_) ask();
  return std::nullopt;
}

void drain_host::ask() {
  asked_ = std::make_shared<question>();
  auto& with = in_.services().hook;
  with.tasks.spawn(question::put(with.instances, in_.about().instance, asked_));
}

}  // namespace lifehook::handlers
