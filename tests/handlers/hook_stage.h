#pragma once

#include "handlers/lifecycle_action.h"
#include "tests/handlers/fleet_stage.h"

#include <memory>
#include <optional>
#include <utility>

namespace lifehook::handlers {

// A hook's message in one hand, or in one after the other, from receipt to its verdict. Of the service "web", with an
// empty list where a test names none: the hook is completed at once.
class hook_in_hand final : private message_in_hand {
 public:
  explicit hook_in_hand(fleet_stage& on) : hook_in_hand(on, on.begin_termination()) {}
  hook_in_hand(fleet_stage& on, std::shared_ptr<event> of) : about(std::move(of)), under(on.terms()), fleet_(on) {
    to.name = "web";
    to.deadline = std::chrono::minutes(10);
  }

  verdict attend(plan list = {}) { return attend(std::move(list), fleet_.services); }
  verdict attend(plan list, step_services& with) {
    plan_runner steps(to, std::move(list), with);
    plan_runner undo(to, terminating, with);
    auto terms = under;
    if (!terms.message) terms.message = this;
    tenure keeps(terms);
    keeps_ = &keeps;
    auto* const undoing = terminating.empty() ? nullptr : &undo;
    lifecycle_action action(with, to, steps, undoing, about, keeps, fleet_.log);
    const auto end = fleet_.time.wait_for(attend_to_end(action, with.time, keeps));
    keeps_ = nullptr;
    return end;
  }
  // Gives the work up for a reason, `after` a while.
  verdict attend_until(duration after, give_up why, plan list) {
    alarm ending(fleet_.time.clock);
    ending.set(after, [this, why] { keeps_->end(why); });
    return attend(std::move(list));
  }
  // What was given back waits in its queue and is received anew, to be held for as long as before.
  void come_again(const verdict& given_back) {
    fleet_.time.run_for(given_back.delay);
    const auto hold = under.hold_until - under.received;
    const auto first = under.first_received;
    const auto sent = under.sent;
    under = fleet_.terms();
    under.sent = sent;
    under.first_received = first;
    under.hold_until = under.received + hold;
    under.came_before = true;
  }
  // Received again and again until it is not given back any more.
  verdict attend_to_the_end(const plan& list) { return attend_to_the_end(list, fleet_.services); }
  verdict attend_to_the_end(const plan& list, step_services& with) {
    for (int receives = 0; receives < 100; ++receives) {
      const auto end = attend(list, with);
      if (end.what != verdict::kind::requeue) return end;
      come_again(end);
    }
    return verdict::requeue({});
  }

  group to;
  std::shared_ptr<event> about;
  tenure::terms under;                         // which it is received
  plan terminating{};                          // the group's, which a launch out of the warm pool undoes
  std::optional<duration> longest_visibility;  // that its message was limited to

 private:
  bool is_lost() const override { return false; }
  void limit_visibility(duration longest) override { longest_visibility = longest; }

  fleet_stage& fleet_;
  tenure* keeps_ = nullptr;  // while it is in hand
};

}  // namespace lifehook::handlers
