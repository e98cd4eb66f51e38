#pragma once

#include "aws/call_class.h"
#include "aws/call_rate.h"
#include "base/clock.h"
#include "base/signal.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace lifehook::aws {

// More calls that keep hooks open or end them than a family has room for.
struct overload {
  std::string_view family;
  double asked = 0;  // calls a second
  double allowed = 0;
};

// A family that AWS has throttled.
struct throttling {
  std::string_view family;
  std::uint64_t throttled = 0;      // calls so far
  bool lasts = false;               // or is over by now
  std::size_t waiting = 0;          // for their turn
  std::optional<double> allowed{};  // calls a second at present; nullopt: any number
  std::string_view region{};
};

// Calls of a family that wait for their turn now.
struct queued_calls {
  std::string_view family;
  std::size_t waiting = 0;
  bool throttled = false;  // AWS has throttled the family lately; else it is kept within the account's limits
  std::string_view region{};
};

// The turns of one family's calls: the most urgent first, among equals the one that is to leave by the earliest time.
// What keeps a hook open or ends it waits only while AWS throttles: else it leaves less to the others. They have a
// tenth of the rate at least, and of what these have those that are no interruption: nobody waits for ever. Must
// outlive its waits.
class budget {
 public:
  budget(clock& time, call_limits of) : clock_(time), bucket_(of), next_(time) {}

  // Whether a call may leave at once; it then has left.
  bool take_now(urgency how);
  // Waits until the call may leave. `by` (an uptime) is its place among its equals; at `latest` (another) it leaves
  // without a turn. A cancelled wait gives up its turn.
  task<> enter(urgency how, duration by, duration latest = duration::max());
  void throttled();
  void succeeded() { bucket_.succeeded(clock_.uptime()); }
  // Other limits from now on, also for who waits already.
  void change(call_limits to);
  // Whether calls that are less than full may be made: nobody waits, and more than half of a burst is left.
  bool has_to_spare() { return turns_.empty() && bucket_.has_to_spare(clock_.uptime()); }
  std::size_t waiting() const { return turns_.size(); }
  bool is_slowed() const { return bucket_.is_slowed(); }
  std::uint64_t throttles() const { return throttles_; }  // calls that AWS has throttled so far
  // Calls a second that are left at present by what is more urgent, a tenth of all at least; nullopt: any number.
  std::optional<double> rate_for(urgency how) const;
  // What keeps hooks open or ends them has asked for more than there is, and for longer than a burst takes. Without its
  // family.
  std::optional<overload> overloaded() const;
  std::optional<throttling> throttled_so_far() const;  // without its family and region

 private:
  struct turn {  // lives as long as its wait
    explicit turn(loop_executor executor) : granted(std::move(executor)) {}
    latch granted;
    bool came = false;  // or it left without
  };
  // Of the turns, for all that is less urgent than `above`.
  struct part {
    urgency above;
    duration went{0};  // when one of it went last, or began to wait
  };
  using turns = std::multimap<std::pair<urgency, duration>, std::weak_ptr<turn>>;
  void take(urgency how, duration now);
  duration until_turn(duration now);
  duration longest_without() const;
  void let_go();
  bool hooks_wait() const;
  turns::iterator first_below(urgency how);
  turns::iterator first_from(turns::iterator at);
  turns::iterator next_turn(duration now);

  clock& clock_;
  token_bucket bucket_;
  overdraft hooks_owe_;
  std::array<call_rate, 6> asked_;  // by urgency
  alarm next_;
  turns turns_;  // one that has ended was given up
  duration last_turn_{0};
  std::array<part, 2> parts_{{{urgency::hook}, {urgency::interruption}}};
  std::uint64_t throttles_ = 0;
};

}  // namespace lifehook::aws
