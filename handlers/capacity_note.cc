#include "handlers/capacity_note.h"

#include "base/number.h"
#include "base/time_text.h"
#include "handlers/list_lag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lifehook::handlers {

namespace {

constexpr std::array<std::string_view, 3> words{"raised", "ending", "restored"};

// The text up to the next space, which is taken off.
std::string_view next_word(std::string_view& text) {
  const auto space = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return word;
}

// Another replica's clock may be ahead: its raise must not be counted on for as long.
bool may_lag_behind(const settled_raise& of, time_point now) { return std::chrono::abs(now - of.when) < list_lag; }

}  // namespace

std::string to_text(capacity_stage of) { return std::string(words[static_cast<std::size_t>(of)]); }

std::optional<capacity_stage> read_capacity_stage(std::string_view text) {
  const auto* const word = std::find(words.begin(), words.end(), text);
  if (word == words.end()) return std::nullopt;
  return static_cast<capacity_stage>(word - words.begin());
}

std::string to_text(const capacity_change& of) {
  return of.instance + " " + std::to_string(of.from) + " " + std::to_string(of.to);
}

std::optional<capacity_change> read_capacity_change(std::string_view text) {
  const auto instance = next_word(text);
  const auto from = parse_number<int>(next_word(text));
  const auto to = parse_number<int>(text);
  if (instance.empty() || !from || !to) return std::nullopt;
  return capacity_change{std::string(instance), *from, *to};
}

std::string to_text(const settled_raise& of) {
  return fmt::format("{} {} {} {}", no_capacity_change, of.from, of.to, to_rfc3339(of.when));
}

std::optional<settled_raise> read_settled_raise(std::string_view text) {
  if (next_word(text) != no_capacity_change) return std::nullopt;
  const auto from = parse_number<int>(next_word(text));
  const auto to = parse_number<int>(next_word(text));
  const auto when = parse_rfc3339(text);
  if (!from || !to || !when) return std::nullopt;
  return settled_raise{*from, *to, *when};
}

settled_raise raised_by(const capacity_change& made, const std::optional<settled_raise>& before, time_point now) {
  const bool goes_on = before && before->to == made.from && may_lag_behind(*before, now);
  return {goes_on ? before->from : made.from, made.to, now};
}

int desired_after(const std::optional<settled_raise>& last, int shown, time_point now) {
  const bool is_of_before = last && last->from <= shown && shown < last->to && may_lag_behind(*last, now);
  return is_of_before ? last->to : shown;
}

capacity_stage stage_after(const capacity_change& of) {
  return of.to > of.from ? capacity_stage::raised : capacity_stage::restored;
}

bool has_taken_effect(const capacity_change& of, int desired) {
  return of.to > of.from ? desired >= of.to : desired != of.from;
}

std::string capacity_key(std::string_view scaling_group, std::string_view instance) {
  return std::string("capacity|").append(scaling_group).append("|").append(instance);
}

std::string capacity_change_key(std::string_view scaling_group) {
  return std::string("capacity_change|").append(scaling_group);
}

std::string capacity_lock(std::string_view scaling_group) { return std::string("capacity|").append(scaling_group); }

}  // namespace lifehook::handlers
