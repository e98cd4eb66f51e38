// What the orphan watch gets wrong, and how soon it finds an orphan, by how many hooks begin: a model of three workers
// in which only the watch itself (worker/orphan_sightings.h) is the program's. Prints the table of
// docs/decisions/adoption.md.
#include "worker/orphan_sightings.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace lifehook::bench {

namespace {

using namespace std::chrono_literals;

constexpr int workers = 3;
constexpr duration drain = 10min;
constexpr std::chrono::seconds hook_timeout = 1h;
constexpr duration adopt_after = 2min;
constexpr duration warm_up = 1h;
constexpr duration quiet_time = 200h;
constexpr duration between_losses = 3min;
constexpr unsigned runs = 100;
constexpr duration count_every = 10s;
constexpr duration latest_count = 60s;

struct hook {
  handlers::open_wait wait;
  duration began, ends;
  bool is_lost = false;
  std::set<int> in_hand{};  // workers
  int messages = 0;
};

// One account: hooks that come and go, their messages, and the workers that look at both.
class account {
 public:
  account(double hooks_a_minute, unsigned seed) : rate_(hooks_a_minute), random_(seed) {
    for (int i = 0; i < workers; ++i) looks_.push_back({orphan_sightings(adopt_after), uniform(60s), uniform(10s)});
  }

  void run_until(duration end) {
    for (; now_ < end; now_ += 1s) step();
  }
  void lose_one() { begin(true); }
  // Of those that were lost, how long each was.
  const std::vector<duration>& found_after() const { return found_after_; }
  duration now() const { return now_; }
  int begun() const { return begun_; }
  int doubled() const { return doubled_; }
  int wrong_looks() const { return wrong_looks_; }

 private:
  using orphan_sightings = worker::orphan_sightings;
  struct looker {
    orphan_sightings seen;
    duration next_look, next_count;
  };

  duration uniform(duration below) {
    return duration(std::uniform_int_distribution<duration::rep>(0, below.count())(random_));
  }
  int any_worker() { return std::uniform_int_distribution<int>(0, workers - 1)(random_); }

  void begin(bool is_lost) {
    hook one;
    one.wait.about.instance = "i-" + std::to_string(begun_++);
    one.wait.about.hook = "drain";
    one.wait.heartbeat_timeout = hook_timeout;
    one.began = now_;
    one.ends = is_lost ? duration::max() : now_ + drain;
    one.is_lost = is_lost;
    hooks_.push_back(std::move(one));
    if (!is_lost) tell(hooks_.back());
  }
  void tell(hook& of) {
    of.in_hand.insert(any_worker());
    ++of.messages;
  }
  void step() {
    std::erase_if(hooks_, [this](const hook& each) { return each.ends <= now_; });
    std::poisson_distribution<int> comes(rate_ / 60);
    for (int i = comes(random_); i > 0; --i) begin(false);
    int messages = 0;
    for (const auto& each : hooks_) messages += each.messages;
    past_.push_front(messages);
    if (past_.size() > static_cast<std::size_t>(latest_count / 1s) + 1) past_.pop_back();
    for (int i = 0; i < workers; ++i) watch(i, looks_[static_cast<std::size_t>(i)]);
  }
  double count() {
    const auto late = static_cast<std::size_t>(uniform(latest_count) / 1s);
    return past_[std::min(late, past_.size() - 1)];
  }
  void watch(int who, looker& as) {
    if (now_ >= as.next_look) {
      look(who, as.seen);
      const auto pause = as.seen.pause();
      as.next_look = now_ + pause - pause / 5 + uniform(pause * 2 / 5);
      as.next_count = now_ + count_every;
    } else if (now_ >= as.next_count) {
      if (as.seen.wants_counts()) as.seen.note_messages(count(), now_);
      as.next_count = now_ + count_every;
    }
  }
  void look(int who, orphan_sightings& by) {
    worker::wait_look at{.when = now_};
    for (const auto& each : hooks_) {
      by.note_timeout(each.wait.heartbeat_timeout);
      if (each.in_hand.contains(who))
        at.in_hand.push_back(worker::key_of(each.wait.about));
      else
        at.waits.push_back(each.wait);
    }
    if (!at.waits.empty()) by.note_messages(count(), now_);
    for (const auto& each : by.suspects(at)) by.note_open(each.about, now_);
    const auto orphans = by.orphans(at);
    bool is_wrong = false;
    for (const auto& each : orphans) is_wrong = adopt(each.wait.about, by) || is_wrong;
    if (is_wrong) ++wrong_looks_;
  }
  // Whether it was none.
  bool adopt(const handlers::event& about, orphan_sightings& by) {
    by.told_of(about, now_);
    for (auto& each : hooks_) {
      if (each.wait.about.instance != about.instance) continue;
      const bool is_lost = each.is_lost && each.messages == 0;
      if (is_lost) {
        found_after_.push_back(now_ - each.began);
        each.ends = now_ + drain;
      } else {
        ++doubled_;
      }
      tell(each);
      return !is_lost;
    }
    return false;
  }

  double rate_;
  std::mt19937 random_;
  duration now_{0};
  std::vector<hook> hooks_;
  std::deque<int> past_;  // messages, the latest first
  std::vector<looker> looks_;
  std::vector<duration> found_after_;
  int begun_ = 0;
  int doubled_ = 0;
  int wrong_looks_ = 0;
};

// Sorted, in minutes.
std::vector<double> found_after(double rate, int losses) {
  std::vector<double> minutes;
  for (unsigned seed = 1; seed <= runs; ++seed) {
    account one(rate, seed);
    one.run_until(warm_up);
    for (int i = 0; i < losses; ++i) {
      one.lose_one();
      one.run_until(one.now() + between_losses);
    }
    one.run_until(one.now() + hook_timeout);
    for (const auto each : one.found_after()) minutes.push_back(std::chrono::duration<double>(each) / 1min);
  }
  std::sort(minutes.begin(), minutes.end());
  return minutes;
}

void print_found(const std::vector<double>& minutes, std::size_t lost) {
  const auto at = [&minutes](double share) {
    return minutes[static_cast<std::size_t>(share * static_cast<double>(minutes.size() - 1))];
  };
  std::printf(" %.0f, %.0f, %.0f min |", at(0.5), at(0.95), at(1));
  if (minutes.size() < lost) std::printf(" (%zu of %zu not within the hour) |", lost - minutes.size(), lost);
}

void print_row(double rate) {
  account quiet(rate, 1);
  quiet.run_until(quiet_time);
  std::printf("| %g | %.2f | %.1f %% |", rate, quiet.wrong_looks() / (quiet_time / 1h * 1.0),
              100.0 * quiet.doubled() / quiet.begun());
  for (const int losses : {1, 10}) print_found(found_after(rate, losses), runs * static_cast<std::size_t>(losses));
  std::printf("\n");
}

}  // namespace

}  // namespace lifehook::bench

int main() {
  std::printf(
      "| hooks a minute | looks an hour that are wrong, of all three | hooks handled twice for it | an orphan is told "
      "after (median, 95 %%, most) | each of ten, three minutes apart |\n|---|---|---|---|---|\n");
  for (const double rate : {0.2, 1.0, 4.0, 10.0}) lifehook::bench::print_row(rate);
}
