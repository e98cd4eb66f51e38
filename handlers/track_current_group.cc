#include "handlers/track_current_group.h"

#include "base/time_text.h"
#include "handlers/services.h"
#include "handlers/step.h"

namespace lifehook::handlers {

namespace {

class track_current_group final : public step {
 public:
  task<result<outcome>> run(step_context& in) override {
    const auto& launched = in.about();
    if (launched.destination == place::warm_pool) co_return outcome::skipped;
    if (in.dry_run()) {
      in.log().info("would_track", {{"service", in.configured().name}, {"scaling_group", launched.group}});
      co_return outcome::done;
    }
    const auto turns = co_await in.ask("recording the current group", [&] {
      return in.services().state.record_launch(in.configured().name, launched.group, in.event_time());
    });
    if (turns.has_error()) co_return turns.error();
    const auto& current = turns->front();
    const bool is_ours = current.scaling_group == launched.group;
    in.log().info(
        "current_group",
        {{"service", in.configured().name}, {"current", current.scaling_group}, {"since", to_rfc3339(current.since)}});
    co_return is_ours ? outcome::done : outcome::skipped;
  }
};

std::unique_ptr<step> make(const settings&, step_services&) { return std::make_unique<track_current_group>(); }
std::string describe(const settings&) { return "the launching group becomes the service's current one"; }

}  // namespace

step_kind track_current_group_kind() {
  return {.name = "track_current_group",
          .help = "records the launching Auto Scaling group as the service's current one",
          .events = {event_kind::launching},
          .make = make,
          .describe = describe,
          .needs_shared_state = true};
}

}  // namespace lifehook::handlers
