#include "base/log.h"

#include "base/time_text.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <cmath>

namespace lifehook {

namespace {

constexpr std::string_view word_of(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warn: return "warn";
    case log_level::error: return "error";
  }
  return "error";
}

double seconds_of(duration span) { return std::chrono::duration<double>(span).count(); }

void append_quoted(std::string& line, std::string_view text) {
  line += boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

struct json_value {
  std::string& line;
  void operator()(std::string_view text) const { append_quoted(line, text); }
  void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(line), "{}", number); }
  void operator()(double number) const {
    if (std::isfinite(number))
      fmt::format_to(std::back_inserter(line), "{:.6g}", number);
    else
      line += "null";  // JSON has no word for it
  }
  void operator()(bool yes) const { line += yes ? "true" : "false"; }
  void operator()(duration span) const { fmt::format_to(std::back_inserter(line), "{:.3f}", seconds_of(span)); }
};

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  return true;
}

struct text_value {
  std::string& line;
  void operator()(std::string_view text) const {
    if (is_plain(text))
      line += text;
    else
      append_quoted(line, text);
  }
  void operator()(duration span) const { line += to_text(span); }
  template <class T>
  void operator()(T other) const {
    json_value{line}(other);
  }
};

void append(std::string& line, log_format format, const log_field& field) {
  if (format == log_format::json) {
    line += ",\"";
    line += field.key;
    line += "\":";
    std::visit(json_value{line}, field.value);
  } else {
    constexpr std::string_view unit = "_seconds";  // the text form writes the unit with the value
    const bool has_unit = std::holds_alternative<duration>(field.value) && field.key.ends_with(unit);
    line += ' ';
    line += has_unit ? field.key.substr(0, field.key.size() - unit.size()) : field.key;
    line += '=';
    std::visit(text_value{line}, field.value);
  }
}

}  // namespace

struct logger::output final : scope {
  output(const clock& of, log_level from, log_format as, log_sink into)
      : scope(*this), time(of), level(from), format(as), sink(std::move(into)) {}
  void write_own(const log_writer&) const override {}

  const clock& time;
  log_level level;
  log_format format;
  log_sink sink;
};

void log_writer::operator()(log_fields fields) const {
  for (const auto& field : fields) append(line_, format_, field);
}

logger::logger(const clock& time, log_level level, log_format format, log_sink sink)
    : scope_(new output(time, level, format, std::move(sink))) {}

logger logger::with(log_fields fields) const {
  std::string text;
  log_writer(text, scope_->to().format)(fields);
  text.shrink_to_fit();
  return with_told([text = std::move(text)](const log_writer& to) { to.rendered(text); });
}

bool logger::enabled(log_level level) const { return level >= scope_->to().level; }

void logger::write(log_level level, std::string_view event, log_fields fields) const {
  if (!enabled(level)) return;
  const auto& to = scope_->to();
  std::string line;
  const auto now = to_rfc3339(to.time.wall_now());
  if (to.format == log_format::json) {
    line = fmt::format(R"({{"time":"{}","level":"{}","event":)", now, word_of(level));
    append_quoted(line, event);
  } else {
    line = fmt::format("{} {:<5} {}", now, word_of(level), event);
  }
  scope_->write_to({line, to.format});
  log_writer(line, to.format)(fields);
  if (to.format == log_format::json) line += '}';
  to.sink(line);
}

}  // namespace lifehook
