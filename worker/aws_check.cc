#include "worker/aws_check.h"

#include "aws/sns.h"
#include "base/glob.h"
#include "base/time_text.h"
#include "handlers/parse_hook.h"
#include "handlers/route.h"
#include "handlers/step_table.h"
#include "queues/attributes.h"
#include "worker/config_nearest.h"
#include "worker/queue_labels.h"
#include "worker/queue_lacks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

namespace lifehook::worker {

namespace {

using handlers::event_kind;
using handlers::group;
using kind = aws_finding::kind;

constexpr std::size_t most_named = 5;  // Auto Scaling groups of a group, in one line

template <class See>
void for_each_step(const config& of, See see) {
  for (const auto& each : of.groups)
    handlers::for_each_step(each, [&see](const handlers::step_plan& step, event_kind) { see(step); });
}

std::set<std::string> clusters_named(const config& of) {
  std::set<std::string> names;
  for_each_step(of, [&names](const handlers::step_plan& step) {
    for (auto& name : handlers::clusters_in(step))
      if (name != "auto") names.insert(std::move(name));
  });
  return names;
}

std::set<std::string> topics_named(const config& of) {
  std::set<std::string> topics;
  for_each_step(of, [&topics](const handlers::step_plan& step) {
    for (auto& topic : handlers::written_as("TOPIC", step)) topics.insert(std::move(topic));
  });
  return topics;
}

std::string some_of(const std::vector<std::string>& names) {
  if (names.size() <= most_named) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + most_named, ", "),
                     names.size() - most_named);
}

std::optional<event_kind> kind_of(const aws::lifecycle_hook& hook) {
  for (const auto each : {event_kind::launching, event_kind::terminating})
    if (hook.transition == handlers::transition_of(each)) return each;
  return std::nullopt;
}

// Of a group that answers none of these hooks: which of those it does not name it may have meant. Empty when none is
// near.
std::string slip_of(const group& by, const std::vector<std::string>& has) {
  std::vector<std::string_view> known;
  for (const auto& hook : has)
    if (std::none_of(by.hooks.begin(), by.hooks.end(), [&hook](const auto& each) { return glob_match(each, hook); }))
      known.emplace_back(hook);
  for (const auto& name : by.hooks)
    if (const auto meant = nearest(name, known))
      return fmt::format("; did you mean {} where group {} says {}?", *meant, by.name, name);
  return {};
}

// What becomes of events of a hook.
handlers::route_decision routed(const aws::scaling_group& in, const aws::lifecycle_hook& hook, event_kind as,
                                const config& of) {
  handlers::event about;
  about.kind = as;
  about.group = in.name;
  about.hook = hook.name;
  return handlers::route(about, {in.name, in.tags}, of.groups);
}

// Whether events of some of its instances would come to the group, if they have its tags.
bool is_named(const group& by, const aws::scaling_group& in) {
  return handlers::matches_instance(by, {in.name, std::nullopt}) != handlers::matched::no;
}

// Whether events of all its instances would, whatever their own tags.
bool gets(const group& to, const aws::scaling_group& in) {
  return handlers::matches_instance(to, {in.name, in.tags}) == handlers::matched::yes;
}

class looking {
 public:
  looking(wiring& parts, const config& of, const tell_finding& tell) : parts_(parts), config_(of), tell_(tell) {}

  task<> all() {
    const auto who = co_await parts_.sts.get_caller_identity();
    if (who.has_error() && who.error().code() == errc::denied)
      co_return say(kind::wrong, "credentials: {}", who.error().what());
    if (who.has_error())
      say(kind::warning, "who we are is not known, which a worker can do without: {}", who.error().what());
    else
      say(kind::fine, "AWS takes us for {}", who->arn);
    const auto labels = queue_labels(config_.queues);
    for (std::size_t i = 0; i < labels.size(); ++i) co_await look_at_queue(config_.queues[i].url, labels[i]);
    co_await look_at_state();
    co_await look_at_clusters();
    for (const auto& each : config_.groups) co_await look_at_task_clusters(each);
    const auto topics = topics_named(config_);
    for (const auto& each : topics) co_await look_at_topic(each);
    co_await look_at_groups();
  }

 private:
  template <class... T>
  void say(kind how, fmt::format_string<T...> text, T&&... values) {
    tell_({how, fmt::format(text, std::forward<T>(values)...)});
  }

  task<> look_at_queue(const std::string& url, const std::string& name) {
    const auto told = co_await parts_.sqs.attributes(url);
    if (told.has_error()) co_return say(kind::wrong, "queue {}: {}", name, told.error().what());
    const auto read = queues::read_attributes(*told);
    const auto found = queues::check(read, longest_deadline_of(config_));
    for (const auto& each : found) say(each.refuses ? kind::wrong : kind::warning, "queue {}: {}", name, each.text);
    for (const auto& each : lacks_of(read, config_)) say(kind::warning, "queue {}: {}", name, each);
    if (found.empty())
      say(kind::fine, "queue {}: messages visible {}, in flight {}; to the dead letters after {} receives", name,
          read.visible, read.in_flight, read.max_receive_count);
  }

  task<> look_at_state() {
    const auto where = parts_.state->backend();
    if (where == "memory") co_return;
    const auto answered = co_await parts_.state->probe();
    if (answered.has_error())
      say(kind::wrong, "state {}: {}", where, answered.error().what());
    else
      say(kind::fine, "state {}: answers", where);
  }

  task<> look_at_clusters() {
    const auto named = clusters_named(config_);
    for (const auto& each : named) co_await look_at_cluster(each);
  }

  task<> look_at_cluster(const std::string& name) {
    const auto found = co_await parts_.ecs.describe_clusters({name});
    if (found.has_error()) co_return say(kind::wrong, "ECS cluster {}: {}", name, found.error().what());
    if (found->empty()) co_return say(kind::wrong, "ECS cluster {}: ECS knows none of this name", name);
    const auto& status = found->front().status;
    say(status == "ACTIVE" ? kind::fine : kind::wrong, "ECS cluster {}: {}", name, status);
  }

  // Patterns may match what comes later.
  task<> look_at_task_clusters(const group& of) {
    for (const auto& each : of.match_clusters) {
      if (each.find_first_of("*?") != each.npos) continue;
      const auto found = co_await parts_.ecs.describe_clusters({each});
      if (found.has_error())
        say(kind::wrong, "group {}: ECS cluster {}: {}", of.name, each, found.error().what());
      else if (found->empty())
        say(kind::warning, "group {}: ECS knows no cluster {}: none of its tasks is matched now", of.name, each);
    }
  }

  // A worker publishes without a look: whether it may is not to be known without a message to all who listen.
  task<> look_at_topic(const std::string& arn) {
    const auto found = co_await parts_.sns.look_at(arn);
    if (found.has_value()) co_return say(kind::fine, "topic {}: is there", arn);
    const auto& why = found.error();
    if (why.aws_code() == "NotFound") co_return say(kind::wrong, "topic {}: SNS knows none of this name", arn);
    if (why.code() != errc::denied) co_return say(kind::wrong, "topic {}: {}", arn, why.what());
    say(kind::warning, "topic {}: without sns:GetTopicAttributes, which a worker does not need, nobody knows: {}", arn,
        why.what());
  }

  task<> look_at_groups() {
    const auto listed = co_await parts_.autoscaling.all_groups();
    if (listed.has_error()) co_return say(kind::wrong, "Auto Scaling groups: {}", listed.error().what());
    for (const auto& each : config_.groups)
      if (!each.match.empty() || !each.match_tags.empty()) say_of_group(each, *listed);
    std::vector<aws::scaling_group> with_hooks;
    for (const auto& each : *listed)
      if (handlers::may_answer_hooks(each.name, config_.groups)) with_hooks.push_back(each);
    co_await look_at_hooks(with_hooks);
  }

  void say_of_group(const group& of, const std::vector<aws::scaling_group>& all) {
    std::vector<std::string> matched;
    std::vector<std::string> untagged;
    for (const auto& in : all)
      if (is_named(of, in)) (gets(of, in) ? matched : untagged).push_back(in.name);
    if (!matched.empty()) {
      say(kind::fine, "group {}: matches {}", of.name, some_of(matched));
      return say_of_idle_patterns(of, all);
    }
    const bool by_name = !of.match.empty() && !untagged.empty();
    say(kind::warning, "group {}: no Auto Scaling group is matched now{}", of.name,
        by_name ? fmt::format("; without its tags, but for instances that have them: {}", some_of(untagged)) : "");
  }

  // A slip of the pen shows only here, where others of the group's patterns match.
  void say_of_idle_patterns(const group& of, const std::vector<aws::scaling_group>& all) {
    for (const auto& pattern : of.match)
      if (std::none_of(all.begin(), all.end(), [&](const auto& in) { return glob_match(pattern, in.name); }))
        say(kind::warning, "group {}: no Auto Scaling group is called {} now", of.name, pattern);
  }

  // What AWS does not tell of one it does not tell of the others: it is said once.
  task<> look_at_hooks(const std::vector<aws::scaling_group>& all) {
    for (auto left = all.size(); const auto& each : all) {
      --left;
      const auto hooks = co_await parts_.autoscaling.hooks(each.name);
      if (hooks.has_value()) {
        say_of_hooks(each, *hooks);
        continue;
      }
      const bool ends = left > 0 && is_outage(hooks.error().code());
      say(kind::wrong, "{}: lifecycle hooks: {}{}", each.name, hooks.error().what(),
          ends ? fmt::format("; those of {} more are not looked at", left) : "");
      if (ends) co_return;
    }
  }

  void say_of_hooks(const aws::scaling_group& in, const std::vector<aws::lifecycle_hook>& hooks) {
    bool answers = false;
    std::vector<std::string> others;
    for (const auto& hook : hooks) {
      const auto as = kind_of(hook);
      const auto decision = as ? routed(in, hook, *as, config_) : handlers::route_decision();
      if (decision.what == handlers::routing::unanswered) say_left_alone(in, hook, *as, *decision.to);
      if (decision.what == handlers::routing::handle) {
        say_of_hook(in, hook, *decision.to);
        answers = true;
      } else {
        others.push_back(hook.name);
      }
    }
    if (const auto* by = answers ? nullptr : taker_of(in)) say_unanswered(in, others, *by);
  }

  // A hook that is still to be made is no mistake, and one beside it may be another system's: unless their names are
  // nearly the same, and the group is meant by its own name.
  void say_unanswered(const aws::scaling_group& in, const std::vector<std::string>& has, const group& by) {
    const auto slip = slip_of(by, has);
    const bool is_meant = std::find(by.match.begin(), by.match.end(), in.name) != by.match.end();
    say(slip.empty() || !is_meant ? kind::warning : kind::wrong, "{}: no lifecycle hook of it is answered{}{}", in.name,
        has.empty() ? "; it has none" : fmt::format("; it has {}", some_of(has)), slip);
  }

  void say_left_alone(const aws::scaling_group& in, const aws::lifecycle_hook& hook, event_kind as, const group& by) {
    say(kind::warning, "{}: hook {}: group {} names it, but has no list for {}: AWS ends it after {} with {}", in.name,
        hook.name, by.name, handlers::name(as), to_text(hook.heartbeat_timeout), hook.default_result);
  }

  // The group that gets it, if that answers hooks.
  const group* taker_of(const aws::scaling_group& in) const {
    const auto first =
        std::find_if(config_.groups.begin(), config_.groups.end(), [&in](const group& each) { return gets(each, in); });
    return first != config_.groups.end() && !first->hooks.empty() ? &*first : nullptr;
  }

  void say_of_hook(const aws::scaling_group& in, const aws::lifecycle_hook& hook, const group& to) {
    const auto name = fmt::format("{}: hook {}", in.name, hook.name);
    bool fits = true;
    if (hook.global_timeout < to.deadline) {
      fits = false;
      say(kind::warning,
          "{}: AWS ends it after {}, before the deadline of group {} ({}): make its heartbeat timeout "
          "longer, or the deadline shorter",
          name, to_text(hook.global_timeout), to.name, to_text(to.deadline));
    }
    const auto is_ours = [&hook](const auto& queue) { return aws::is_queue_at(hook.notifies, queue.url); };
    if (aws::is_queue(hook.notifies) && std::none_of(config_.queues.begin(), config_.queues.end(), is_ours)) {
      fits = false;
      say(kind::wrong, "{}: notifies {}, which is no queue of the configuration", name, hook.notifies);
    }
    if (fits) say(kind::fine, "{}: answered by group {}; {}", name, to.name, way_of(hook));
  }

  static std::string way_of(const aws::lifecycle_hook& hook) {
    if (hook.notifies.empty()) return "it notifies nobody: an EventBridge rule must feed the queue";
    if (aws::is_queue(hook.notifies)) return "it notifies the queue";
    return fmt::format("the queue must be subscribed to {}", hook.notifies);
  }

  wiring& parts_;
  const config& config_;
  const tell_finding& tell_;
};

}  // namespace

task<> check_against_aws(wiring& parts, const config& of, tell_finding tell) {
  looking at(parts, of, tell);
  co_await at.all();
}

}  // namespace lifehook::worker
