#include "worker/config_steps.h"

#include "aws/limits.h"
#include "base/time_text.h"
#include "handlers/deadline.h"
#include "handlers/step_table.h"
#include "worker/config_expand.h"
#include "worker/config_syntax.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lifehook::worker {

using handlers::event_kind;
using handlers::on_error;
using handlers::plan;
using handlers::setting_kind;
using handlers::setting_spec;
using handlers::setting_value;
using handlers::stage;
using handlers::step_kind;
using handlers::step_plan;

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> every_step_takes{"timeout", "dry_run", "on_error"};
constexpr std::int64_t largest_count = 1'000'000'000;
constexpr double largest_number = 1'000;
constexpr duration longest_setting = aws::longest_lifecycle_action;
constexpr duration longest_age = std::chrono::hours(24 * 366 * 10);

// What one list is read for.
struct list_terms {
  event_kind kind;
  duration deadline;
  bool gives_back = false;  // what it takes for its time: that ends its work earlier
};

std::optional<duration> limit(config_reader& in, const written& at, const list_terms& of, duration least) {
  const auto span = in.span(at, least, longest_setting);
  if (!span || *span <= of.deadline) return span;
  in.complain(at, fmt::format("{} is longer than the group's deadline of {}, which ends the event first",
                              to_text(*span), to_text(of.deadline)));
  return std::nullopt;
}

// A wait of a step's own: it must also end before the event's work does, and before the instance does.
std::optional<duration> wait_of(config_reader& in, const written& at, const list_terms& of) {
  const auto span = limit(in, at, of, 0s);
  if (!span) return span;
  const auto work = handlers::interruption_work(of.kind, of.gives_back);
  if (work && *span > *work)
    in.complain(at,
                fmt::format("{} is longer than the {} that {} leaves before {}", to_text(*span), to_text(*work),
                            name(of.kind), of.gives_back ? "what its list raised is given back" : "the instance ends"));
  else if (*span > handlers::work_within(of.deadline))
    in.complain(at, fmt::format("{} is longer than the {} that the group's deadline of {} leaves for work",
                                to_text(*span), to_text(handlers::work_within(of.deadline)), to_text(of.deadline)));
  else
    return span;
  return std::nullopt;
}

// "names of ECS clusters or auto"
std::string expected_list(const setting_spec& spec) {
  std::string expected(spec.help);
  for (const auto word : spec.choices) expected.append(" or ").append(word);
  return expected;
}

template <class T>
std::optional<setting_value> as_value(std::optional<T> read) {
  if (!read) return std::nullopt;
  return setting_value(*std::move(read));
}

// A shell's own ${NAME} is filled in here, by what is true of this machine.
void remark_on_values(config_reader& in, const written& at) {
  const auto names = names_taken(at.node->text);
  if (names.empty()) return;
  in.remark(at, fmt::format("takes ${{{}}} from this worker's environment; to leave it to the instance's shell write "
                            "$${{{}}}",
                            fmt::join(names, "}, ${"), fmt::join(names, "}, $${")));
}

void remark_on_commands(config_reader& in, const written& commands) {
  if (commands.node->is == yaml_node::shape::scalar) return remark_on_values(in, commands);
  for (const auto& each : in.entries_of(commands)) remark_on_values(in, each);
}

std::optional<setting_value> read_text_lists(config_reader& in, const written& at, const setting_spec& spec) {
  if (!at) return std::nullopt;
  handlers::text_lists lists;
  std::size_t size = 0;
  const auto keys = in.any_keys_of(at);
  for (const auto& [key, value] : keys.all())
    if (auto texts = in.texts(value, spec.help, text_shape::lines)) {
      if (key == spec.shell) remark_on_commands(in, value);
      for (const auto& each : *texts) size += each.size();
      lists.emplace(key, *std::move(texts));
    }
  if (size > longest_script)
    in.complain(at, fmt::format("expected at most {} bytes together, got {}", longest_script, size));
  return setting_value(std::move(lists));
}

// A hook would be held for a cluster that cannot be there until its deadline.
void check_cluster(config_reader& in, const written& at, const std::string& name) {
  if (is_cluster(name)) return;
  in.complain(at,
              fmt::format("expected the name of an ECS cluster, of letters, digits, '_' and '-', got {}", shown(name)));
}

std::optional<setting_value> read_cluster(config_reader& in, const written& at, const setting_spec& spec) {
  auto name = in.text(at, spec.help);
  if (name) check_cluster(in, at, *name);
  return as_value(std::move(name));
}

std::optional<setting_value> read_clusters(config_reader& in, const written& at, const setting_spec& spec) {
  auto names = in.texts(at, expected_list(spec));
  if (names)
    for (const auto& each : *names) check_cluster(in, at, each);
  return as_value(std::move(names));
}

std::optional<setting_value> read_value(config_reader& in, const written& at, const setting_spec& spec,
                                        const list_terms& of) {
  switch (spec.kind) {
    case setting_kind::text: return as_value(in.text(at, spec.help));
    case setting_kind::text_list: return as_value(in.texts(at, expected_list(spec)));
    case setting_kind::cluster: return read_cluster(in, at, spec);
    case setting_kind::cluster_list: return read_clusters(in, at, spec);
    case setting_kind::span:
      return as_value(spec.may_exceed_deadline ? in.span(at, 0s, longest_age) : wait_of(in, at, of));
    case setting_kind::count: return as_value(in.count(at, 0, largest_count));
    case setting_kind::number: return as_value(in.number(at, 0, largest_number));
    case setting_kind::text_lists: return read_text_lists(in, at, spec);
    case setting_kind::nested: return std::nullopt;
    case setting_kind::yes_no: return as_value(in.yes_no(at));
    case setting_kind::choice: break;
  }
  const auto chosen = in.choice(at, spec.choices);
  if (!chosen) return std::nullopt;
  return std::string(spec.choices[*chosen]);
}

std::string names_of(std::span<const event_kind> kinds) {
  std::vector<std::string_view> names;
  for (const auto kind : kinds) names.push_back(name(kind));
  return joined(names);
}

bool contains(const std::vector<event_kind>& all, event_kind one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

written_map keys_of_step(config_reader& in, const written& at, const step_kind& kind) {
  // A bare step, and `- track:` with nothing after it, take their defaults.
  if (!at || at.node->is == yaml_node::shape::nothing) return written_map({at.path, at.where, nullptr});
  std::vector<std::string_view> known;
  for (const auto& spec : kind.schema) known.push_back(spec.key);
  known.insert(known.end(), every_step_takes.begin(), every_step_takes.end());
  return in.keys_of(at, known);
}

void read_settings(config_reader& in, const written_map& keys, const std::vector<setting_spec>& schema,
                   const list_terms& of, const std::string& prefix, handlers::settings& to) {
  for (const auto& spec : schema) {
    const auto at = keys[spec.key];
    if (at && !spec.events.empty() && !contains(spec.events, of.kind))
      in.complain(at, fmt::format("does not apply to {}; expected under {}", name(of.kind), names_of(spec.events)));
    if (spec.required && !at) in.complain(keys.around().where, at.path, fmt::format("missing; expected {}", spec.help));
    if (auto value = read_value(in, at, spec, of)) to.set(prefix + std::string(spec.key), *std::move(value));
    if (spec.kind != setting_kind::nested || !at) continue;
    std::vector<std::string_view> known;
    for (const auto& field : spec.fields) known.push_back(field.key);
    read_settings(in, in.keys_of(at, known), spec.fields, of, std::string(spec.key) + ".", to);
  }
}

// A step that may wait for all it may take never ends well: AWS's answers take time of it too.
void check_timeout(config_reader& in, const written_map& keys, const step_kind& kind, const step_plan& step) {
  if (!step.timeout) return;
  for (const auto& spec : kind.schema) {
    if (spec.kind != setting_kind::span || spec.may_exceed_deadline) continue;
    const auto wait = step.with.get_or(spec.key, spec.unwritten);
    if (wait < *step.timeout) continue;
    in.complain(keys["timeout"], fmt::format("{} must be longer than {} of {}{}", to_text(*step.timeout), spec.key,
                                             to_text(wait), step.with.has(spec.key) ? "" : ", its default"));
  }
}

step_plan read_step(config_reader& in, const written& at, const step_kind& kind, const list_terms& of) {
  constexpr std::array<std::string_view, 2> failures{"stop", "next"};
  const auto before = in.complaints().size();
  step_plan step;
  step.step = kind.name;
  const auto keys = keys_of_step(in, at, kind);
  read_settings(in, keys, kind.schema, of, {}, step.with);
  step.timeout = limit(in, keys["timeout"], of, 1s);
  step.dry_run = in.yes_no(keys["dry_run"]).value_or(false);
  step.failure = in.choice(keys["on_error"], failures).value_or(0) == 1 ? on_error::next : on_error::stop;
  check_timeout(in, keys, kind, step);
  // A setting dropped as wrong would look as if it had never been written.
  const bool readable = in.complaints().size() == before;
  const auto contradiction = readable && kind.contradiction ? kind.contradiction(step.with) : std::string();
  if (!contradiction.empty()) in.complain(at.where, at.path, contradiction);
  return step;
}

std::string unknown_step(std::string_view typed) {
  std::vector<std::string_view> known;
  for (const auto& row : handlers::step_table()) known.push_back(row.name);
  return "unknown step" + hint(typed, known);
}

std::optional<step_plan> read_named(config_reader& in, std::string_view step_name, const written& at,
                                    const list_terms& of) {
  const auto* kind = handlers::find_step(step_name);
  if (!kind) {
    in.complain(at.where, at.path, unknown_step(step_name));
    return std::nullopt;
  }
  if (!contains(kind->events, of.kind))
    in.complain(at.where, at.path,
                fmt::format("does not apply to {}; expected under {}", name(of.kind), names_of(kind->events)));
  return read_step(in, at, *kind, of);
}

// `drain_ecs: {...}`: the one key is the step.
std::optional<step_plan> read_keyed(config_reader& in, const written& at, const list_terms& of) {
  const auto keys = in.any_keys_of(at);
  if (keys.all().size() == 1) {
    const auto& [step_name, settings] = keys.all().front();
    return read_named(in, step_name, settings, of);
  }
  std::vector<std::string_view> names;
  for (const auto& [key, value] : keys.all()) names.push_back(key);
  in.complain(at, fmt::format("expected one step, got {} keys ({}); a step's settings are indented below its name",
                              names.size(), joined(names)));
  return std::nullopt;
}

std::optional<step_plan> read_entry(config_reader& in, const written& at, const list_terms& of) {
  switch (at.node->is) {
    case yaml_node::shape::map: return read_keyed(in, at, of);
    case yaml_node::shape::scalar: {
      const auto step_name = in.text(at, "a step");
      if (!step_name) return std::nullopt;
      return read_named(in, *step_name, {at.path + "." + *step_name, at.where, nullptr}, of);
    }
    case yaml_node::shape::list:
      in.complain(at, "lists nest once only: what runs together is steps");
      return std::nullopt;
    case yaml_node::shape::nothing: in.complain(at, "expected a step, got nothing"); return std::nullopt;
  }
  return std::nullopt;
}

stage read_stage(config_reader& in, const written& at, const list_terms& of) {
  stage together;
  const bool several = at.node->is == yaml_node::shape::list;
  for (const auto& entry : several ? in.entries_of(at) : std::vector<written>{at})
    if (auto step = read_entry(in, entry, of)) together.together.push_back(*std::move(step));
  return together;
}

plan read_stages(config_reader& in, const written& at, const list_terms& of) {
  plan stages;
  for (const auto& entry : in.entries_of(at)) stages.push_back(read_stage(in, entry, of));
  return stages;
}

bool gives_back(const plan& list) {
  return std::any_of(list.begin(), list.end(), [](const stage& each) {
    return std::any_of(each.together.begin(), each.together.end(), [](const step_plan& step) {
      const auto* kind = handlers::find_step(step.step);
      return kind->gives_back && kind->gives_back(step.with);
    });
  });
}

}  // namespace

// How long one step may wait, another of the list decides: it is read for that first.
plan read_plan(config_reader& in, const written& at, event_kind kind, duration deadline) {
  config_reader unheard(in);
  const bool ends_earlier = gives_back(read_stages(unheard, at, {kind, deadline}));
  return read_stages(in, at, {kind, deadline, ends_earlier});
}

}  // namespace lifehook::worker
