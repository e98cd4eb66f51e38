#include "worker/orphan_sightings.h"

#include <boost/container_hash/hash.hpp>

#include <algorithm>
#include <string_view>

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

wait_key key_of(const handlers::event& about) {
  auto key = static_cast<std::size_t>(about.destination);
  boost::hash_combine(key, std::string_view(about.instance));
  boost::hash_combine(key, std::string_view(about.hook));
  return key;
}

orphan_sightings::sighting* orphan_sightings::find(const handlers::event& about) {
  const auto found = sightings_.find(key_of(about));
  return found == sightings_.end() ? nullptr : &found->second;
}

const orphan_sightings::own* orphan_sightings::find_own(wait_key key) const {
  const auto found = std::lower_bound(ours_.begin(), ours_.end(), own{key, {}});
  return found == ours_.end() || found->key != key ? nullptr : &*found;
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

orphan_sightings::sighting orphan_sightings::seen_again(const handlers::open_wait& one, duration now) const {
  const auto before = sightings_.find(key_of(one.about));
  auto sighted = before == sightings_.end() ? sighting{now} : before->second;
  const auto last_set = std::max(sighted.since, sighted.asked.value_or(sighted.since));
  const bool is_kept = told_.count(key_of(one.about)) > 0 || now - last_set > one.heartbeat_timeout;
  if (sighted.is == standing::unknown && is_kept) sighted.is = standing::kept;
  return sighted;
}

// What does not wait any more is forgotten: the next wait of the same names is another one.
void orphan_sightings::update(const wait_look& seen) {
  std::vector<own> ours;
  ours.reserve(seen.in_hand.size());
  for (const auto each : seen.in_hand) {
    const auto before = sightings_.find(each);
    const auto* const was_ours = find_own(each);
    ours.push_back({each, before != sightings_.end() ? before->second.since : was_ours ? was_ours->since : seen.when});
  }
  std::sort(ours.begin(), ours.end());
  // A page may list again what one before it has.
  const auto is_same = [](const own& one, const own& other) { return one.key == other.key; };
  ours.erase(std::unique(ours.begin(), ours.end(), is_same), ours.end());
  std::unordered_map<wait_key, sighting> others;
  for (const auto& each : seen.waits) others.emplace(key_of(each.about), seen_again(each, seen.when));
  ours_ = std::move(ours);
  sightings_ = std::move(others);
  std::erase_if(told_, [this](wait_key each) { return sightings_.count(each) == 0 && !find_own(each); });
  if (told_.empty()) explained_.clear();
}

std::size_t orphan_sightings::open() const {
  const auto others = std::count_if(sightings_.begin(), sightings_.end(),
                                    [](const auto& each) { return each.second.is != standing::over; });
  return ours_.size() + static_cast<std::size_t>(others);
}

bool orphan_sightings::is_ripe(duration now) const {
  return trial_ && now - std::max(trial_->when, last_told_.value_or(trial_->when)) >= counted_late;
}

double orphan_sightings::shortfall() const {
  if (counts_.empty()) return 0;
  const auto fewer = [](const auto& one, const auto& other) { return one.messages < other.messages; };
  const auto most = std::max_element(counts_.begin(), counts_.end(), fewer)->messages;
  return std::max(0.0, static_cast<double>(trial_->open + told_.size()) - most);
}

// What was missing before this one waited and had its message soon after: one, where the others have two.
double orphan_sightings::explained(const sighting& of) const {
  const auto after = explained_.lower_bound(of.since);
  return after == explained_.begin() ? 0 : std::prev(after)->second;
}

// Since when the looks are short of more than what is explained.
duration orphan_sightings::short_since(const sighting& of) const {
  const auto known = explained(of);
  auto since = shortages_.back().when;
  for (auto each = shortages_.rbegin(); each != shortages_.rend() && since - each->when <= next_to_last; ++each)
    if (each->of > known) since = each->when;
  return since;
}

// A hook that somebody keeps open is asked about too, for it may be over meanwhile; but so rarely that it ends by its
// own timer if in truth nobody does.
bool orphan_sightings::is_due(const sighting& of, std::chrono::seconds heartbeat_timeout, duration now) const {
  if (of.since > trial_->when || of.is == standing::over) return false;
  return of.is == standing::unknown || !of.asked || now - *of.asked >= 2 * heartbeat_timeout;
}

// Whether a wait may be one too many, by the counts of the last moments. Never where nothing comes and goes.
bool orphan_sightings::seems_short(const wait_look& seen) const {
  const auto waits = static_cast<double>(open() + told_.size());
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
  const double missing = is_ripe(seen.when) ? shortfall() : 0;
  const bool doubts = seems_short(seen);
  std::vector<handlers::open_wait> found;
  for (const auto& each : seen.waits) {
    const auto& sighted = sightings_.at(key_of(each.about));
    const bool is_suspect = missing > explained(sighted) && is_due(sighted, each.heartbeat_timeout, seen.when);
    if (is_suspect || (doubts && is_ending(sighted, each.heartbeat_timeout, seen.when))) found.push_back(each);
  }
  return found;
}

void orphan_sightings::note_open(const handlers::event& about, duration when) {
  if (auto* const sighted = find(about)) sighted->asked = when;
}

void orphan_sightings::note_not_open(const handlers::event& about) {
  auto* const sighted = find(about);
  if (!sighted || sighted->is == standing::over) return;
  sighted->is = standing::over;
  told_.erase(key_of(about));
  if (trial_ && sighted->since <= trial_->when) --trial_->open;
}

// Whose messages may stand in for those that are missing.
bool orphan_sightings::came_meanwhile() const {
  const auto is_new = [this](duration since) { return since > trial_->when; };
  return std::any_of(sightings_.begin(), sightings_.end(),
                     [&](const auto& each) { return is_new(each.second.since); }) ||
         std::any_of(ours_.begin(), ours_.end(), [&](const auto& each) { return is_new(each.since); });
}

// What is missing no more was a wrong count, or has ended.
void orphan_sightings::note_shortage(double missing, bool is_exact) {
  for (auto& [when, each] : explained_)
    if (is_exact) each = std::min(each, missing);
  shortages_.push_back({trial_->when, missing});
  while (trial_->when - shortages_.front().when > after_ + next_to_last) shortages_.pop_front();
}

bool orphan_sightings::is_orphan(const sighting& one, duration now) const {
  if (one.is != standing::unknown || one.asked != now || one.since > trial_->when) return false;
  if (shortages_.back().of <= explained(one)) return false;
  return now - std::max(one.since, short_since(one)) >= after_;
}

std::vector<orphan> orphan_sightings::orphans(const wait_look& seen) {
  std::vector<orphan> found;
  if (trial_ && !is_ripe(seen.when)) return found;
  if (trial_) {
    note_shortage(shortfall(), !came_meanwhile());
    for (const auto& each : seen.waits) {
      const auto* const sighted = find(each.about);
      if (sighted && is_orphan(*sighted, seen.when)) found.push_back({each, sighted->since});
    }
    if (!found.empty()) explained_[trial_->when] = shortages_.back().of;
  }
  trial_ = wants_counts() ? std::optional(trial{seen.when, open()}) : std::nullopt;
  return found;
}

void orphan_sightings::told_of(const handlers::event& about, duration when) {
  passed_over(about);
  told_.insert(key_of(about));
  last_told_ = when;
}

void orphan_sightings::passed_over(const handlers::event& about) {
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
