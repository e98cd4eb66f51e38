#include "handlers/wait.h"

#include "base/time_text.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration longest_pause = 30s;  // between chances to give the message back

class wait final : public step {
 public:
  explicit wait(duration span) : span_(span) {}

  task<result<outcome>> run(step_context& in) override {
    const auto until = in.event_time() + span_;
    if (in.dry_run()) {
      in.log().info("would_wait", {{"until_event_plus_seconds", span_}});
      co_return outcome::done;
    }
    for (;;) {
      const auto left = until - in.services().hook.time.now();
      if (left <= 0s) co_return outcome::done;
      auto pausing = in.pause(std::min(left, longest_pause));
      const auto paused = co_await std::move(pausing);
      if (paused.has_error()) co_return paused.error();
    }
  }

 private:
  duration span_;
};

std::string no_contradiction(const settings&) { return {}; }
std::unique_ptr<step> make_wait(const settings& with, step_services&) {
  return std::make_unique<wait>(*with.get<duration>("for"));
}
std::string describe_wait(const settings& with) {
  return fmt::format("until {} after the event", to_text(*with.get<duration>("for")));
}

}  // namespace

step_kind wait_kind() {
  return {"wait",
          "holds the event open for a time counted from the event",
          {{"for", setting_kind::span, "how long after the event, such as 5m", {}, true}},
          {all_event_kinds.begin(), all_event_kinds.end()},
          no_contradiction,
          make_wait,
          describe_wait};
}

}  // namespace lifehook::handlers
