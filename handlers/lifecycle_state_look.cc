#include "handlers/lifecycle_state_look.h"

#include "handlers/lifecycle_state.h"
#include "handlers/list_lag.h"

namespace lifehook::handlers {

namespace {

constexpr backoff_limits between_tries{std::chrono::milliseconds(500), std::chrono::seconds(30)};

}  // namespace

task<std::string> lifecycle_state(step_services& with, std::string instance, tenure& keeps, resting rests, logger log) {
  const attempts by{
      with.time, with.random, between_tries, std::move(log), "describing_instance_failed", "describing the instance"};
  auto found = co_await ask_whatever_fails(by, keeps, rests, [&] { return with.instances.instance(instance); });
  co_return *found ? std::move((*found)->lifecycle_state) : std::string();
}

task<std::string> state_after_pool(open_hook& of) {
  for (;;) {
    auto state = co_await lifecycle_state(of.services, of.about->instance, of.keeps, rest_or_requeue, of.log);
    if (!before_transition(event_kind::launching, state) || of.age() >= list_lag) co_return state;
    co_await rest_or_requeue(of.services.time, of.keeps, look_past_lag);
  }
}

}  // namespace lifehook::handlers
