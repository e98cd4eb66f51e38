#pragma once

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace lifehook {

enum class log_level { debug, info, warn, error };
enum class log_format { json, text };

// One value of a log field. Durations are written as seconds in JSON (key ends in _seconds) and as "2m3s" in text.
using log_value = std::variant<std::string_view, std::int64_t, double, bool, duration>;

struct log_field {
  log_field(std::string_view k, std::string_view v) : key(k), value(v) {}
  log_field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  log_field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  log_field(std::string_view k, bool v) : key(k), value(v) {}
  log_field(std::string_view k, double v) : key(k), value(v) {}
  log_field(std::string_view k, duration v) : key(k), value(v) {}
  template <class N>
    requires(std::is_integral_v<N> && !std::is_same_v<N, bool>)
  log_field(std::string_view k, N v) : key(k), value(static_cast<std::int64_t>(v)) {}

  std::string_view key;
  log_value value;
};

using log_fields = std::initializer_list<log_field>;

// Where finished lines go; each without its newline.
using log_sink = std::function<void(std::string_view line)>;

// Writes one line per event: RFC 3339 time, level, event, the bound fields, then the line's own. A value type, cheap to
// copy: `with` binds fields once per message, and all copies share them. Never give it a credential, a whole token, or
// NotificationMetadata.
class logger {
 public:
  logger(const clock& time, log_level level, log_format format, log_sink sink);

  logger with(log_fields fields) const;
  bool enabled(log_level level) const;

  void debug(std::string_view event, log_fields fields = {}) const { write(log_level::debug, event, fields); }
  void info(std::string_view event, log_fields fields = {}) const { write(log_level::info, event, fields); }
  void warn(std::string_view event, log_fields fields = {}) const { write(log_level::warn, event, fields); }
  void error(std::string_view event, log_fields fields = {}) const { write(log_level::error, event, fields); }
  void write(log_level level, std::string_view event, log_fields fields) const;

 private:
  struct output;
  struct bound_fields;
  std::shared_ptr<const output> output_;
  std::shared_ptr<const bound_fields> bound_;  // the innermost; nullptr: nothing is bound
};

logger silent_logger(const clock& time);

}  // namespace lifehook
