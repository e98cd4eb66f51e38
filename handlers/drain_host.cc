#include "handlers/drain_host.h"

#include "handlers/lifecycle_state.h"
#include "handlers/look_interval.h"
#include "handlers/services.h"

#include <algorithm>
#include <cmath>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr look_limits pace{15s, 1min, 5min};
constexpr double most_asked = 50;  // in a call
constexpr duration after_outage = 30s;
constexpr unsigned unknown_for_sure = 2;
constexpr duration dead_agent = 5min;  // agents disconnect for moments several times an hour

using answer = result<std::optional<aws::scaling_instance>>;

}  // namespace

struct drain_host::question {
  std::optional<answer> answered;

  static task<> put(instance_catalog& to, std::string instance, std::shared_ptr<question> mine) {
    mine->answered.emplace(co_await to.instance(std::move(instance)));
  }
};

void drain_host::note_agent(bool connected) {
  if (connected)
    disconnected_since_.reset();
  else if (!disconnected_since_)
    disconnected_since_ = in_.now();
}

std::optional<std::string> drain_host::found_dead() {
  const auto now = seen();
  if (!now) return std::nullopt;
  const bool agent_is_dead = disconnected_since_ && in_.now() - *disconnected_since_ >= dead_agent;
  return now->is_over || (agent_is_dead && now->is_unhealthy) ? std::optional(now->lifecycle_state) : std::nullopt;
}

std::optional<drain_host::sight> drain_host::seen() {
  if (asked_ && !asked_->answered) return std::nullopt;
  const auto last = std::exchange(asked_, nullptr);
  if (last && last->answered->has_value()) {
    ask_again_ = in_.now() + interval();
    return read(**last->answered);
  }
  if (last) {
    const auto& why = last->answered->error();
    in_.log().error(
        "outage",
        {{"doing", "asking Auto Scaling for the instance"}, {"meaning", name(why.code())}, {"error", why.what()}});
    ask_again_ = in_.now() + after_outage;
  }
  if (in_.now() >= ask_again_) ask();
  return std::nullopt;
}

drain_host::sight drain_host::read(const std::optional<aws::scaling_instance>& found) {
  unknown_ = found ? 0 : unknown_ + 1;
  const bool has_left = found ? found->lifecycle_state == "Detached" : unknown_ >= unknown_for_sure;
  const bool has_hook = handlers::has_hook(in_.about().kind);  // without, a step before may have detached it
  if (!found) return {"unknown", has_left && has_hook, has_left};
  const bool is_over = is_past_its_hooks(found->lifecycle_state);
  return {found->lifecycle_state, is_over || (has_left && has_hook), has_left || found->is_unhealthy};
}

// Heartbeats and completions come out of the same budget, and first.
duration drain_host::interval() const {
  const auto calls = std::ceil(static_cast<double>(in_.services().clusters.draining()) / most_asked);
  return look_interval({calls}, in_.services().autoscaling.look_rate(), pace);
}

void drain_host::ask() {
  asked_ = std::make_shared<question>();
  auto& with = in_.services();
  with.tasks.spawn(question::put(with.instances, in_.about().instance, asked_));
}

}  // namespace lifehook::handlers
