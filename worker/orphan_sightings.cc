#include "worker/orphan_sightings.h"

#include <algorithm>

namespace lifehook::worker {

using namespace std::chrono_literals;

namespace {

constexpr duration usual_pause = 60s;
constexpr duration trial_pause = 75s;  // spread by a fifth, no less than `counted_late`
constexpr duration shortest_pause = 10s;
constexpr duration counted_late = 60s;  // at most: AWS's own figure
constexpr duration longest_trial = 1h;  // looks fail; its counts are all kept
constexpr duration listed_late = 30s;   // what has just ended may still be listed, its message gone
constexpr duration longest_doubt = 30min;
constexpr duration next_to_last = 10min;  // short looks are of one shortage: while hooks come and go, few are short

}  // namespace

orphan_sightings::sighting* orphan_sightings::find(const handlers::event& about) {
  const auto found = sightings_.find(key_of(about));
  return found == sightings_.end() ? nullptr : &found->second;
}

void orphan_sightings::note_messages(double count, duration when) {
  if (trial_ && when - trial_->when > longest_trial) trial_.reset();
  counts_.push_back({when, count});
  const auto from = (trial_ ? trial_->when : when) - listed_late;
  while (counts_.front().when < from) counts_.pop_front();
}

bool orphan_sightings::wants_counts() const {
  return std::any_of(sightings_.begin(), sightings_.end(),
                     [](const auto& each) { return each.second.is == standing::unknown; });
}

// What does not wait any more is forgotten: the next wait of the same names is another one.
void orphan_sightings::update(const wait_look& seen) {
  std::map<key, sighting> now;
  for (const auto& each : seen.waits) {
    const auto* const before = find(each.about);
    auto& sighted = now.emplace(key_of(each.about), before ? *before : sighting{seen.when}).first->second;
    const auto last_set = std::max(sighted.since, sighted.asked.value_or(sighted.since));
    if (sighted.is == standing::unknown && seen.when - last_set > each.heartbeat_timeout) sighted.is = standing::kept;
  }
  sightings_ = std::move(now);
}

std::size_t orphan_sightings::open(const wait_look& seen) const {
  const auto others = std::count_if(sightings_.begin(), sightings_.end(),
                                    [](const auto& each) { return each.second.is != standing::over; });
  return seen.in_hand + static_cast<std::size_t>(others);
}

bool orphan_sightings::is_ripe(duration now) const { return trial_ && now - trial_->when >= counted_late; }

bool orphan_sightings::is_short() const {
  return !counts_.empty() && std::all_of(counts_.begin(), counts_.end(), [this](const auto& each) {
    return each.messages < static_cast<double>(trial_->open);
  });
}

// A hook that somebody keeps open is asked about too, for it may be over meanwhile; but so rarely that it ends by its
// own timer if in truth nobody does.
bool orphan_sightings::is_due(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const {
  if (of.since > trial_->when || of.is == standing::over) return false;
  return of.is == standing::unknown || !of.asked || now - *of.asked >= 2 * heartbeat_timeout;
}

// Whether a wait may be one too many, by the counts of the last moments. Never where nothing comes and goes.
bool orphan_sightings::seems_short(const wait_look& seen) const {
  const auto waits = static_cast<double>(open(seen));
  return std::any_of(counts_.begin(), counts_.end(), [&seen, waits](const auto& each) {
    return each.when >= seen.when - listed_late && each.messages < waits;
  });
}

// What may be an orphan is kept from its end until looks have told, but not for ever: somebody may have left it to its
// default.
bool orphan_sightings::is_ending(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const {
  if (of.is != standing::unknown || now - of.since > longest_doubt) return false;
  return of.asked ? now - *of.asked >= heartbeat_timeout / 2 : now - of.since >= heartbeat_timeout / 4;
}

std::vector<handlers::open_wait> orphan_sightings::suspects(const wait_look& seen) {
  update(seen);
  const bool judges = is_ripe(seen.when) && is_short();
  const bool doubts = seems_short(seen);
  std::vector<handlers::open_wait> found;
  for (const auto& each : seen.waits) {
    const auto& sighted = sightings_.at(key_of(each.about));
    const bool is_suspect = judges && is_due(sighted, each.heartbeat_timeout, seen.when);
    if (is_suspect || (doubts && is_ending(sighted, each.heartbeat_timeout, seen.when))) found.push_back(each);
  }
  return found;
}

void orphan_sightings::is_open(const handlers::event& about, duration when) {
  if (auto* const sighted = find(about)) sighted->asked = when;
}

void orphan_sightings::is_not_open(const handlers::event& about) {
  auto* const sighted = find(about);
  if (!sighted || sighted->is == standing::over) return;
  sighted->is = standing::over;
  if (trial_ && sighted->since <= trial_->when) --trial_->open;
}

void orphan_sightings::extend_shortage() {
  if (!shortage_ || trial_->when - shortage_->last > next_to_last) shortage_ = shortage{trial_->when, trial_->when};
  shortage_->last = trial_->when;
}

std::vector<orphan> orphan_sightings::orphans(const wait_look& seen) {
  std::vector<orphan> found;
  if (trial_ && !is_ripe(seen.when)) return found;
  if (trial_ && is_short()) {
    extend_shortage();
    for (const auto& each : seen.waits) {
      const auto* const sighted = find(each.about);
      if (!sighted || sighted->is != standing::unknown || sighted->asked != seen.when) continue;
      if (sighted->since > trial_->when || seen.when - std::max(sighted->since, shortage_->first) < after_) continue;
      found.push_back({each, sighted->since});
    }
  }
  trial_ = wants_counts() ? std::optional(trial{seen.when, open(seen)}) : std::nullopt;
  return found;
}

void orphan_sightings::told_of(const handlers::event& about) {
  auto* const sighted = find(about);
  if (sighted && sighted->is == standing::unknown) sighted->is = standing::kept;
}

void orphan_sightings::note_timeout(std::chrono::seconds heartbeat_timeout) {
  shortest_ = std::min(shortest_, heartbeat_timeout);
}

duration orphan_sightings::pause() const {
  const duration longest = trial_ ? trial_pause : usual_pause;
  return std::clamp<duration>(std::min<duration>(after_, shortest_ / 2) * 2 / 3, shortest_pause, longest);
}

}  // namespace lifehook::worker
