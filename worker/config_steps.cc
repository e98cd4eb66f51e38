#include "worker/config_steps.h"

#include "aws/limits.h"
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
using handlers::setting_kind;
using handlers::setting_spec;
using handlers::setting_value;
using handlers::step_kind;
using handlers::step_plan;

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> every_step_takes{"timeout", "dry_run", "on_error"};
constexpr std::int64_t largest_count = 1'000'000'000;
constexpr double largest_number = 1'000;
constexpr duration longest_wait = aws::longest_lifecycle_action;
constexpr duration longest_age = std::chrono::hours(24 * 366 * 10);

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
  const auto of_arn = std::string_view(name).substr(name.rfind('/') + 1);
  if (name.starts_with("arn:") && is_cluster(of_arn))
    return in.complain(
        at, fmt::format("expected the name of an ECS cluster, not its ARN; write the cluster's name, {}", of_arn));
  in.complain(at,
              fmt::format("expected the name of an ECS cluster, of letters, digits, '_' and '-', got {}", shown(name)));
}

std::optional<setting_value> read_text(config_reader& in, const written& at, const setting_spec& spec) {
  auto text = in.text(at, spec.help);
  if (text && spec.fits && !spec.fits(*text))
    in.complain(at, fmt::format("expected {}, got {}", spec.help, shown(*text)));
  return as_value(std::move(text));
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

std::optional<setting_value> read_value(config_reader& in, const written& at, const setting_spec& spec) {
  switch (spec.kind) {
    case setting_kind::text: return read_text(in, at, spec);
    case setting_kind::text_list: return as_value(in.texts(at, expected_list(spec)));
    case setting_kind::cluster: return read_cluster(in, at, spec);
    case setting_kind::cluster_list: return read_clusters(in, at, spec);
    case setting_kind::span: return as_value(in.span(at, 0s, spec.is_wait() ? longest_wait : longest_age));
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

void read_settings(config_reader& in, const written_map& keys, const std::vector<setting_spec>& schema, event_kind of,
                   const std::string& prefix, handlers::settings& to) {
  for (const auto& spec : schema) {
    const auto at = keys[spec.key];
    if (at && !spec.events.empty() && !contains(spec.events, of))
      in.complain(at, fmt::format("does not apply to {}; expected under {}", name(of), names_of(spec.events)));
    if (spec.required && !at) in.complain(keys.around().where, at.path, fmt::format("missing; expected {}", spec.help));
    if (auto value = read_value(in, at, spec)) to.set(prefix + std::string(spec.key), *std::move(value));
    if (spec.kind != setting_kind::nested || !at) continue;
    std::vector<std::string_view> known;
    for (const auto& field : spec.fields) known.push_back(field.key);
    read_settings(in, in.keys_of(at, known), spec.fields, of, prefix + std::string(spec.key) + ".", to);
  }
}

written_step read_step(config_reader& in, const written& at, const step_kind& kind, event_kind of) {
  constexpr std::array<std::string_view, 2> failures{"stop", "next"};
  const auto before = in.complaints().size();
  const auto keys = keys_of_step(in, at, kind);
  step_plan step;
  step.step = kind.name;
  read_settings(in, keys, kind.schema, of, {}, step.with);
  step.timeout = in.span(keys["timeout"], 1s, longest_wait);
  step.dry_run = in.yes_no(keys["dry_run"]).value_or(false);
  const auto failure = in.choice(keys["on_error"], failures);
  step.failure = kind.stands_aside || failure == 1U ? on_error::next : on_error::stop;
  if (kind.stands_aside && failure == 0U)
    in.complain(keys["on_error"],
                fmt::format("expected next, or nothing: a {} that fails never ends its list", kind.name));
  // A setting dropped as wrong would look as if it had never been written.
  const bool readable = in.complaints().size() == before;
  const auto contradiction = readable && kind.contradiction ? kind.contradiction(step.with) : std::string();
  if (!contradiction.empty()) in.complain(at.where, at.path, contradiction);
  return {std::move(step), keys};
}

std::string unknown_step(std::string_view typed) {
  std::vector<std::string_view> known;
  for (const auto& row : handlers::step_table()) known.push_back(row.name);
  return "unknown step" + hint(typed, known);
}

std::optional<written_step> read_named(config_reader& in, std::string_view step_name, const written& at,
                                       event_kind of) {
  const auto* kind = handlers::find_step(step_name);
  if (!kind) {
    in.complain(at.where, at.path, unknown_step(step_name));
    return std::nullopt;
  }
  if (!contains(kind->events, of))
    in.complain(at.where, at.path,
                fmt::format("does not apply to {}; expected under {}", name(of), names_of(kind->events)));
  return read_step(in, at, *kind, of);
}

// `drain_ecs: {...}`: the one key is the step.
std::optional<written_step> read_keyed(config_reader& in, const written& at, event_kind of) {
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

std::optional<written_step> read_entry(config_reader& in, const written& at, event_kind of) {
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

written_stage read_stage(config_reader& in, const written& at, event_kind of) {
  written_stage together;
  const bool several = at.node->is == yaml_node::shape::list;
  for (const auto& entry : several ? in.entries_of(at) : std::vector<written>{at})
    if (auto step = read_entry(in, entry, of)) together.push_back(*std::move(step));
  return together;
}

}  // namespace

written_list read_steps(config_reader& in, const written& at, event_kind of) {
  written_list stages;
  for (const auto& entry : in.entries_of(at)) stages.push_back(read_stage(in, entry, of));
  return stages;
}

handlers::plan plan_of(const written_list& list) {
  handlers::plan stages;
  for (const auto& each : list) {
    auto& together = stages.emplace_back().together;
    for (const auto& step : each) together.push_back(step.plan);
  }
  return stages;
}

}  // namespace lifehook::worker
