#include "worker/orphan_sightings.h"

#include <algorithm>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration longest_pause = 60s;
constexpr duration shortest_pause = 10s;

std::pair<std::string, std::string> key_of(const handlers::event& about) { return {about.instance, about.hook}; }

}  // namespace

duration orphan_sightings::patience(const handlers::open_wait& with) const {
  return std::min<duration>(after_, with.heartbeat_timeout / 2);
}

// What does not wait any more is forgotten: the next wait of the same names is another one.
void orphan_sightings::update(const wait_look& seen) {
  std::map<key, sighting> now;
  for (const auto& each : seen.waits) {
    const auto name = key_of(each.about);
    const auto before = sightings_.find(name);
    now.emplace(name, before == sightings_.end() ? sighting{seen.when} : before->second);
    shortest_ = std::min(shortest_, each.heartbeat_timeout);
  }
  sightings_ = std::move(now);
  const bool is_short = seen.messages < static_cast<double>(seen.waits.size() + seen.in_hand);
  if (!is_short) short_since_.reset();
  if (is_short && !short_since_) short_since_ = seen.when;
}

std::vector<handlers::open_wait> orphan_sightings::suspects(const wait_look& seen) {
  update(seen);
  std::vector<handlers::open_wait> found;
  if (!short_since_) return found;
  for (const auto& each : seen.waits) {
    const auto& sighted = sightings_.at(key_of(each.about));
    const auto waited = seen.when - std::max(sighted.since, *short_since_);
    const bool somebody_beats = seen.when - sighted.since > each.heartbeat_timeout;
    if (!sighted.is_settled && !somebody_beats && waited >= patience(each)) found.push_back(each);
  }
  return found;
}

void orphan_sightings::settle(const handlers::event& about) {
  if (const auto found = sightings_.find(key_of(about)); found != sightings_.end()) found->second.is_settled = true;
}

duration orphan_sightings::pause() const {
  return std::clamp<duration>(std::min<duration>(after_, shortest_ / 2) / 2, shortest_pause, longest_pause);
}

}  // namespace lifehook::worker
