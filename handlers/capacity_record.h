#pragma once

#include "aws/autoscaling.h"
#include "handlers/capacity_note.h"
#include "handlers/step.h"

#include <optional>
#include <string>

namespace lifehook::handlers {

// What was done to a group's desired capacity for the sake of an event's instance, and the doing of it. One note for
// each instance tells what is certain of it, one note for each group the change that is on its way. Whoever is about to
// change desired holds the group's lock and calls `settle` first: a change found on its way, whosever it is, is judged
// by what desired is then, before anybody else's moves it. In between only others may have moved it (a policy, a
// person).
//
// Work may end at any point (killed, stopped, its 20 s run out, an answer lost) and go on elsewhere:
// - The change is noted, AWS not told: desired is still `from`. Settled as not made; no instance's note is touched, and
//   its instance, when it comes again, makes a new one from what desired is then.
// - AWS is told, its answer or the instance's note missing: desired is `to`. Settled as made: whoever finds it writes
//   the note of its instance.
// - That note is written, the group's not settled yet: judged again. Found made, the same is written again; found not
//   made, no instance's note is touched. No instance can have come further: that takes settling.
// - AWS said no: settled at once, so that no later move of desired is taken for it.
// - "ending" is noted, without Auto Scaling's answer: the instance tells, and its activities once it has gone.
// - "ending" is noted, and AWS said no: what stood before is noted again; if that was "ending" too, an earlier call,
//   never answered, may still be what ends it.
// The call itself is sent once for each look: sent again unseen it could undo what others did to desired meanwhile.
class capacity_record {
 public:
  explicit capacity_record(step_context& in) : in_(in) {}  // must outlive what it is asked

  // Without the lock: read `on_its_way` before `stage`. Whoever settles it writes the instance's note before.
  task<result<std::optional<capacity_change>>> on_its_way();
  task<result<std::optional<capacity_stage>>> stage();  // of the event's instance
  // With desired as it is after the last raise.
  task<result<std::optional<aws::scaling_group>>> group();
  // Whether desired, as `group` has told it, is below what was set last here: what was raised is taken back then.
  bool is_taken_back(int desired) const { return last_ && desired < last_->to; }

  task<result<>> settle();
  // Sets desired, and notes what that means for the instance. An outage leaves open whether AWS did: settle tells.
  task<result<>> change(int from, int to);
  // Sets desired for good, and then notes it for those who count on it while the list lags behind: a note that a crash
  // prevents costs them no more than that.
  task<result<>> raise_for_good(int from, int to);
  task<result<>> enter(capacity_stage next);
  // It is restored, and the event's instance lives on: for another event desired may be raised anew.
  task<result<>> enter_kept();
  // Auto Scaling is about to lower desired by itself: what was raised last tells nothing any more.
  task<result<>> forget_last();

 private:
  task<result<>> write_stage(std::string instance, std::string text);
  task<result<>> write_change(std::string text);
  task<result<>> conclude(capacity_change made);
  std::string none_on_its_way() const;
  void log_settled(const capacity_change& of, int desired) const;

  step_context& in_;
  bool is_read_ = false;
  std::optional<settled_raise> last_{};  // once it is
};

// Whether a failed call has surely changed nothing: AWS said no, or "not now". Any other error leaves that open.
bool changed_nothing(const error& why);

}  // namespace lifehook::handlers
