#pragma once

#include "base/clock.h"
#include "handlers/event.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lifehook::handlers {

enum class setting_kind {
  text,
  text_list,
  text_lists,  // names to a text or texts each
  cluster,     // a text that may name an ECS cluster
  cluster_list,
  span,
  count,
  number,  // a decimal, such as 1.5
  yes_no,
  choice,
  nested,  // a map of settings of its own, `fields`: read as "retain.count"
};

// What a span is: three are waits, which a step's timeout, the group's deadline and what an interruption leaves bound.
enum class span_meaning {
  from_step,      // from when its step begins
  from_event,     // from when the event happened
  before_end,     // before the end of its step's time, or of the event's
  before_change,  // what a scheduled change is announced by: no wait of a step, the event goes back to its queue
  age,            // of what is kept
};

using text_check = bool (*)(std::string_view);

// One setting a step takes: a row of its schema. The configuration reader checks kind, choices, and spells out `help`
// in its errors; the step gets checked values.
struct setting_spec {
  std::string_view key;
  setting_kind kind = setting_kind::text;
  std::string_view help;                       // "name of an ECS cluster"
  std::vector<std::string_view> choices = {};  // of choice; of a list: a word that may stand instead of it ("auto")
  bool required = false;
  span_meaning means = span_meaning::from_step;  // of span
  std::string_view shell = {};                   // of text_lists: the name whose texts are commands of a shell
  text_check fits = nullptr;                     // of text: whether it can be one; null: any can
  std::string_view word = {};                    // of text: what it stands for in deploy/iam, such as TOPIC
  duration default_wait{0};                      // of span: where none is written; a step's timeout must allow it
  std::vector<event_kind> events = {};           // it makes sense for these; empty: for all of its step's
  std::vector<setting_spec> fields = {};         // of nested

  bool is_wait() const {
    return kind == setting_kind::span && means != span_meaning::before_change && means != span_meaning::age;
  }
};

using text_lists = std::map<std::string, std::vector<std::string>>;
using setting_value =
    std::variant<std::string, std::vector<std::string>, duration, std::int64_t, double, bool, text_lists>;

// The settings written for one step; what was not written is absent.
class settings {
 public:
  settings();
  settings(const settings&);
  settings(settings&&) noexcept;
  settings& operator=(const settings&);
  settings& operator=(settings&&) noexcept;
  ~settings();

  bool operator==(const settings& other) const;

  void set(std::string key, setting_value value);
  bool has(std::string_view key) const;

  // As one of setting_value's types; which, the schema has said.
  template <class T>
  std::optional<T> get(std::string_view key) const;
  template <class T>
  T get_or(std::string_view key, T fallback) const {
    return get<T>(key).value_or(std::move(fallback));
  }
  // What is written there in words, whatever its type: a text, each of a list, "true" or "false". Empty: nothing, or
  // what is not told in words (a span, a number, a map).
  std::vector<std::string> texts(std::string_view key) const;

 private:
  std::map<std::string, setting_value> values_;
};

enum class on_error { stop, next };  // what a failed step means for the rest of its list

// One step as configured.
struct step_plan {
  std::string step;  // a row of the step table
  settings with;
  std::optional<duration> timeout;
  bool dry_run = false;
  on_error failure = on_error::stop;
};

// One entry of a list: a step, or several that run together.
struct stage {
  std::vector<step_plan> together;
};
using plan = std::vector<stage>;

}  // namespace lifehook::handlers
