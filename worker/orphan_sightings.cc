#include "worker/orphan_sightings.h"

#include <algorithm>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration longest_pause = 60s;
constexpr duration shortest_pause = 10s;

}  // namespace

orphan_sightings::sighting* orphan_sightings::find(const handlers::event& about) {
  const auto found = sightings_.find(key_of(about));
  return found == sightings_.end() ? nullptr : &found->second;
}

void orphan_sightings::note_kept(sighting& of) {
  if (of.kept_by == keeper::nobody) of.kept_by = keeper::somebody;
}

// What does not wait any more is forgotten: the next wait of the same names is another one.
void orphan_sightings::update(const wait_look& seen) {
  std::map<key, sighting> now;
  for (const auto& each : seen.waits) {
    const auto* const before = find(each.about);
    auto& sighted = now.emplace(key_of(each.about), before ? *before : sighting{seen.when}).first->second;
    const auto last_set = std::max(sighted.since, sighted.asked.value_or(sighted.since));
    if (seen.when - last_set > each.heartbeat_timeout) note_kept(sighted);
  }
  sightings_ = std::move(now);
}

bool orphan_sightings::is_short(const wait_look& seen) const {
  if (seen.waits.empty()) return false;
  const auto open = std::count_if(sightings_.begin(), sightings_.end(),
                                  [](const auto& each) { return each.second.kept_by != keeper::another_hook; });
  return seen.messages < static_cast<double>(open) + static_cast<double>(seen.in_hand);
}

duration orphan_sightings::waited(const sighting& of, duration now) const {
  return short_since_ ? now - std::max(of.since, *short_since_) : duration::zero();
}

// A hook that somebody keeps open is asked about too, for it may be over meanwhile; but so rarely that it ends by its
// own timer if in truth nobody does.
bool orphan_sightings::is_due(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const {
  if (of.kept_by == keeper::another_hook) return false;
  const bool is_kept = of.kept_by == keeper::somebody;
  const auto since_asked = of.asked ? now - *of.asked : duration::max();
  if (waited(of, now) >= after_) return !is_kept || since_asked >= 2 * heartbeat_timeout;
  const bool is_long = heartbeat_timeout / 2 >= after_;
  const duration early = heartbeat_timeout / 4;
  return !is_long && !is_kept && waited(of, now) >= early && since_asked >= early;
}

std::vector<handlers::open_wait> orphan_sightings::suspects(const wait_look& seen) {
  update(seen);
  std::vector<handlers::open_wait> found;
  if (!is_short(seen)) return found;
  if (!short_since_) short_since_ = seen.when;
  for (const auto& each : seen.waits) {
    const auto& sighted = sightings_.at(key_of(each.about));
    if (is_due(sighted, each.heartbeat_timeout, seen.when)) found.push_back(each);
  }
  return found;
}

void orphan_sightings::is_open(const handlers::event& about, duration when) {
  if (auto* const sighted = find(about)) sighted->asked = when;
}

void orphan_sightings::is_not_open(const handlers::event& about) {
  if (auto* const sighted = find(about)) sighted->kept_by = keeper::another_hook;
}

std::vector<orphan> orphan_sightings::orphans(const wait_look& seen) {
  std::vector<orphan> found;
  if (!is_short(seen)) short_since_.reset();
  for (const auto& each : seen.waits) {
    const auto* const sighted = find(each.about);
    const bool is_lost = sighted && sighted->kept_by == keeper::nobody && sighted->asked == seen.when;
    if (is_lost && short_since_ && waited(*sighted, seen.when) >= after_) found.push_back({each, sighted->since});
  }
  return found;
}

void orphan_sightings::told_of(const handlers::event& about) {
  if (auto* const sighted = find(about)) note_kept(*sighted);
}

void orphan_sightings::note_timeout(std::chrono::seconds heartbeat_timeout) {
  shortest_ = std::min(shortest_, heartbeat_timeout);
}

duration orphan_sightings::pause() const {
  return std::clamp<duration>(std::min<duration>(after_, shortest_ / 2) / 2, shortest_pause, longest_pause);
}

}  // namespace lifehook::worker
