#include "handlers/image_keeper.h"

#include "base/chunks.h"
#include "base/metrics.h"
#include "base/within.h"
#include "handlers/image_tags.h"
#include "handlers/lifecycle_state.h"
#include "handlers/outcome.h"
#include "handlers/route.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration longest_look = 2min;
constexpr duration soonest_again = 1min;
constexpr duration owed_again = 10min;  // while snapshots are left without their image
constexpr duration last_moment = 2s;    // of a stop, for what is being removed
constexpr std::size_t instances_at_once = 50;
constexpr std::string_view metric_step = "image_retention";  // what looks are counted as, among the steps

// Of another deployment in this account whose group has the same name.
bool is_of_others(const aws::ec2_image& each, const std::vector<std::string>& match) {
  const auto group = each.tags.find(std::string(scaling_group_tag));
  return group != each.tags.end() && !may_be_named(match, group->second);
}

}  // namespace

struct image_keeper::shelf {
  explicit shelf(clock& time) : later(time) {}

  std::optional<image_rule> next;  // asked for, not begun
  bool is_busy = false;
  interrupt stopped;
  alarm later;
  std::optional<image_rule> last;      // asked for
  std::vector<std::string> snapshots;  // of images removed: still to be deleted
  // By image of which it is not known whether it was removed: the answer did not come, or was not waited for.
  std::map<std::string, std::vector<std::string>> leaving;

  bool owes() const { return !(snapshots.empty() && leaving.empty()); }
  bool is_removing() const { return is_busy && owes(); }
};

image_keeper::image_keeper(clock& time, aws::autoscaling& scaling, aws::ec2& with, task_group& tasks, metrics& counts)
    : clock_(time), autoscaling_(scaling), ec2_(with), tasks_(tasks), counts_(counts) {}

image_keeper::~image_keeper() = default;

void image_keeper::tidy(image_rule by) {
  if (stopped_ || (!by.keeps.count && !by.keeps.age)) return;
  auto& of = shelves_[by.service];
  if (!of) of = std::make_unique<shelf>(clock_);
  of->last = by;
  of->next = std::move(by);
  if (std::exchange(of->is_busy, true)) return;
  tasks_.spawn(work_off(*of));
}

void image_keeper::stop() {
  stopped_ = true;
  for (auto& [service, of] : shelves_) {
    of->later.unset();
    if (!of->is_busy && of->owes()) {
      of->is_busy = true;
      tasks_.spawn(try_once_more(*of));
    }
    if (of->is_removing())
      of->later.set(last_moment, [&ends = of->stopped] { ends.raise(); });
    else
      of->stopped.raise();
  }
}

task<> image_keeper::work_off(shelf& of) {
  while (of.next && !stopped_) {
    const auto by = *std::exchange(of.next, std::nullopt);
    const auto looked = co_await of.stopped.guard(within(clock_, longest_look, look(of, by)));
    if (looked.has_value()) counts_.steps.add({metric_step, by.service, name(outcome::done)});
    if (looked.has_error() && !stopped_) tell(by, looked.error());
    if (looked.has_error() && of.owes()) look_again(of, by, now_by_aws() + owed_again);
  }
  of.is_busy = false;
  if (!stopped_) co_return;
  of.later.unset();
  tell_left(of);
}

// At a stop: what AWS refused before it may allow now.
task<> image_keeper::try_once_more(shelf& of) {
  co_await of.stopped.guard(delete_snapshots(of, *of.last));
  of.is_busy = false;
  of.later.unset();
  tell_left(of);
}

// Nobody else knows of them.
void image_keeper::tell_left(const shelf& of) {
  auto left = of.snapshots;
  for (const auto& [image, snapshots] : of.leaving) left.insert(left.end(), snapshots.begin(), snapshots.end());
  if (left.empty()) return;
  of.last->log.warn("snapshots_left",
                    {{"snapshots", fmt::format("{}", fmt::join(left, ", "))},
                     {"why", "their images are removed, or may be, and the worker stops before AWS has deleted them"},
                     {"advice", "delete by hand those that are there, and whose image is not"}});
}

void image_keeper::tell(const image_rule& by, const error& why) {
  const bool denied = why.code() == errc::denied;
  const auto how = denied ? outcome::denied : why.code() == errc::timeout ? outcome::timeout : outcome::failed;
  counts_.steps.add({metric_step, by.service, name(how)});
  by.log.write(denied ? log_level::error : log_level::warn, "retention_failed",
               {{"error", why.what()},
                {"advice", denied ? "allow what deploy/iam/create-image.json and image-retention.json list"
                                  : "images stay until the next one is made, or for some hours"}});
}

// Only what carries our tag is looked at, image and snapshots alike. While snapshots of an earlier look cannot be
// deleted no further ones are left without their image.
task<result<>> image_keeper::look(shelf& of, image_rule by) {
  auto all = co_await ec2_.images_tagged({{std::string(service_tag), by.service}});
  if (all.has_error()) co_return std::move(all).error().in("listing the service's images");
  std::erase_if(*all, [&by](const auto& each) { return is_of_others(each, by.match); });
  settle_leaving(of, *all);
  if (auto deleted = co_await delete_snapshots(of, by); deleted.has_error()) co_return deleted;
  auto gone = co_await not_waited_for(of, by, beyond(by.keeps, std::move(*all), now_by_aws()));
  if (gone.has_error()) co_return std::move(gone).error();
  for (auto& each : *gone) {
    if (stopped_) break;
    const auto removed = co_await remove(of, by, std::move(each));
    if (removed.has_error() && is_outage(removed.error().code())) co_return removed;
    if (removed.has_error()) tell(by, removed.error());  // such as one protected from it: the others go
  }
  co_return result<>();
}

// An image that is old enough nobody waits for. For a younger one its own hook is held while Auto Scaling shows its
// instance in the wait; events without a hook tell nobody when they are over.
task<result<image_keeper::images>> image_keeper::not_waited_for(shelf& of, image_rule by, images candidates) {
  const auto is_young = [&by, now = now_by_aws()](const auto& each) {
    return waited_for_until(each, by.deadline) > now;
  };
  images young;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(young), is_young);
  auto states = co_await states_of(std::move(young));
  if (states.has_error()) co_return std::move(states).error().in("asking Auto Scaling for the images' instances");
  const auto may_wait = [&](const auto& each) {
    const auto instance = held_instance(each);
    return is_young(each) && (instance.empty() || may_be_held((*states)[instance]));
  };
  const auto newest = std::find_if(candidates.rbegin(), candidates.rend(), may_wait);
  if (newest != candidates.rend()) look_again(of, by, waited_for_until(*newest, by.deadline));
  std::erase_if(candidates, may_wait);
  co_return candidates;
}

// Lifecycle states by instance; none for those that Auto Scaling does not know any more.
task<result<std::map<std::string, std::string>>> image_keeper::states_of(images young) {
  std::vector<std::string> ids;
  for (const auto& each : young)
    if (auto instance = held_instance(each); !instance.empty()) ids.push_back(std::move(instance));
  std::map<std::string, std::string> states;
  for (auto& chunk : in_chunks(ids, instances_at_once)) {
    auto found = co_await autoscaling_.instances(std::move(chunk));
    if (found.has_error()) co_return std::move(found).error();
    for (auto& each : *found) states.emplace(std::move(each.id), std::move(each.lifecycle_state));
  }
  co_return states;
}

void image_keeper::look_again(shelf& of, image_rule by, time_point when) {
  if (stopped_) return;
  of.later.set(std::max(when - now_by_aws(), soonest_again), [this, by = std::move(by)] { tidy(by); });
}

// What is still there is looked at like any other.
void image_keeper::settle_leaving(shelf& of, const images& listed) {
  for (const auto& [image, snapshots] : std::exchange(of.leaving, {})) {
    const auto is_it = [&id = image](const auto& each) { return each.id == id && is_registered(each); };
    if (std::none_of(listed.begin(), listed.end(), is_it))
      of.snapshots.insert(of.snapshots.end(), snapshots.begin(), snapshots.end());
  }
}

// One that is found gone may have gone by a call of ours whose answer was lost: then nobody else has its snapshots.
task<result<>> image_keeper::remove(shelf& of, image_rule by, aws::ec2_image what) {
  auto snapshots = co_await ec2_.snapshots_tagged(what.snapshots, std::string(service_tag), by.service);
  if (snapshots.has_error()) co_return std::move(snapshots).error().in("looking at an old image's snapshots");
  of.leaving.insert_or_assign(what.id, *snapshots);
  const bool all_are_ours =
      snapshots->size() == what.snapshots.size();  // then no crash leaves them without their image
  auto left = co_await ec2_.deregister_image(what.id, all_are_ours);
  if (left.has_value() || !is_outage(left.error().code())) of.leaving.erase(what.id);
  if (left.has_error()) co_return std::move(left).error().in("deregistering image " + what.id);
  if (*left) by.log.info("image_removed", {{"image", what.id}, {"name", what.name}, {"snapshots", snapshots->size()}});
  std::move(snapshots->begin(), snapshots->end(), std::back_inserter(of.snapshots));
  co_return co_await delete_snapshots(of, by);
}

// Whatever AWS has deleted with the image is not there, which is as good. A snapshot without its image is found by
// nobody: what AWS does not delete now is remembered. What it refuses to (another image may use it) is its owner's.
task<result<>> image_keeper::delete_snapshots(shelf& of, image_rule by) {
  while (!of.snapshots.empty()) {
    auto deleted = co_await ec2_.delete_snapshot(of.snapshots.back());
    if (deleted.has_error() && is_outage(deleted.error().code()))
      co_return std::move(deleted).error().in("deleting snapshot " + of.snapshots.back() + " of a removed image");
    if (deleted.has_error())
      by.log.warn("snapshot_left", {{"snapshot", of.snapshots.back()}, {"error", deleted.error().what()}});
    of.snapshots.pop_back();
  }
  co_return result<>();
}

}  // namespace lifehook::handlers
