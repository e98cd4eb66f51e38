#include "simulator/controls.h"

#include "simulator/json_body.h"
#include "simulator/wire.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace lifehook::simulator {
namespace {

using boost::json::object;

fault bad(std::string why) { return {400, "ValidationError", std::move(why)}; }

// A member that is not known is a slip of the pen: it would be without effect.
or_fault<object> body_of(const aws::http_request& asked, std::initializer_list<std::string_view> known) {
  boost::system::error_code failed;
  auto body = boost::json::parse(asked.body, failed);
  if (failed || !body.is_object()) return bad("expected a JSON object");
  for (const auto& [name, value] : body.get_object())
    if (std::ranges::find(known, std::string_view(name)) == known.end())
      return bad(fmt::format("\"{}\" is none of: {}", std::string_view(name), fmt::join(known, ", ")));
  return std::move(body.get_object());
}

or_fault<std::optional<int>> read_exit_code(const object& from, std::string_view name) {
  if (!from.contains(name)) return std::optional<int>();
  const auto code = number_of(from, name);
  if (!code || *code < 0 || *code > 255) return bad("an exit code is a number from 0 to 255");
  return std::optional(static_cast<int>(*code));
}

or_fault<std::map<std::string, int>> read_exit_codes(const object& body) {
  std::map<std::string, int> codes;
  const auto* given = body.if_contains("exit_codes");
  if (!given) return codes;
  if (!given->is_object()) return bad(R"(expected "exit_codes": {CONTAINER: CODE})");
  for (const auto& [container, value] : given->get_object()) {
    const auto code = read_exit_code(given->get_object(), container);
    if (!code) return code.error();
    codes.emplace(container, **code);
  }
  return codes;
}

or_fault<duration> read_seconds(const object& body, std::string_view name, duration otherwise) {
  if (!body.contains(name)) return otherwise;
  const auto given = seconds_of(body, name);
  if (!given) return bad(fmt::format("\"{}\" is a number of seconds", name));
  return *given;
}

or_fault<object> calls(const controlled& world, const aws::http_request&) {
  object counts;
  for (const auto& [name, count] : world.calls) counts.emplace(name, count);
  return counts;
}

or_fault<object> reset_calls(const controlled& world, const aws::http_request&) {
  world.calls.clear();
  return object();
}

or_fault<object> set_faults(const controlled& world, const aws::http_request& asked) {
  auto wanted = read_fault_rules(asked.body, world.now);
  if (!wanted) return wanted.error();
  world.rules.clear();
  for (auto& rule : *wanted) world.rules.add(std::move(rule));
  return object();
}

or_fault<object> lag_counts(const controlled& world, const aws::http_request& asked) {
  const auto body = body_of(asked, {"visible", "in_flight", "delayed"});
  if (!body) return body.error();
  const auto visible = read_seconds(*body, "visible", {});
  const auto in_flight = read_seconds(*body, "in_flight", {});
  const auto delayed = read_seconds(*body, "delayed", {});
  for (const auto* each : {&visible, &in_flight, &delayed})
    if (!*each) return each->error();
  world.queues.lag_counts({*visible, *in_flight, *delayed});
  return object();
}

or_fault<object> interrupt_task(const controlled& world, const aws::http_request& asked) {
  const auto body = body_of(asked, {"task", "exit_codes"});
  if (!body) return body.error();
  auto codes = read_exit_codes(*body);
  if (!codes) return codes.error();
  world.clusters.interrupt_spot_task(text_of(*body, "task"), *std::move(codes));
  return object();
}

or_fault<object> end_containers(const controlled& world, const aws::http_request& asked) {
  const auto body = body_of(asked, {"task", "exit_codes"});
  if (!body) return body.error();
  const auto codes = read_exit_codes(*body);
  if (!codes) return codes.error();
  if (codes->empty()) return bad(R"(expected "exit_codes": {CONTAINER: CODE})");
  world.clusters.exit_task(text_of(*body, "task"), *codes);
  return object();
}

or_fault<object> set_scripts(const controlled& world, const aws::http_request& asked) {
  const auto body = body_of(asked, {"run_time", "exit_code"});
  if (!body) return body.error();
  if (body->empty()) return bad(R"(expected "run_time", "exit_code" or both)");
  const auto run_time = read_seconds(*body, "run_time", {});
  if (!run_time) return run_time.error();
  const auto exit_code = read_exit_code(*body, "exit_code");
  if (!exit_code) return exit_code.error();
  if (*exit_code) world.commands.fail_with(**exit_code);
  if (body->contains("run_time")) world.commands.set_run_time(*run_time);
  return object();
}

or_fault<object> schedule_reboot(const controlled& world, const aws::http_request& asked) {
  const auto body = body_of(asked, {"instance", "in", "takes"});
  if (!body) return body.error();
  const auto in = read_seconds(*body, "in", {});
  if (!in) return in.error();
  const auto takes = read_seconds(*body, "takes", usual_reboot);
  if (!takes) return takes.error();
  auto event = world.machines.schedule_reboot(text_of(*body, "instance"), world.now + *in, *takes);
  return object{{"event", std::move(event)}};
}

struct control_row {
  std::string_view method, name;
  or_fault<object> (*act)(const controlled& world, const aws::http_request& asked);
};

constexpr std::array<control_row, 8> controls{{{"GET", "calls", calls},
                                               {"POST", "reset-calls", reset_calls},
                                               {"POST", "faults", set_faults},
                                               {"POST", "lag-counts", lag_counts},
                                               {"POST", "interrupt-task", interrupt_task},
                                               {"POST", "end-containers", end_containers},
                                               {"POST", "scripts", set_scripts},
                                               {"POST", "schedule-reboot", schedule_reboot}}};

fault no_such_control() {
  std::vector<std::string> known;
  for (const auto& each : controls) known.push_back(fmt::format("{} {}{}", each.method, controls_path, each.name));
  return {404, "NotFound", fmt::format("{}", fmt::join(known, ", "))};
}

or_fault<object> act(const controlled& world, const aws::http_request& asked) {
  const auto name = path_of(asked.url).substr(controls_path.size());
  for (const auto& each : controls) {
    if (each.name != name || each.method != asked.method) continue;
    // What callers in C++ made themselves may well be unknown to one who asks over the wire.
    try {
      return each.act(world, asked);
    } catch (const std::invalid_argument& unknown) {
      return bad(unknown.what());
    }
  }
  return no_such_control();
}

}  // namespace

aws::http_response control(const controlled& world, const aws::http_request& asked) {
  const auto said = act(world, asked);
  const auto shown = said ? *said : object{{"message", said.error().message}};
  return {said ? 200 : said.error().status, {{"content-type", "application/json"}}, boost::json::serialize(shown)};
}

}  // namespace lifehook::simulator
