#pragma once

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace lifehook {

enum class log_level { debug, info, warn, error };
enum class log_format { json, text };

// One value of a log field. Durations are written as seconds in JSON (key ends in _seconds) and as "2m3s" in text.
using log_value = std::variant<std::string_view, std::int64_t, double, bool, duration>;

struct log_field {
  template <class Text>
    requires(std::is_convertible_v<const Text&, std::string_view>)
  log_field(std::string_view k, const Text& v) : key(k), value(std::string_view(v)) {}
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

// Appends fields to a line that is being written.
class log_writer {
 public:
  log_writer(std::string& line, log_format format) : line_(line), format_(format) {}
  void operator()(log_fields fields) const;
  void rendered(std::string_view fields) const { line_ += fields; }

 private:
  std::string& line_;
  log_format format_;
};

// Writes one line per event: RFC 3339 time, level, event, the bound fields, then the line's own. A value type, cheap to
// copy: `with` binds fields once per message, and all copies share them. Never give it a credential, a whole token, or
// NotificationMetadata.
class logger {
 public:
  logger(const clock& time, log_level level, log_format format, log_sink sink);

  logger with(log_fields fields) const;
  // Binds fields that are told anew for each line: `tell` is called with a log_writer. Of thousands of events in hand
  // their text would be a thirtieth of the memory.
  template <class Tell>
  logger with_told(Tell tell) const {
    return bind(std::make_shared<const told_fields<Tell>>(bound_, std::move(tell)));
  }
  bool enabled(log_level level) const;

  void debug(std::string_view event, log_fields fields = {}) const { write(log_level::debug, event, fields); }
  void info(std::string_view event, log_fields fields = {}) const { write(log_level::info, event, fields); }
  void warn(std::string_view event, log_fields fields = {}) const { write(log_level::warn, event, fields); }
  void error(std::string_view event, log_fields fields = {}) const { write(log_level::error, event, fields); }
  void write(log_level level, std::string_view event, log_fields fields) const;

 private:
  struct output;
  // Chained: a step's fields do not repeat its message's.
  class bound_fields {
   public:
    explicit bound_fields(std::shared_ptr<const bound_fields> around) : outer_(std::move(around)) {}
    virtual ~bound_fields() = default;
    bound_fields(const bound_fields&) = delete;
    bound_fields& operator=(const bound_fields&) = delete;
    void write_to(const log_writer& to) const {
      if (outer_) outer_->write_to(to);
      write_own(to);
    }

   private:
    virtual void write_own(const log_writer& to) const = 0;
    std::shared_ptr<const bound_fields> outer_;
  };
  template <class Tell>
  class told_fields final : public bound_fields {
   public:
    told_fields(std::shared_ptr<const bound_fields> around, Tell tell)
        : bound_fields(std::move(around)), tell_(std::move(tell)) {}

   private:
    void write_own(const log_writer& to) const override { tell_(to); }
    Tell tell_;
  };
  logger bind(std::shared_ptr<const bound_fields> fields) const;

  std::shared_ptr<const output> output_;
  std::shared_ptr<const bound_fields> bound_;  // the innermost; nullptr: nothing is bound
};

logger silent_logger(const clock& time);

}  // namespace lifehook
