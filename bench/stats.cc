#include "bench/stats.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace lifehook::bench {

namespace {

// One JSON object, member by member.
class object {
 public:
  object& add(std::string_view name, const std::string& json) {
    text_.append(text_.empty() ? "{\"" : ",\"").append(name).append("\":").append(json);
    return *this;
  }
  std::string take() && { return text_.empty() ? "{}" : text_.append("}"); }

 private:
  std::string text_;
};

std::string seconds(std::chrono::nanoseconds span) {
  return std::to_string(std::chrono::duration<double>(span).count());
}

std::string when(const std::optional<moment>& happened) {
  return happened ? seconds(happened->at.time_since_epoch()) : "null";
}

std::string percentile(const std::vector<std::chrono::nanoseconds>& ascending, double share) {
  if (ascending.empty()) return "null";
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(ascending.size())));
  return std::to_string(static_cast<double>(ascending[std::max(rank, std::size_t{1}) - 1].count()) / 1e6);
}

std::string latencies(const fleet& of) {
  const auto all = of.latencies();
  object said;
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1.0}})
    said.add(name, percentile(all, share));
  return std::move(said).take();
}

std::string calls(const answers& with) {
  object said;
  for (const auto& each : with.calls()) said.add(each.operation, std::to_string(each.times));
  return std::move(said).take();
}

std::optional<moment> later(const std::optional<moment>& one, const std::optional<moment>& other) {
  if (!one || !other) return one ? one : other;
  return one->at < other->at ? other : one;
}

}  // namespace

std::string render_order(const fleet& of, const answers& with) {
  std::string hooks, calls;
  for (const auto& each : of.hooks())
    hooks.append(hooks.empty() ? "[" : ",[")
        .append(seconds(each.received.time_since_epoch()))
        .append(",")
        .append(seconds(each.completed.time_since_epoch()))
        .append("]");
  for (const auto& each : with.in_order())
    calls.append(calls.empty() ? "[\"" : ",[\"")
        .append(each.operation)
        .append("\",")
        .append(seconds(each.at.time_since_epoch()))
        .append("]");
  return std::move(object().add("hooks", "[" + hooks + "]").add("calls", "[" + calls + "]")).take();
}

std::string render_stats(const fleet& of, const answers& with, std::optional<moment> first_receive, moment now) {
  const auto far = of.so_far();
  const auto last = later(far.last_completed, far.last_deleted);
  object said;
  for (const auto& [name, count] : {std::pair{"hooks", far.hooks},
                                    {"handed", far.handed},
                                    {"completed", far.completed},
                                    {"deleted", far.deleted},
                                    {"undrained", far.undrained},
                                    {"deleted_early", far.deleted_early}})
    said.add(name, std::to_string(count));
  said.add("calls", calls(with)).add("latency_ms", latencies(of));
  said.add("first_receive", when(first_receive)).add("first_handed", when(far.first_handed));
  said.add("last_completed", when(far.last_completed)).add("last_deleted", when(far.last_deleted));
  said.add("now", when(now));
  if (!far.first_handed || !last || last->at <= far.first_handed->at) return std::move(said).take();
  const auto window = last->at - far.first_handed->at;
  const std::chrono::duration<double> busy(last->busy - far.first_handed->busy);
  said.add("window", seconds(window)).add("busy", std::to_string(busy / std::chrono::duration<double>(window)));
  return std::move(said).take();
}

}  // namespace lifehook::bench
