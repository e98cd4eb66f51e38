#include "worker/hooks_table.h"

#include "base/time_text.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace lifehook::worker {

namespace json = boost::json;

namespace {

constexpr std::string_view indent = "    ";
constexpr auto worth_saying = std::chrono::seconds(2);  // a call that takes no longer is none that hangs

using row = std::array<std::string, 9>;

// AWS's words go to a terminal.
std::string plain(std::string_view text) {
  std::string shown(text);
  for (auto& each : shown)
    if (static_cast<unsigned char>(each) < ' ' || each == '\x7f') each = ' ';
  return shown;
}

std::string text_of(const json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  return found && found->is_string() ? plain(found->get_string()) : std::string();
}

std::optional<duration> span_of(const json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  if (!found || !found->is_number()) return std::nullopt;
  const auto span = std::chrono::duration<double>(found->to_number<double>());
  return std::chrono::duration_cast<duration>(std::chrono::round<std::chrono::seconds>(span));
}

std::int64_t count_of(const json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  boost::system::error_code no_count;
  const auto count = found && found->is_number() ? found->to_number<std::int64_t>(no_count) : 0;
  return no_count ? 0 : count;
}

std::vector<json::object> objects_in(const json::object& in, std::string_view key) {
  std::vector<json::object> all;
  if (const auto* found = in.if_contains(key); found && found->is_array())
    for (const auto& each : found->get_array())
      if (each.is_object()) all.push_back(each.get_object());
  return all;
}

std::string shown(std::optional<duration> span, std::string_view otherwise) {
  return span ? to_text(*span) : std::string(otherwise);
}

// Of an arn the name is what people look for.
std::string subject_of(const json::object& event) {
  auto instance = text_of(event, "instance");
  if (!instance.empty()) return instance;
  const auto task = text_of(event, "task");
  return "task " + task.substr(task.rfind('/') + 1);
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string timer_of(const json::object& event) {
  const auto left = span_of(event, "timer_seconds");
  return left && *left <= duration::zero() ? "over" : shown(left, "?");
}

row row_of(const json::object& event) {
  const bool has_hook = event.contains("hook");
  return {shown(span_of(event, "deadline_seconds"), "?"),
          shown(span_of(event, "in_hand_seconds"), "?"),
          has_hook ? shown(span_of(event, "last_heartbeat_seconds"), "none") : "-",
          has_hook ? timer_of(event) : "-",
          text_of(event, "event"),
          or_dash(text_of(event, "group")),
          subject_of(event),
          or_dash(text_of(event, "hook")),
          or_dash(text_of(event, "token"))};
}

std::string lasting(const json::object& reason) {
  const auto lasts = span_of(reason, "seconds");
  return lasts ? " for " + to_text(*lasts) : std::string();
}

// Empty: not worth a line.
std::string line_of(const json::object& reason) {
  const auto what = text_of(reason, "what");
  const auto meaning = text_of(reason, "meaning");
  const auto doing = text_of(reason, "doing");
  auto text = text_of(reason, "text");
  if (what == "asking") {
    if (span_of(reason, "seconds").value_or(duration()) < worth_saying) return {};
    return fmt::format("waits{} for AWS, or for its turn: {}", lasting(reason), doing);
  }
  if (what == "outage")
    return fmt::format("outage{} ({}){}{}: {}", lasting(reason), meaning, doing.empty() ? "" : ", ", doing, text);
  if (what == "waiting" && !meaning.empty()) return fmt::format("{}{}: {}", meaning, lasting(reason), text);
  if (what == "waiting") return fmt::format("waits{}: {}", lasting(reason), text);
  return text;
}

std::string step_line(const json::object& step) {
  auto line = fmt::format("{}, running for {}", text_of(step, "step"), shown(span_of(step, "seconds"), "?"));
  if (const auto timeout = span_of(step, "timeout_seconds"))
    line += fmt::format(", {} of its {} used", shown(span_of(step, "timeout_used_seconds"), "?"), to_text(*timeout));
  return line;
}

std::vector<std::string> lines_below(const json::object& event) {
  std::vector<std::string> lines;
  const auto add = [&lines](std::string_view before, std::string text) {
    if (!text.empty()) lines.push_back(std::string(before) + std::move(text));
  };
  for (const auto& each : objects_in(event, "why")) add(indent, line_of(each));
  for (const auto& step : objects_in(event, "steps")) {
    add(indent, step_line(step));
    for (const auto& each : objects_in(step, "why")) add("      ", line_of(each));
  }
  return lines;
}

// The first four are spans of time, read from the right.
std::string line_of(const row& cells, const std::array<std::size_t, 9>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += i < 4 ? fmt::format("{:>{}}  ", cells[i], widths[i]) : fmt::format("{:<{}}  ", cells[i], widths[i]);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string table_of(const std::vector<json::object>& events) {
  std::vector<row> rows{{"LEFT", "IN HAND", "BEAT", "TIMER", "EVENT", "GROUP", "INSTANCE", "HOOK", "TOKEN"}};
  for (const auto& each : events) rows.push_back(row_of(each));
  std::array<std::size_t, 9> widths{};
  for (const auto& each : rows)
    for (std::size_t i = 0; i < each.size(); ++i) widths[i] = std::max(widths[i], each[i].size());
  auto text = line_of(rows.front(), widths);
  for (std::size_t i = 0; i < events.size(); ++i) {
    text += line_of(rows[i + 1], widths);
    for (const auto& each : lines_below(events[i])) text += each + "\n";
  }
  return text;
}

std::string in_line(const json::object& of) {
  std::string text;
  for (const auto& [key, what] : {std::pair("heartbeats", "heartbeats"), std::pair("proofs", "looks for proof")})
    if (const auto count = count_of(of, key); count > 0)
      text += fmt::format("{} {} stand in line: many are due at once\n", count, what);
  return text;
}

std::string queued_line(const json::object& of) {
  const auto* throttled = of.if_contains("throttled");
  const bool is_throttled = throttled && throttled->is_bool() && throttled->get_bool();
  return fmt::format("{} calls wait for their turn: {}, {}\n", count_of(of, "calls"), text_of(of, "family"),
                     is_throttled ? "which AWS throttles" : "to keep within the account's API limits");
}

}  // namespace

result<std::string> hooks_table(std::string_view page) {
  boost::system::error_code broken;
  const auto read = json::parse(page, broken);
  if (broken || !read.is_object() || !read.get_object().contains("in_hand"))
    return error{errc::malformed, "the answer is not what a worker's /hooks gives"};
  const auto& of = read.get_object();
  const auto events = objects_in(of, "events");
  const auto in_hand = count_of(of, "in_hand");
  auto text = events.empty() ? std::string("nothing in hand\n") : table_of(events);
  if (const auto more = in_hand - static_cast<std::int64_t>(events.size()); more > 0)
    text += fmt::format("and {} more in hand, with later deadlines or none known yet\n", more);
  for (const auto& each : objects_in(of, "calls_waiting")) text += queued_line(each);
  if (const auto* lines = of.if_contains("in_line"); lines && lines->is_object()) text += in_line(lines->get_object());
  return text;
}

}  // namespace lifehook::worker
