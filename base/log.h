#pragma once

#include "base/clock.h"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
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

// Writes one line per event: RFC 3339 time, level, event, the bound fields, then the line's own. A value type, one
// pointer wide and cheap to copy: `with` binds fields once per message, and all copies share them. Never give it a
// credential, a whole token, or NotificationMetadata.
class logger {
 public:
  logger(const clock& time, log_level level, log_format format, log_sink sink);

  logger with(log_fields fields) const;
  // Binds fields that are told anew for each line: `tell` is called with a log_writer. Of thousands of events in hand
  // their text would be a thirtieth of the memory.
  template <class Tell>
  logger with_told(Tell tell) const {
    return logger(new told_scope<Tell>(scope_, std::move(tell)));
  }
  bool enabled(log_level level) const;

  void debug(std::string_view event, log_fields fields = {}) const { write(log_level::debug, event, fields); }
  void info(std::string_view event, log_fields fields = {}) const { write(log_level::info, event, fields); }
  void warn(std::string_view event, log_fields fields = {}) const { write(log_level::warn, event, fields); }
  void error(std::string_view event, log_fields fields = {}) const { write(log_level::error, event, fields); }
  void write(log_level level, std::string_view event, log_fields fields) const;

 private:
  struct output;
  // Chained: a step's fields do not repeat its message's. The outermost is the output, which binds nothing.
  class scope : public boost::intrusive_ref_counter<scope, boost::thread_safe_counter> {
   public:
    explicit scope(boost::intrusive_ptr<const scope> around) : outer_(std::move(around)), to_(outer_->to_) {}
    virtual ~scope() = default;
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    const output& to() const { return to_; }
    void write_to(const log_writer& line) const {
      if (outer_) outer_->write_to(line);
      write_own(line);
    }

   protected:
    explicit scope(const output& itself) : to_(itself) {}

   private:
    virtual void write_own(const log_writer& line) const = 0;
    boost::intrusive_ptr<const scope> outer_;  // nullptr: the output
    const output& to_;                         // at the end of the chain, which keeps it
  };
  template <class Tell>
  class told_scope final : public scope {
   public:
    told_scope(boost::intrusive_ptr<const scope> around, Tell tell)
        : scope(std::move(around)), tell_(std::move(tell)) {}

   private:
    void write_own(const log_writer& line) const override { tell_(line); }
    Tell tell_;
  };
  explicit logger(const scope* innermost) : scope_(innermost) {}

  boost::intrusive_ptr<const scope> scope_;  // the innermost
};

}  // namespace lifehook
