#include "handlers/create_image_run.h"

#include "base/time_text.h"
#include "base/within.h"
#include "handlers/current_group.h"
#include "handlers/image_name.h"
#include "handlers/image_tags.h"
#include "handlers/lifecycle_state.h"
#include "handlers/scaling_cause.h"
#include "handlers/services.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 15s;
constexpr duration until_listed = 2s;        // EC2 lists a new image after a moment
constexpr duration longest_unlisted = 2min;  // then it is not there any more
constexpr duration longest_for_tag = 5s;     // a cause that only a tag tells is not worth more

bool is_ours(const aws::ec2_image& image, const std::string& service) {
  const auto tag = image.tags.find(std::string(service_tag));
  return tag != image.tags.end() && tag->second == service;
}

bool has_failed(const aws::ec2_image& image) {
  return image.state == "failed" || image.state == "error" || image.state == "invalid";
}

}  // namespace

std::string create_image_run::name_of_image() const {
  return image_name(in_.configured().name, in_.about(), in_.event_time());
}

task<result<outcome>> create_image_run::run() {
  auto none = co_await reason_for_none();
  if (none.has_error()) co_return std::move(none).error();
  if (*none) co_return **none;
  auto refused = co_await find_or_request();
  if (refused.has_error()) co_return std::move(refused).error();
  if (*refused) co_return **refused;
  if (in_.dry_run()) co_return outcome::done;
  auto ended = co_await wait_for_it();
  if (ended.has_value() && *ended == outcome::done)
    in_.services().keeper.tidy(
        {in_.configured().name, in_.configured().match, settings_.retain, in_.configured().deadline, in_.log()});
  co_return ended;
}

task<result<std::optional<outcome>>> create_image_run::find_or_request() {
  using ended = std::optional<outcome>;
  auto found = co_await find();
  if (found.has_error()) co_return std::move(found).error();
  if (*found) co_return use(**found);
  if (!cause_) cause_ = co_await cause_for_tag();
  if (in_.dry_run()) {
    in_.log().info("would_create_image", {{"name", name_of_image()}, {"cause", *cause_}});
    co_return ended();
  }
  co_return co_await request();
}

// nullopt: it will do, now or once it is available.
std::optional<outcome> create_image_run::use(const aws::ec2_image& found) {
  image_ = found.id;
  if (has_failed(found)) return give_up(found);
  in_.log().info("image_found", {{"image", image_}, {"state", found.state}});
  return std::nullopt;
}

// It keeps its name: no other can be made for this event, however often it is tried. To deregister it is its owner's,
// who may want to see why; retention does it, where it is asked for.
outcome create_image_run::give_up(const aws::ec2_image& failed) {
  in_.log().error("image_failed", {{"image", failed.id},
                                   {"state", failed.state},
                                   {"why", failed.reason},
                                   {"advice", "deregister it, and make one by hand if its instance still exists"}});
  in_.failed_for_good();
  return outcome::failed;
}

// A warm pool takes the instance back, a replaced root volume reboots it: neither is an end.
task<result<bool>> create_image_run::ends() {
  if (!in_.about().ends_instance()) co_return false;
  if (in_.about().kind != event_kind::terminating) co_return true;
  const auto found = co_await in_.ask("asking Auto Scaling for the instance",
                                      [&] { return in_.services().instances.instance(in_.about().instance); });
  if (found.has_error()) co_return found.error();
  if (!*found) co_return true;
  const auto& state = (*found)->lifecycle_state;
  co_return !is_being_replaced(state) && !goes_to_warm_pool(state);
}

// EC2 images no instance that stops, and tells the same stop once more when it has.
bool create_image_run::is_stopping() const {
  return in_.about().kind == event_kind::state_change && in_.about().detail.get() == "stopping";
}

outcome create_image_run::none(std::string_view why) {
  in_.log().info("no_image", {{"why", why}});
  return outcome::skipped;
}

task<result<std::optional<outcome>>> create_image_run::reason_for_none() {
  using reason = std::optional<outcome>;
  if (is_stopping()) co_return reason(none("the image of a stop is made once the instance has stopped"));
  const auto does = co_await ends();
  if (does.has_error()) co_return does.error();
  if (!*does) co_return reason(none("the instance does not end"));
  if (settings_.always) co_return reason();
  const auto current = co_await current_group(in_, in_.event_time());
  if (current.has_error()) co_return current.error();
  // Of a service without any group left nothing says that this end was planned.
  if (!current->empty() && !in_.about().group.empty() && *current != in_.about().group) {
    in_.log().info("expected_end", {{"current_group", *current}, {"scaling_group", in_.about().group}});
    co_return reason(outcome::expected);
  }
  const auto is_expected = co_await is_expected_cause();
  if (is_expected.has_error()) co_return is_expected.error();
  in_.log().info(*is_expected ? "expected_end" : "unexpected_end",
                 {{"current_group", *current}, {"cause", cause_.value_or("not looked up")}});
  co_return *is_expected ? reason(outcome::expected) : reason();
}

// Only where causes decide is AWS asked for one until it answers.
task<result<bool>> create_image_run::is_expected_cause() {
  const auto& expected = settings_.expected_causes;
  if (expected.empty()) co_return false;
  auto found = co_await in_.ask("reading scaling activities", [this] { return cause(); });
  if (found.has_error()) co_return std::move(found).error();
  cause_ = std::move(*found);
  co_return std::find(expected.begin(), expected.end(), *cause_) != expected.end();
}

// In one word: of an end why Auto Scaling wants it, of anything else what happened.
task<result<std::string>> create_image_run::cause() {
  const auto& about = in_.about();
  if (about.kind != event_kind::terminating) co_return std::string(name(about.kind));
  const auto told = co_await in_.services().causes.cause_of_end({about.group, about.instance, in_.event_time()});
  if (told.has_error() && told.error().code() != errc::not_found) co_return told.error();
  co_return std::string(name(told.has_value() ? *told : scaling_cause::unknown));
}

task<std::string> create_image_run::cause_for_tag() {
  const auto told = co_await within(in_.services().time, longest_for_tag, cause());
  if (told.has_value()) co_return *told;
  const std::string unknown(name(scaling_cause::unknown));
  in_.log().warn("cause_not_read", {{"tagged", unknown}, {"error", told.error().what()}});
  co_return unknown;
}

task<result<std::optional<aws::ec2_image>>> create_image_run::find() {
  auto found = co_await in_.ask("looking for the image", [&] { return in_.services().images.named(name_of_image()); });
  if (found.has_error()) co_return std::move(found).error();
  std::optional<aws::ec2_image> ours;
  for (auto& each : *found) {
    if (!is_registered(each)) continue;  // listed for a while, without a claim to its name
    if (!is_ours(each, in_.configured().name))
      co_return error{errc::rejected, "the name " + name_of_image() + " is taken by image " + each.id +
                                          ", which does not carry the tag " + std::string(service_tag) +
                                          ": rename or deregister it"};
    ours = std::move(each);
  }
  co_return ours;
}

task<result<std::optional<outcome>>> create_image_run::request() {
  const auto& about = in_.about();
  aws::image_request wanted{.instance = about.instance,
                            .name = name_of_image(),
                            .description = image_description(about, *cause_),
                            .reboot = settings_.reboot,
                            .tags = {{std::string(service_tag), in_.configured().name},
                                     {std::string(scaling_group_tag), about.group},
                                     {std::string(instance_tag), about.instance},
                                     {std::string(cause_tag), *cause_},
                                     {std::string(time_tag), to_rfc3339(in_.event_time())}}};
  auto made = co_await in_.ask("creating the image", [&] { return in_.services().ec2.usual.create_image(wanted); });
  if (made.has_error()) co_return co_await refused(std::move(made).error());
  image_ = std::move(*made);
  in_.log().info("image_requested", {{"image", image_}, {"name", name_of_image()}, {"cause", *cause_}});
  co_return std::optional<outcome>();
}

// Taken: by an earlier request of this or another worker, which EC2 may list only after a moment.
task<result<std::optional<outcome>>> create_image_run::refused(error why) {
  using ended = std::optional<outcome>;
  if (aws::is_too_late_to_image(why)) {
    const auto there = co_await instance_is_there();
    if (there.has_error()) co_return there.error();
    if (*there) co_return why;
    in_.log().warn("instance_gone", {{"why", "it ended before an image could be made"}, {"error", why.what()}});
    co_return ended(outcome::gone);
  }
  if (!aws::is_image_name_taken(why)) co_return why;
  const auto until = in_.now() + longest_unlisted;
  while (in_.now() < until) {
    auto found = co_await find();
    if (found.has_error()) co_return std::move(found).error();
    if (*found) co_return use(**found);
    in_.waits_for("EC2 knows its image's name, but does not list it yet");
    if (const auto paused = co_await in_.pause_or_requeue(until_listed); paused.has_error()) co_return paused.error();
  }
  co_return why;
}

task<result<bool>> create_image_run::instance_is_there() {
  const auto found = co_await in_.ask("describing the instance",
                                      [&] { return in_.services().ec2.usual.instances({in_.about().instance}); });
  if (found.has_error()) co_return found.error();
  co_return std::any_of(found->begin(), found->end(), [](const auto& each) { return !aws::has_ended(each.state); });
}

task<result<outcome>> create_image_run::wait_for_it() {
  const auto began = in_.now();
  while (settings_.waits) {
    const auto found = co_await in_.ask("looking at the image", [&] { return in_.services().images.image(image_); });
    if (found.has_error()) co_return found.error();
    const auto now = in_.now();
    if (*found && (*found)->state == "available") {
      in_.log().info("image_available", {{"image", image_}, {"took_seconds", now - began}});
      co_return outcome::done;
    }
    if (*found && has_failed(**found)) co_return give_up(**found);
    const bool is_gone = *found ? !is_registered(**found) : now - began >= longest_unlisted;
    if (is_gone) co_return error{errc::rejected, "image " + image_ + " is gone: somebody deregistered it"};
    in_.waits_for(fmt::format("image {} is {}", image_, *found ? (*found)->state : "not listed yet"));
    if (const auto paused = co_await in_.pause_or_requeue(look_again); paused.has_error()) co_return paused.error();
  }
  co_return outcome::done;
}

}  // namespace lifehook::handlers
