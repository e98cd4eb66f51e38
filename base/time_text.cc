#include "base/time_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>

namespace lifehook {

using namespace std::chrono;

std::string to_rfc3339(time_point when) {
  const auto day = floor<days>(when);
  const year_month_day date(day);
  const hh_mm_ss clock_time(floor<milliseconds>(when - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock_time.hours().count(),
                     clock_time.minutes().count(), clock_time.seconds().count(), clock_time.subseconds().count());
}

namespace {

// Reads exactly `width` digits off the front.
std::optional<int> digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool eat(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<time_point> make_time(int y, int mo, int d, int h, int mi, int s) {
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  return time_point(sys_days(date)) + hours(h) + minutes(mi) + seconds(s);
}

std::optional<duration> fraction(std::string_view& text) {
  if (!eat(text, ".")) return duration(0);
  duration::rep micros = 0;
  duration::rep weight = 100'000;
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') {
    micros += (text[count] - '0') * weight;
    weight /= 10;
    ++count;
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return duration(micros);
}

std::optional<duration> offset(std::string_view& text) {
  if (eat(text, "Z") || eat(text, "z")) return duration(0);
  const bool ahead = eat(text, "+");
  if (!ahead && !eat(text, "-")) return std::nullopt;
  const auto h = digits(text, 2);
  if (!h || !eat(text, ":")) return std::nullopt;
  const auto m = digits(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  const duration span = hours(*h) + minutes(*m);
  return ahead ? span : -span;
}

struct unit {
  std::string_view name;
  duration length;
};
constexpr std::array<unit, 5> units{
    {{"d", days(1)}, {"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}, {"ms", milliseconds(1)}}};
constexpr duration longest = days(3650);

const unit* find_unit(std::string_view name) {
  for (const auto& candidate : units)
    if (candidate.name == name) return &candidate;
  return nullptr;
}

}  // namespace

std::optional<time_point> parse_rfc3339(std::string_view text) {
  const auto y = digits(text, 4);
  if (!y || !eat(text, "-")) return std::nullopt;
  const auto mo = digits(text, 2);
  if (!mo || !eat(text, "-")) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d || (!eat(text, "T") && !eat(text, "t") && !eat(text, " "))) return std::nullopt;
  const auto h = digits(text, 2);
  if (!h || !eat(text, ":")) return std::nullopt;
  const auto mi = digits(text, 2);
  if (!mi || !eat(text, ":")) return std::nullopt;
  const auto s = digits(text, 2);
  if (!s) return std::nullopt;
  const auto part = fraction(text);
  if (!part) return std::nullopt;
  const auto shift = offset(text);
  if (!shift || !text.empty()) return std::nullopt;
  const auto whole = make_time(*y, *mo, *d, *h, *mi, *s);
  if (!whole) return std::nullopt;
  return *whole + *part - *shift;
}

std::optional<time_point> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  text.remove_prefix(comma + 2);
  const auto d = digits(text, 2);
  if (!d || !eat(text, " ")) return std::nullopt;
  int mo = 0;
  for (std::size_t i = 0; i < months.size(); ++i)
    if (text.starts_with(months[i])) mo = static_cast<int>(i) + 1;
  if (mo == 0) return std::nullopt;
  text.remove_prefix(3);
  if (!eat(text, " ")) return std::nullopt;
  const auto y = digits(text, 4);
  if (!y || !eat(text, " ")) return std::nullopt;
  const auto h = digits(text, 2);
  if (!h || !eat(text, ":")) return std::nullopt;
  const auto mi = digits(text, 2);
  if (!mi || !eat(text, ":")) return std::nullopt;
  const auto s = digits(text, 2);
  if (!s || text != " GMT") return std::nullopt;
  return make_time(*y, mo, *d, *h, *mi, *s);
}

std::optional<duration> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  duration total{0};
  duration previous = longest + duration(1);
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed != std::errc{} || count < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto letters = std::min(text.find_first_of("0123456789"), text.size());
    const auto* unit = find_unit(text.substr(0, letters));
    if (!unit || unit->length >= previous || count > longest / unit->length) return std::nullopt;
    previous = unit->length;
    total += count * unit->length;
    text.remove_prefix(letters);
  }
  if (total > longest) return std::nullopt;
  return total;
}

std::string to_text(duration span) {
  if (span < duration(0)) return "-" + to_text(-span);
  if (span < seconds(1)) {
    if (span == duration(0)) return "0s";
    return fmt::format("{}ms", static_cast<double>(span.count()) / 1000.0);
  }
  if (span < minutes(1))
    return fmt::format("{}s", static_cast<double>(duration_cast<milliseconds>(span).count()) / 1000.0);
  const hh_mm_ss parts(duration_cast<seconds>(span));
  std::string text;
  if (parts.hours().count() > 0) text += fmt::format("{}h", parts.hours().count());
  if (parts.minutes().count() > 0) text += fmt::format("{}m", parts.minutes().count());
  if (parts.seconds().count() > 0) text += fmt::format("{}s", parts.seconds().count());
  return text;
}

}  // namespace lifehook
