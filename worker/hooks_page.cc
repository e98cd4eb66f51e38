#include "worker/hooks_page.h"

#include "base/time_text.h"
#include "base/utf8.h"
#include "handlers/standing.h"

#include <boost/json.hpp>

#include <cstdint>

namespace lifehook::worker {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_text = 600;
constexpr std::size_t shown_of_token = 8;

std::int64_t seconds(duration span) { return std::chrono::round<std::chrono::seconds>(span).count(); }

json::value or_null(std::string_view text) { return text.empty() ? json::value() : json::value(text); }

json::object reason(const handlers::standing_reason& of) {
  json::object told{{"what", of.what}};
  if (!of.word.empty()) told["meaning"] = of.word;
  if (!of.doing.empty()) told["doing"] = of.doing;
  if (!of.text.empty()) told["text"] = first_bytes(of.text, longest_text);
  if (of.lasts) told["seconds"] = seconds(*of.lasts);
  return told;
}

json::array reasons(const std::vector<handlers::standing_reason>& all) {
  json::array told;
  for (const auto& each : all) told.push_back(reason(each));
  return told;
}

json::object step(const handlers::step_standing& of) {
  json::object told{{"step", of.name}, {"seconds", seconds(of.running)}};
  if (of.timeout) {
    told["timeout_seconds"] = seconds(*of.timeout);
    told["timeout_used_seconds"] = seconds(of.used);
  }
  told["why"] = reasons(of.why);
  return told;
}

void name_subject(json::object& told, const handlers::event& about, std::string_view scaling_group) {
  if (handlers::is_of_task(about.kind)) {
    told["task"] = about.task_arn.get();
    return;
  }
  told["scaling_group"] = or_null(about.group.empty() ? scaling_group : about.group.get());
  told["instance"] = about.instance;
}

void name_hook(json::object& told, const handlers::event& about, const handlers::standing& is) {
  if (!handlers::has_hook(about.kind)) return;
  told["hook"] = about.hook.get();
  told["token"] = or_null(std::string_view(about.token).substr(0, shown_of_token));
  told["last_heartbeat_seconds"] = is.last_beat ? json::value(seconds(*is.last_beat)) : json::value();
  told["timer_seconds"] = is.timer ? json::value(seconds(*is.timer)) : json::value();
  told["proven_open"] = is.proven;
}

json::object entry(const event_in_hand& of, time_point now) {
  const auto is = handlers::standing_of(of.keeps, of.action, now);
  const auto& terms = of.keeps.with();
  const auto deadline = of.keeps.deadline();
  const auto age = of.keeps.age_of(of.keeps.happened(of.about.time), now);
  json::object told{{"event", handlers::name(of.about.kind)}, {"group", or_null(is.group)}};
  name_subject(told, of.about, is.scaling_group);
  name_hook(told, of.about, is);
  told["queue"] = of.queue;
  told["message"] = of.message;
  told["receive_count"] = of.receive_count;
  told["message_lost"] = of.keeps.is_message_lost();
  told["in_hand_seconds"] = seconds(now - terms.received);
  told["age_seconds"] = seconds(age);
  told["deadline_seconds"] = deadline ? json::value(seconds(*deadline - now)) : json::value();
  told["stage"] = handlers::name(is.stage);
  told["why"] = reasons(is.why);
  json::array steps;
  for (const auto& each : is.steps) steps.push_back(step(each));
  told["steps"] = std::move(steps);
  return told;
}

json::array queued(const std::vector<aws::queued_calls>& all) {
  json::array told;
  for (const auto& each : all)
    told.push_back(json::object{
        {"family", each.family}, {"region", each.region}, {"calls", each.waiting}, {"throttled", each.throttled}});
  return told;
}

}  // namespace

std::string hooks_page(const work_in_hand& of) {
  json::array listed;
  listed.reserve(of.nearest.size());
  for (const auto& each : of.nearest) listed.push_back(entry(each, of.now));
  return json::serialize(
             json::object{{"time", to_rfc3339(of.now)},
                          {"in_hand", of.events},
                          {"listed", of.nearest.size()},
                          {"calls_waiting", queued(of.queued)},
                          {"in_line", {{"heartbeats", of.heartbeats_in_line}, {"proofs", of.proofs_in_line}}},
                          {"events", std::move(listed)}}) +
         "\n";
}

}  // namespace lifehook::worker
