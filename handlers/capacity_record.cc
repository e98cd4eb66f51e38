#include "handlers/capacity_record.h"

#include "handlers/noted_group.h"
#include "handlers/services.h"

#include <fmt/format.h>

#include <utility>

namespace lifehook::handlers {

namespace {

// Of an instance that lives on: the same for all copies of an event, and no stage for another.
std::string kept_by(const step_context& in) {
  return fmt::format("kept {} {}", name(in.about().kind), in.about().occurrence(in.event_time()));
}

}  // namespace

bool changed_nothing(const error& why) {
  const auto said = why.code();
  return said == errc::rejected || said == errc::not_found || said == errc::denied || said == errc::throttled ||
         why.aws_code() == "ScalingActivityInProgress";
}

task<result<std::optional<capacity_change>>> capacity_record::on_its_way() {
  const auto found = co_await in_.ask("reading the change of capacity on its way", [&] {
    return in_.services().state.note(capacity_change_key(in_.about().group));
  });
  if (found.has_error()) co_return found.error();
  last_ = *found ? read_settled_raise(**found) : std::nullopt;
  is_read_ = true;
  co_return *found ? read_capacity_change(**found) : std::nullopt;
}

task<result<std::optional<capacity_stage>>> capacity_record::stage() {
  const auto found = co_await in_.ask("reading what was raised", [&] {
    return in_.services().state.note(capacity_key(in_.about().group, in_.about().instance));
  });
  if (found.has_error()) co_return found.error();
  if (*found == kept_by(in_)) co_return capacity_stage::restored;
  co_return *found ? read_capacity_stage(**found) : std::nullopt;
}

task<result<std::optional<aws::scaling_group>>> capacity_record::group() {
  if (!is_read_)
    if (const auto read = co_await on_its_way(); read.has_error()) co_return read.error();
  const auto found = co_await in_.ask("asking for the group's capacity",
                                      [&] { return in_.services().instances.group(in_.about().group, in_.haste()); });
  if (found.has_error()) co_return found.error();
  if (!*found) co_return std::optional<aws::scaling_group>();
  auto now = **found;
  now.desired = desired_after(last_, now.desired, in_.now_by_aws());
  co_return std::optional(std::move(now));
}

task<result<>> capacity_record::settle() {
  const auto change = co_await on_its_way();
  if (change.has_error()) co_return change.error();
  if (!*change) co_return result<>();
  const auto found = co_await group();
  if (found.has_error()) co_return found.error();
  if (!*found) co_return result<>();
  log_settled(**change, (*found)->desired);
  co_return co_await (has_taken_effect(**change, (*found)->desired) ? conclude(**change)
                                                                    : write_change(std::string(no_capacity_change)));
}

task<result<>> capacity_record::change(int from, int to) {
  const capacity_change wanted{in_.about().instance, from, to};
  if (const auto noted = co_await write_change(to_text(wanted)); noted.has_error()) co_return noted.error();
  const auto set = co_await in_.services().autoscaling.set_desired(in_.about().group, to);
  if (set.has_error() && !changed_nothing(set.error())) co_return set.error();
  const auto settled = co_await (set.has_error() ? write_change(none_on_its_way()) : conclude(wanted));
  co_return set.has_error() ? set : settled;
}

task<result<>> capacity_record::raise_for_good(int from, int to) {
  const auto set = co_await in_.services().autoscaling.set_desired(in_.about().group, to);
  if (set.has_error()) co_return set.error();
  last_ = raised_by({{}, from, to}, last_, in_.now_by_aws());
  co_return co_await write_change(to_text(*last_));
}

task<result<>> capacity_record::enter(capacity_stage next) { return write_stage(in_.about().instance, to_text(next)); }

task<result<>> capacity_record::enter_kept() { return write_stage(in_.about().instance, kept_by(in_)); }

// What event another instance's was taken for is not known here.
task<result<>> capacity_record::write_stage(std::string instance, std::string text) {
  const auto lasts = instance == in_.about().instance ? noted_for(in_.about().kind) : longest_noted;
  return in_.ask("noting what was raised", [&, key = capacity_key(in_.about().group, instance), text, lasts] {
    return in_.services().state.write_note(key, text, lasts);
  });
}

task<result<>> capacity_record::write_change(std::string text) {
  return in_.ask("noting the change of capacity", [&, text = std::move(text)] {
    return in_.services().state.write_note(capacity_change_key(in_.about().group), text, longest_noted);
  });
}

// In this order: a change that is settled has told its instance.
task<result<>> capacity_record::conclude(capacity_change made) {
  if (const auto noted = co_await write_stage(made.instance, to_text(stage_after(made))); noted.has_error())
    co_return noted.error();
  const bool is_raise = made.to > made.from;
  last_ = is_raise ? std::optional(raised_by(made, last_, in_.now_by_aws())) : std::nullopt;
  co_return co_await write_change(none_on_its_way());
}

std::string capacity_record::none_on_its_way() const {
  return last_ ? to_text(*last_) : std::string(no_capacity_change);
}

task<result<>> capacity_record::forget_last() { return write_change(std::string(no_capacity_change)); }

// Above what a lowering began at, nobody knows whether it was made: others have raised desired since.
void capacity_record::log_settled(const capacity_change& of, int desired) const {
  const bool is_open = of.to < of.from && desired > of.from;
  in_.log().write(is_open ? log_level::warn : log_level::info, "capacity_change_settled",
                  {{"scaling_group", in_.about().group},
                   {"for_instance", of.instance},
                   {"from", of.from},
                   {"to", of.to},
                   {"desired", desired},
                   {"meaning", is_open                         ? "others raised it meanwhile: not lowered again"
                               : has_taken_effect(of, desired) ? "made"
                                                               : "not made"}});
}

}  // namespace lifehook::handlers
