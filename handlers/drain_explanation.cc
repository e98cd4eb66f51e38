#include "handlers/drain_explanation.h"

#include "handlers/drain_tasks.h"
#include "handlers/look_interval.h"
#include "handlers/services.h"

#include <algorithm>
#include <random>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration explain_again = 5min;
constexpr look_limits explanations{no_progress, 12h, 12h};  // a quarter of the calls, of however many
constexpr double calls_to_explain = 3;                      // that the looks could make instead
constexpr std::size_t most_services = 10;
constexpr std::size_t most_protection = 10;

template <class T>
std::vector<T> first(std::vector<T> all, std::size_t most) {
  if (all.size() > most) all.resize(most);
  return all;
}

std::vector<std::string> arns_of(const std::vector<aws::ecs_task>& tasks) {
  std::vector<std::string> arns;
  for (const auto& each : tasks) arns.push_back(each.arn);
  return arns;
}

}  // namespace

drain_explanation::drain_explanation(step_context& in, time_point last_progress)
    : in_(in), last_progress_(last_progress), patience_(std::uniform_real_distribution<>()(in.services().random)) {}

bool drain_explanation::is_due() const {
  const auto again = in_.if_too_late() == outcome::timeout ? no_progress : explain_again;
  const auto waited = in_.now() - explained_at_.value_or(last_progress_);
  return waited >= std::max(again, until_due());
}

// Many that stand still at once are explained one after the other.
duration drain_explanation::until_due() const {
  const auto calls = calls_to_explain * static_cast<double>(in_.services().clusters.draining());
  const auto all = look_interval({calls}, in_.services().ecs.look_rate(), explanations);
  if (explained_at_) return all;
  return no_progress + std::chrono::duration_cast<duration>(patience_ * (all - no_progress));
}

task<result<>> drain_explanation::explain(ecs_cluster_view& cluster, std::vector<std::string> arns, drain_facts seen) {
  explained_at_ = in_.now();
  auto tasks = co_await remaining_tasks(in_, cluster, std::move(arns));
  if (tasks.has_error()) co_return std::move(tasks).error();
  seen.tasks = std::move(*tasks);
  const auto known = co_await ask_why(cluster, std::move(seen));
  tell(known);
  co_return result<>();
}

task<drain_facts> drain_explanation::ask_why(ecs_cluster_view& cluster, drain_facts known) {
  if (auto arns = arns_of(known.tasks); !arns.empty()) {
    if (auto found =
            co_await in_.services().ecs.protected_tasks(cluster.name(), first(std::move(arns), most_protection));
        found.has_value())
      known.protected_tasks = std::move(*found);
  }
  if (auto services = services_of(known.tasks); !services.empty()) {
    if (auto found =
            co_await in_.services().ecs.describe_services(cluster.name(), first(std::move(services), most_services));
        found.has_value())
      known.services = std::move(*found);
  }
  co_return known;
}

void drain_explanation::tell(const drain_facts& known) {
  const auto reason = reason_of(known);
  const std::string text =
      reason ? reason->text : "nothing known stands in its way; tasks may be slow to stop or to start elsewhere";
  in_.stuck(reason ? std::optional(reason->why) : std::nullopt, text, last_progress_);
  in_.log().warn("drain_without_progress", {{"for_seconds", *explained_at_ - last_progress_},
                                            {"running", known.counted.running},
                                            {"stopping", known.counted.stopping},
                                            {"outcome", name(reason ? reason->why : outcome::timeout)},
                                            {"why", text}});
}

}  // namespace lifehook::handlers
