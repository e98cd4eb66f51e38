#include "handlers/create_image_run.h"

#include "base/time_text.h"
#include "handlers/current_group.h"
#include "handlers/image_tags.h"
#include "handlers/scaling_cause.h"
#include "handlers/services.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 15s;
constexpr duration until_listed = 2s;        // EC2 lists a new image after a moment
constexpr duration longest_unlisted = 2min;  // then it is not there any more

bool is_ours(const aws::ec2_image& image, const std::string& service) {
  const auto tag = image.tags.find(std::string(service_tag));
  return tag != image.tags.end() && tag->second == service;
}

bool has_failed(const aws::ec2_image& image) {
  return image.state == "failed" || image.state == "error" || image.state == "invalid";
}

}  // namespace

std::string create_image_run::image_name() const {
  return "lifehook-" + in_.service().name + "-" + in_.about().instance;
}

task<result<outcome>> create_image_run::run() {
  auto asking = reason_for_none();
  auto none = co_await std::move(asking);
  if (none.has_error()) co_return std::move(none).error();
  if (*none) co_return **none;
  auto finding = find();
  auto found = co_await std::move(finding);
  if (found.has_error()) co_return std::move(found).error();
  if (*found) {
    image_ = (*found)->id;
    in_.log().info("image_found", {{"image", image_}, {"state", (*found)->state}});
  } else {
    if (in_.dry_run()) {
      in_.log().info("would_create_image", {{"name", image_name()}, {"cause", cause_}});
      co_return outcome::done;
    }
    auto requesting = request();
    auto refused = co_await std::move(requesting);
    if (refused.has_error()) co_return std::move(refused).error();
    if (*refused) co_return **refused;
  }
  if (in_.dry_run()) co_return outcome::done;
  auto waiting = wait_for_it();
  auto ended = co_await std::move(waiting);
  if (ended.has_error() || *ended != outcome::done) co_return ended;
  auto tidying = tidy();
  if (const auto tidied = co_await std::move(tidying); tidied.has_error())
    in_.log().warn("retention_failed", {{"error", tidied.error().what()}});
  co_return outcome::done;
}

// A warm pool takes the instance back, a replaced root volume reboots it: neither is an end.
task<result<bool>> create_image_run::ends() {
  if (!in_.about().ends_instance()) co_return false;
  if (in_.about().kind != event_kind::terminating) co_return true;
  auto asking = in_.ask("asking Auto Scaling for the instance",
                        [&] { return in_.services().hook.instances.instance(in_.about().instance); });
  const auto found = co_await std::move(asking);
  if (found.has_error()) co_return found.error();
  if (!*found) co_return true;
  const auto& state = (*found)->lifecycle_state;
  co_return !state.starts_with("ReplacingRootVolume") && state != "RootVolumeReplaced" &&
      !state.starts_with("Warmed:Pending");
}

task<result<std::optional<outcome>>> create_image_run::reason_for_none() {
  using reason = std::optional<outcome>;
  auto ending = ends();
  const auto does = co_await std::move(ending);
  if (does.has_error()) co_return does.error();
  if (!*does) {
    in_.log().info("no_image", {{"why", "the instance does not end"}});
    co_return reason(outcome::skipped);
  }
  auto naming = cause();
  auto cause = co_await std::move(naming);
  if (cause.has_error()) co_return std::move(cause).error();
  cause_ = *cause;
  if (settings_.always) co_return reason();
  auto asking = current_group(in_, in_.event_time());
  const auto current = co_await std::move(asking);
  if (current.has_error()) co_return current.error();
  // Of a service without any group left nothing says that this end was planned.
  const bool of_release = !current->empty() && !in_.about().group.empty() && *current != in_.about().group;
  const auto& expected = settings_.expected_causes;
  const bool of_cause = std::find(expected.begin(), expected.end(), cause_) != expected.end();
  in_.log().info(of_release || of_cause ? "expected_end" : "unexpected_end",
                 {{"current_group", *current}, {"cause", cause_}});
  co_return of_release || of_cause ? reason(outcome::expected) : reason();
}

// In one word, from the group's scaling activities; they are read for the tag, and for `expected_causes`.
task<result<std::string>> create_image_run::cause() {
  if (in_.about().kind != event_kind::terminating) co_return std::string(name(in_.about().kind));
  auto asking = in_.ask("reading scaling activities",
                        [&] { return in_.services().hook.autoscaling.activities(in_.about().group); });
  const auto activities = co_await std::move(asking);
  if (activities.has_error() && activities.error().code() != errc::not_found) co_return activities.error();
  const auto* const ended = activities.has_error() ? nullptr : end_of(in_.about().instance, *activities);
  co_return std::string(name(ended ? cause_of(ended->cause) : scaling_cause::unknown));
}

task<result<std::optional<aws::ec2_image>>> create_image_run::find() {
  auto asking = in_.ask("looking for the image", [&] { return in_.services().ec2.images_named(image_name()); });
  auto found = co_await std::move(asking);
  if (found.has_error()) co_return std::move(found).error();
  std::optional<aws::ec2_image> ours;
  for (auto& each : *found) {
    if (!is_ours(each, in_.service().name))
      co_return error{errc::rejected, "the name " + image_name() + " is taken by image " + each.id +
                                          ", which does not carry the tag " + std::string(service_tag) +
                                          ": rename or deregister it"};
    ours = std::move(each);
  }
  co_return ours;
}

task<result<std::optional<outcome>>> create_image_run::request() {
  const auto& about = in_.about();
  aws::image_request wanted{.instance = about.instance,
                            .name = image_name(),
                            .description = "lifehook: " + about.instance + " of " + about.group + " ended, " + cause_,
                            .reboot = settings_.reboot,
                            .tags = {{std::string(service_tag), in_.service().name},
                                     {std::string(scaling_group_tag), about.group},
                                     {std::string(instance_tag), about.instance},
                                     {std::string(cause_tag), cause_},
                                     {std::string(time_tag), to_rfc3339(in_.event_time())}}};
  auto asking = in_.ask("creating the image", [&] { return in_.services().ec2.create_image(wanted); });
  auto made = co_await std::move(asking);
  if (made.has_error()) {
    auto refusing = refused(std::move(made).error());
    co_return co_await std::move(refusing);
  }
  image_ = std::move(*made);
  in_.log().info("image_requested", {{"image", image_}, {"name", image_name()}, {"cause", cause_}});
  co_return std::optional<outcome>();
}

// Taken: by an earlier request of this or another worker, which EC2 may list only after a moment.
task<result<std::optional<outcome>>> create_image_run::refused(error why) {
  using ended = std::optional<outcome>;
  if (aws::is_instance_gone(why)) {
    auto asking = instance_is_there();
    const auto there = co_await std::move(asking);
    if (there.has_error()) co_return there.error();
    if (*there) co_return why;
    in_.log().warn("instance_gone", {{"why", "it ended before an image could be made"}, {"error", why.what()}});
    co_return ended(outcome::gone);
  }
  if (!aws::is_image_name_taken(why)) co_return why;
  const auto until = in_.services().hook.time.now() + longest_unlisted;
  while (in_.services().hook.time.now() < until) {
    auto finding = find();
    auto found = co_await std::move(finding);
    if (found.has_error()) co_return std::move(found).error();
    if (*found) {
      image_ = (*found)->id;
      in_.log().info("image_found", {{"image", image_}, {"state", (*found)->state}});
      co_return ended();
    }
    auto pausing = in_.pause(until_listed);
    if (const auto paused = co_await std::move(pausing); paused.has_error()) co_return paused.error();
  }
  co_return why;
}

task<result<bool>> create_image_run::instance_is_there() {
  auto asking =
      in_.ask("describing the instance", [&] { return in_.services().ec2.instances({in_.about().instance}); });
  const auto found = co_await std::move(asking);
  if (found.has_error()) co_return found.error();
  co_return std::any_of(found->begin(), found->end(),
                        [](const auto& each) { return each.state != "shutting-down" && each.state != "terminated"; });
}

task<result<outcome>> create_image_run::wait_for_it() {
  const auto began = in_.services().hook.time.now();
  while (settings_.waits) {
    auto asking = in_.ask("looking at the image", [&] { return in_.services().images.image(image_); });
    const auto found = co_await std::move(asking);
    if (found.has_error()) co_return found.error();
    const auto now = in_.services().hook.time.now();
    if (*found && (*found)->state == "available") {
      in_.log().info("image_available", {{"image", image_}, {"took_seconds", now - began}});
      co_return outcome::done;
    }
    if (*found && has_failed(**found)) {
      in_.log().error("image_failed", {{"image", image_}, {"state", (*found)->state}, {"why", (*found)->reason}});
      co_return outcome::failed;
    }
    if (!*found && now - began >= longest_unlisted)
      co_return error{errc::rejected, "image " + image_ + " is gone: somebody deregistered it"};
    auto pausing = in_.pause(look_again);
    if (const auto paused = co_await std::move(pausing); paused.has_error()) co_return paused.error();
  }
  co_return outcome::done;
}

// Only what carries our tag is looked at, image and snapshots alike.
task<result<>> create_image_run::tidy() {
  if (!settings_.retain.count && !settings_.retain.age) co_return result<>();
  const auto service = in_.service().name;
  auto listing = in_.ask("listing the service's images",
                         [&] { return in_.services().ec2.images_tagged({{std::string(service_tag), service}}); });
  auto all = co_await std::move(listing);
  if (all.has_error()) co_return std::move(all).error();
  for (auto& each : beyond(settings_.retain, std::move(*all), image_, in_.services().hook.time.now())) {
    auto removing = remove(std::move(each));
    if (const auto removed = co_await std::move(removing); removed.has_error()) co_return removed.error();
  }
  co_return result<>();
}

task<result<>> create_image_run::remove(aws::ec2_image what) {
  auto& ec2 = in_.services().ec2;
  auto asking = in_.ask("looking at its snapshots", [&] {
    return ec2.snapshots_tagged(what.snapshots, std::string(service_tag), in_.service().name);
  });
  const auto snapshots = co_await std::move(asking);
  if (snapshots.has_error()) co_return snapshots.error();
  auto leaving = in_.ask("deregistering an old image", [&] { return ec2.deregister_image(what.id); });
  if (const auto left = co_await std::move(leaving); left.has_error()) co_return left.error();
  for (const auto& each : *snapshots) {
    auto deleting = in_.ask("deleting its snapshot", [&] { return ec2.delete_snapshot(each); });
    if (const auto deleted = co_await std::move(deleting); deleted.has_error()) co_return deleted.error();
  }
  in_.log().info("image_removed", {{"image", what.id}, {"name", what.name}, {"snapshots", snapshots->size()}});
  co_return result<>();
}

}  // namespace lifehook::handlers
