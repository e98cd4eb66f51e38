#include "handlers/action_proof.h"

#include "handlers/list_lag.h"
#include "handlers/services.h"

#include <utility>

namespace lifehook::handlers {

task<result<bool>> is_over(step_services& with, const event& about, duration event_age, bool call_accepted) {
  no_action_facts facts{about.kind, call_accepted, event_age, std::nullopt};
  if (!needs_lifecycle_state(facts)) co_return true;
  auto found = co_await with.instances.instance(about.instance);
  if (found.has_error()) co_return std::move(found).error();
  if (*found) facts.lifecycle_state = (*found)->lifecycle_state;
  co_return meaning_of(facts) == no_action::over;
}

std::shared_ptr<latch> action_proof::seek() {
  auto wanted = std::make_shared<latch>(services_.tasks.executor());
  sought_ = wanted;
  return wanted;
}

void action_proof::give() {
  if (const auto wanted = std::exchange(sought_, {}).lock()) wanted->set();
}

task<bool> action_proof::is_shown() const {
  const auto found = co_await services_.instances.instance_soon(about_.instance);
  co_return found.has_value() && *found&& waits(about_.kind, (*found)->lifecycle_state);
}

task<may_begin> action_proof::look(bool rejected) {
  if (!is_sought() || std::exchange(looks_, true)) co_return may_begin::not_yet;
  const auto found = co_await services_.instances.instance(about_.instance);
  looks_ = false;
  if (!is_sought()) co_return may_begin::not_yet;
  unproven_facts facts{about_.kind, services_.time.now() - happened_, rejected, std::nullopt};
  const bool is_missing = found.has_value() && !*found && facts.event_age >= list_lag;
  if (std::exchange(was_missing_, is_missing) != is_missing && is_missing) co_return may_begin::not_yet;
  if (found.has_value()) facts.lifecycle_state = *found ? (*found)->lifecycle_state : std::string_view();
  co_return may_begin_with(facts);
}

}  // namespace lifehook::handlers
