#include "state/dynamodb_store.h"

#include "state/bounds.h"
#include "state/dynamodb_records.h"

#include <map>
#include <utility>

namespace lifehook::state {

namespace {

using namespace std::chrono_literals;

constexpr unsigned most_races = 10;
constexpr backoff_limits between_races{50ms, 2s};
constexpr duration clocks_differ = 10s;         // at most, once AWS has told the time
constexpr unsigned refusals_between_looks = 8;  // for a lock that a wrong clock has taken

struct launch {
  std::string scaling_group;
  time_point when;
};

// The launches of services that are being recorded at this moment: whoever writes first writes them all, so that a
// hundred launches at once are not a hundred writes that hinder each other.
class launches_under_way {
 public:
  using place = std::multimap<std::string, launch>::iterator;

  place add(const std::string& service, launch what) { return all_.emplace(service, std::move(what)); }
  void remove(place at) { all_.erase(at); }

  history with_all_of(const std::string& service, history turns) const {
    const auto [begin, end] = all_.equal_range(service);
    for (auto each = begin; each != end; ++each)
      turns = with_launch(std::move(turns), each->second.scaling_group, each->second.when);
    return turns;
  }

  class entry {
   public:
    entry(launches_under_way& in, const std::string& service, launch what)
        : in_(in), at_(in.add(service, std::move(what))) {}
    ~entry() { in_.remove(at_); }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

   private:
    launches_under_way& in_;
    place at_;
  };

 private:
  std::multimap<std::string, launch> all_;
};

error with_advice(error why) {
  if (why.aws_code() == "ResourceNotFoundException")
    return why.followed_by("; make the table (deploy/table.yaml) in this region, or name the one that is there");
  if (why.aws_code() == "ValidationException")
    return why.followed_by("; the table's only key must be `key`, of type S (deploy/table.yaml)");
  return why;
}

class dynamodb_store final : public store {
 public:
  dynamodb_store(clock& time, aws::dynamodb& in, random_source& random) : clock_(time), table_(in), random_(random) {}

  task<result<history>> turns(std::string service) override {
    auto found = co_await read_turns(std::move(service));
    if (!found) co_return std::move(found).error();
    co_return std::move(found->turns);
  }

  task<result<history>> record_launch(std::string service, std::string scaling_group, time_point when) override {
    if (auto fits = check_bounds(service, scaling_group); !fits) co_return fits.error();
    const launches_under_way::entry until_it_ends(under_way_, service, {scaling_group, when});
    for (unsigned race = 0; race < most_races; ++race) {
      co_await let_others_pass(race);
      auto found = co_await read_turns(service);
      if (!found) co_return std::move(found).error();
      // Recorded before, by whomever: also by ourselves, in a write whose answer was lost.
      if (with_launch(found->turns, scaling_group, when) == found->turns) co_return std::move(found->turns);
      auto next = under_way_.with_all_of(service, std::move(found->turns));
      auto written = co_await write_turns(service, next, found->version);
      if (written) co_return next;
      if (!aws::is_condition_unmet(written.error())) co_return outage(written.error());
    }
    co_return lost_races(service);
  }

  task<result<std::optional<std::string>>> note(std::string key) override {
    auto item = co_await table_.get(records::note_key(key));
    if (!item) co_return outage(item.error());
    auto found = records::read_note(*item, now());
    if (!found) co_return outage(found.error().in("note " + key));
    co_return found;
  }

  task<result<std::string>> note_once(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    for (unsigned race = 0; race < most_races; ++race) {
      const auto at = now();
      auto written = co_await table_.put(records::note_item(key, text, at + lasting), records::nothing_in_force(at));
      if (written) co_return text;
      if (!aws::is_condition_unmet(written.error())) co_return outage(written.error());
      auto standing = co_await note(key);
      if (!standing) co_return std::move(standing).error();
      // The first of all who tried; after a lost answer perhaps ourselves.
      if (*standing) co_return **std::move(standing);
    }
    co_return lost_races(key);
  }

  task<result<>> write_note(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    auto written = co_await table_.put(records::note_item(key, std::move(text), now() + lasting));
    if (!written) co_return outage(written.error());
    co_return written;
  }

  // A table has room for all.
  task<result<bool>> write_spare_note(std::string key, std::string text, duration lasting) override {
    if (auto written = co_await write_note(std::move(key), std::move(text), lasting); !written)
      co_return std::move(written).error();
    co_return false;
  }

  task<result<bool>> lock(std::string key, std::string owner, duration lasting) override {
    if (auto fits = check_bounds(key, owner); !fits) co_return fits.error();
    const auto began = clock_.uptime();
    const auto at = now();
    const auto until = at + lasting;
    auto item = records::lock_item(key, owner, ++asked_, until);
    auto written = co_await table_.put(std::move(item), records::free_for(owner, at, until));
    if (written.has_error() && aws::is_condition_unmet(written.error())) {
      if (random_() % refusals_between_looks == 0) co_await bind_lock(key, lasting);
      co_return false;
    }
    if (!written) co_return outage(written.error());
    if (clock_.uptime() - began >= lasting) co_return ran_out(key);
    co_return true;
  }

  task<result<>> unlock(std::string key, std::string owner) override {
    auto removed = co_await table_.remove(records::lock_key(key), records::held_by(std::move(owner), asked_));
    if (removed || aws::is_condition_unmet(removed.error())) co_return result<>();
    co_return outage(removed.error());
  }

  task<result<>> probe() override {
    auto item = co_await table_.get("probe");
    if (!item) co_return with_advice(outage(item.error()));
    co_return result<>();
  }

  std::string_view backend() const override { return "dynamodb"; }

 private:
  // AWS's, as its last answer told it: replicas compare what they write, whatever their machines' clocks say.
  time_point now() const { return clock_.now() + table_.clock_ahead(); }

  // All ask for the same time: a lock that ends far later was taken by a wrong clock, and would be kept for as long by
  // an owner that died. It becomes nobody's, and whoever has it keeps it for the time that all ask for.
  task<result<>> bind_lock(std::string key, duration lasting) {
    const auto latest = now() + lasting;
    return table_.put(records::lock_item(key, "nobody", 0, latest), records::ends_after(latest + clocks_differ));
  }

  task<result<records::recorded_turns>> read_turns(std::string service) {
    auto item = co_await table_.get(records::turns_key(service));
    if (!item) co_return outage(item.error());
    auto found = records::read_turns(*item);
    if (!found) co_return outage(found.error().in("turns of " + service));
    co_return found;
  }

  task<> let_others_pass(unsigned races_lost) {
    if (races_lost == 0) co_return;
    co_await clock_.sleep_for(full_jitter(between_races, races_lost, random_));
  }

  task<result<>> write_turns(std::string service, history turns, std::optional<std::int64_t> seen) {
    const records::recorded_turns next{std::move(turns), seen.value_or(0) + 1};
    return table_.put(records::turns_item(service, next), records::unchanged(seen));
  }

  // What DynamoDB refuses, or none of us has written, waits for a person as much as a missing table does.
  error outage(const error& why) const {
    const bool waits_for_a_person =
        why.code() == errc::rejected || why.code() == errc::malformed || why.code() == errc::not_found;
    return (waits_for_a_person ? why.with(errc::denied) : why).in("state table " + table_.table());
  }

  error lost_races(const std::string& key) const {
    return outage({errc::throttled, "too many writers of " + key + " at once"});
  }

  error ran_out(const std::string& key) const {
    return outage({errc::timeout, "the lock " + key + " ran out before it was answered for"});
  }

  clock& clock_;
  aws::dynamodb& table_;
  random_source& random_;
  launches_under_way under_way_;
  std::int64_t asked_ = 0;  // for locks
};

}  // namespace

std::unique_ptr<store> make_dynamodb_store(clock& time, aws::dynamodb& in, random_source& random) {
  return std::make_unique<dynamodb_store>(time, in, random);
}

}  // namespace lifehook::state
