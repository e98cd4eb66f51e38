#include "handlers/drain_explanation.h"

#include "handlers/look_interval.h"
#include "handlers/services.h"

#include <algorithm>
#include <iterator>
#include <random>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration explain_again = 5min;
constexpr look_limits explanations{no_progress, 12h, 12h};  // a quarter of the calls, of however many

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

std::string why_slow(const drain_facts& known) {
  if (known.stopping.empty()) return "nothing known stands in its way; tasks may be slow to stop or to start elsewhere";
  return "task " + known.stopping + ": it has until its targets' deregistration delay (DEACTIVATING), or its " +
         "containers' stopTimeout (STOPPING), is over";
}

}  // namespace

drain_explanation::drain_explanation(step_context& in, time_point last_progress)
    : in_(in), last_progress_(last_progress), patience_(std::uniform_real_distribution<>()(in.services().random)) {}

bool drain_explanation::is_due() const {
  const auto again = in_.if_too_late() == outcome::timeout ? no_progress : explain_again;
  const auto waited = in_.now() - explained_at_.value_or(last_progress_);
  return waited >= std::max(again, until_due());
}

// Many that stand still at once are explained one after the other, as fast as what it has cost lately allows: three
// calls for each that is alone, half of that where some share them.
duration drain_explanation::until_due() const {
  const auto calls = in_.services().clusters.calls_to_explain();
  const auto all = look_interval({calls}, in_.services().ecs.usual.look_rate(), explanations);
  if (explained_at_) return all;
  return no_progress + std::chrono::duration_cast<duration>(patience_ * (all - no_progress));
}

task<result<>> drain_explanation::explain(ecs_cluster_view& cluster, std::vector<std::string> arns, drain_facts seen) {
  explained_at_ = in_.now();
  const auto known = co_await ask_why(cluster, std::move(arns), std::move(seen));
  if (known.has_error()) co_return known.error();
  tell(*known);
  co_return result<>();
}

// Nothing is asked about what explains itself; of what only stops, which it is, if ECS tells at once.
task<result<drain_facts>> drain_explanation::ask_why(ecs_cluster_view& cluster, std::vector<std::string> arns,
                                                     drain_facts known) {
  if (reason_of(known)) co_return known;
  const bool only_stop = known.counted.running + known.counted.pending == 0 && known.counted.stopping > 0;
  for (const auto& arn : arns) {
    if (only_stop) {
      const auto stopping = co_await cluster.stopping(arn, 0s, in_.haste());
      if (stopping.has_value() && *stopping && !(**stopping).one.empty()) known.stopping = (**stopping).one;
      continue;
    }
    auto own = co_await in_.ask("listing tasks", [&] { return cluster.why_tasks_remain(arn, in_.haste()); });
    if (own.has_error()) co_return std::move(own).error();
    append(known.tasks, std::move(own->tasks));
    append(known.protected_tasks, std::move(own->protected_tasks));
    append(known.services, std::move(own->services));
  }
  co_return known;
}

void drain_explanation::tell(const drain_facts& known) {
  const auto reason = reason_of(known);
  const auto text = reason ? reason->text : why_slow(known);
  in_.stuck(reason ? std::optional(reason->why) : std::nullopt, text, last_progress_);
  in_.log().warn("drain_without_progress", {{"for_seconds", *explained_at_ - last_progress_},
                                            {"running", known.counted.running},
                                            {"stopping", known.counted.stopping},
                                            {"outcome", name(reason ? reason->why : outcome::timeout)},
                                            {"why", text}});
}

}  // namespace lifehook::handlers
