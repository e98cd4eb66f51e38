#include "handlers/create_image.h"

#include "base/metrics.h"
#include "base/time_text.h"
#include "handlers/create_image_run.h"
#include "handlers/scaling_cause.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

image_settings read(const settings& with) {
  image_settings read;
  read.always = with.get_or<std::string>("when", "unexpected") == "always";
  read.expected_causes = with.get_or<std::vector<std::string>>("expected_causes", {});
  read.reboot = with.get_or("reboot", false);
  read.waits = with.get_or<std::string>("wait", "available") == "available";
  if (const auto count = with.get<std::int64_t>("retain.count")) read.retain.count = static_cast<std::size_t>(*count);
  read.retain.age = with.get<duration>("retain.age");
  return read;
}

class create_image final : public step {
 public:
  explicit create_image(image_settings with) : settings_(std::move(with)) {}

  task<result<outcome>> run(step_context& in) override {
    create_image_run running(in, settings_);
    auto ended = co_await running.run();
    if (ended.has_value() && !in.dry_run()) in.services().counts.images.add({in.configured().name, name(*ended)});
    co_return ended;
  }

 private:
  image_settings settings_;
};

std::string contradiction(const settings& with) {
  const auto of = read(with);
  if (of.always && with.has("expected_causes")) return "expected_causes belongs to when: unexpected";
  for (const auto& cause : of.expected_causes) {
    const auto known = expectable_causes();
    if (std::find(known.begin(), known.end(), cause) == known.end())
      return fmt::format("expected_causes: unknown cause \"{}\" (known: {})", cause, fmt::join(known, ", "));
  }
  if (of.retain.count == 0U) return "retain: count must be at least 1: the image just made stays";
  if (of.retain.age == duration(0)) return "retain: age must be longer than 0s";
  return {};
}

// An image grows too old also when no other is made.
void upkeep(const settings& with, const group& of, step_services& services, const logger& log) {
  services.keeper.tidy({of.name, of.match, read(with).retain, of.deadline, log});
}

std::unique_ptr<step> make(const settings& with, step_services&) { return std::make_unique<create_image>(read(with)); }

std::string describe(const settings& with) {
  const auto of = read(with);
  std::string text = of.always ? "always" : "when its end is unexpected";
  if (!of.expected_causes.empty()) text += fmt::format(" (expected: {})", fmt::join(of.expected_causes, ", "));
  text += of.reboot ? ", with a reboot" : ", without a reboot";
  text += of.waits ? ", waits until it is available" : ", goes on once it is requested";
  if (of.retain.count) text += fmt::format(", keeps {}", *of.retain.count);
  if (of.retain.age) text += fmt::format(", keeps them for {}", lifehook::to_text(*of.retain.age));
  return text;
}

}  // namespace

step_kind create_image_kind() {
  return {.name = "create_image",
          .help = "makes an image (AMI) of an instance that is about to end",
          .schema = {{"when", setting_kind::choice, "which ends call for an image", {"unexpected", "always"}},
                     {"expected_causes", setting_kind::text_list, "causes of Auto Scaling that are expected too"},
                     {"reboot", setting_kind::yes_no, "reboot the instance for a consistent file system"},
                     {"wait", setting_kind::choice, "what to wait for", {"available", "requested"}},
                     {.key = "retain",
                      .kind = setting_kind::nested,
                      .help = "how many images of the service are kept, and for how long",
                      .fields = {{"count", setting_kind::count, "images kept"},
                                 {.key = "age",
                                  .kind = setting_kind::span,
                                  .help = "how long images are kept, such as 720h",
                                  .means = span_meaning::age}}}},
          .events = {event_kind::terminating, event_kind::rebalance_recommendation, event_kind::state_change,
                     event_kind::scheduled_change},
          .contradiction = contradiction,
          .make = make,
          .describe = describe,
          .upkeep = upkeep,
          .permissions = {{.policy = "create-image"},
                          {.policy = "image-retention", .setting = "retain.count"},
                          {.policy = "image-retention", .setting = "retain.age"}}};
}

}  // namespace lifehook::handlers
