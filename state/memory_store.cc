#include "state/memory_store.h"

#include "state/bounds.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace lifehook::state {

namespace {

// Texts by key, each until its time, in uptime: they end with this process, and no clock that is set keeps them longer.
// Those whose time has come are as good as gone, and forgotten before anything is added: O(log n), however full it is.
class expiring_texts {
 public:
  expiring_texts(clock& time, std::size_t most) : clock_(time), most_(most) {}

  // nullptr: none in force.
  const std::string* find(const std::string& key) const {
    const auto found = texts_.find(key);
    return found == texts_.end() || found->second.until <= clock_.uptime() ? nullptr : &found->second.text;
  }

  result<> set(const std::string& key, std::string text, duration lasting) {
    if (!has_room_for(key)) return no_room();
    put(key, std::move(text), lasting);
    return {};
  }

  // Whether the one that ends soonest was forgotten for it.
  bool set_for_another(const std::string& key, std::string text, duration lasting) {
    const bool is_full = !has_room_for(key);
    if (is_full) erase(*ends_.begin()->second);
    put(key, std::move(text), lasting);
    return is_full;
  }

  void erase(const std::string& key) {
    const auto found = texts_.find(key);
    if (found == texts_.end()) return;
    ends_.erase({found->second.until, &found->first});
    texts_.erase(found);
  }

  result<> room() {
    forget_ended();
    return texts_.size() < most_ ? result<>() : no_room();
  }

 private:
  struct entry {
    std::string text;
    duration until{};
  };

  error no_room() const {
    return {errc::unreachable, "the state in memory is full (" + std::to_string(most_) +
                                   " notes are in force): state: {backend: sqlite} or {backend: dynamodb} has room"};
  }

  bool has_room_for(const std::string& key) {
    forget_ended();
    return texts_.size() < most_ || texts_.contains(key);
  }

  void put(const std::string& key, std::string text, duration lasting) {
    erase(key);
    const auto at = texts_.emplace(key, entry{std::move(text), clock_.uptime() + lasting}).first;
    ends_.emplace(at->second.until, &at->first);
  }

  void forget_ended() {
    while (!ends_.empty() && ends_.begin()->first <= clock_.uptime()) erase(*ends_.begin()->second);
  }

  clock& clock_;
  std::size_t most_;
  std::map<std::string, entry> texts_;
  std::set<std::pair<duration, const std::string*>> ends_;  // of each, and its key there
};

class memory_store final : public store {
 public:
  memory_store(clock& time, std::size_t most_notes)
      : notes_(time, most_notes), spare_notes_(time, most_notes), locks_(time, most_notes) {}

  task<result<history>> turns(std::string service) override {
    const auto found = turns_.find(service);
    co_return found == turns_.end() ? history() : found->second;
  }

  task<result<history>> record_launch(std::string service, std::string scaling_group, time_point when) override {
    if (auto fits = check_bounds(service, scaling_group); !fits) co_return fits.error();
    auto& turns = turns_[service];
    turns = with_launch(std::move(turns), scaling_group, when);
    co_return turns;
  }

  task<result<std::optional<std::string>>> note(std::string key) override {
    const auto* found = notes_.find(key);
    if (found == nullptr) found = spare_notes_.find(key);
    co_return found ? std::optional(*found) : std::nullopt;
  }

  task<result<std::string>> note_once(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    if (const auto* const first = notes_.find(key)) co_return *first;
    if (auto left = notes_.set(key, text, lasting); !left) co_return left.error();
    co_return text;
  }

  task<result<>> write_note(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    co_return notes_.set(key, std::move(text), lasting);
  }

  task<result<bool>> write_spare_note(std::string key, std::string text, duration lasting) override {
    if (auto fits = check_bounds(key, text); !fits) co_return fits.error();
    co_return spare_notes_.set_for_another(key, std::move(text), lasting);
  }

  task<result<bool>> lock(std::string key, std::string owner, duration lasting) override {
    if (auto fits = check_bounds(key, owner); !fits) co_return fits.error();
    if (const auto* const holder = locks_.find(key); holder != nullptr && *holder != owner) co_return false;
    if (auto taken = locks_.set(key, std::move(owner), lasting); !taken) co_return taken.error();
    co_return true;
  }

  task<result<>> unlock(std::string key, std::string owner) override {
    if (const auto* const holder = locks_.find(key); holder != nullptr && *holder == owner) locks_.erase(key);
    co_return result<>();
  }

  task<result<>> probe() override { co_return notes_.room(); }
  std::string_view backend() const override { return "memory"; }

 private:
  std::map<std::string, history> turns_;  // of configured services: a few
  expiring_texts notes_;
  expiring_texts spare_notes_;
  expiring_texts locks_;
};

}  // namespace

std::unique_ptr<store> make_memory_store(clock& time, std::size_t most_notes) {
  return std::make_unique<memory_store>(time, most_notes);
}

}  // namespace lifehook::state
