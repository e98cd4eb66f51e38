#include "worker/aws_check.h"

#include "aws/sns.h"
#include "handlers/route.h"
#include "handlers/step_table.h"
#include "queues/attributes.h"
#include "worker/groups_check.h"
#include "worker/queue_feeds.h"
#include "worker/queue_labels.h"
#include "worker/queue_lacks.h"

#include <fmt/ranges.h>

#include <set>

namespace lifehook::worker {

namespace {

using handlers::group;
using kind = aws_finding::kind;

template <class See>
void for_each_step(const config& of, See see) {
  for (const auto& each : of.groups)
    handlers::for_each_step(each, [&see](const handlers::step_plan& step, handlers::event_kind) { see(step); });
}

std::set<std::string> clusters_named(const config& of) {
  std::set<std::string> names;
  for_each_step(of, [&names](const handlers::step_plan& step) {
    for (auto& name : handlers::clusters_in(step))
      if (name != "auto") names.insert(std::move(name));
  });
  return names;
}

// Empty where its drains find the cluster themselves.
std::set<std::string> drains_in(const group& of) {
  std::set<std::string> names;
  handlers::for_each_step(of, [&names](const handlers::step_plan& step, handlers::event_kind) {
    if (step.step == "drain_ecs")
      for (auto& name : handlers::clusters_in(step)) names.insert(std::move(name));
  });
  return names.count("auto") > 0 ? std::set<std::string>() : names;
}

std::set<std::string> topics_named(const config& of) {
  std::set<std::string> topics;
  for_each_step(of, [&topics](const handlers::step_plan& step) {
    for (auto& topic : handlers::written_as("TOPIC", step)) topics.insert(std::move(topic));
  });
  return topics;
}

class looking {
 public:
  looking(wiring& parts, const config& of, const tell_finding& tell) : parts_(parts), config_(of), tell_(tell) {}

  task<> all() {
    const auto who = co_await parts_.sts.get_caller_identity();
    if (who.has_error() && who.error().code() == errc::denied)
      co_return say(tell_, kind::wrong, "credentials: {}", who.error().what());
    if (who.has_error())
      say(tell_, kind::warning, "who we are is not known, which a worker can do without: {}", who.error().what());
    else
      say(tell_, kind::fine, "AWS takes us for {}; asked in {}", who->arn, parts_.client.region());
    const auto labels = queue_labels(config_.queues);
    for (std::size_t i = 0; i < labels.size(); ++i) co_await look_at_queue(config_.queues[i].url, labels[i]);
    co_await look_at_state();
    co_await look_at_clusters();
    for (const auto& each : config_.groups) co_await look_at_task_clusters(each);
    const auto topics = topics_named(config_);
    for (const auto& each : topics) co_await look_at_topic(each);
    feeds_.say_of_lists(config_);
    co_await look_at_groups();
  }

 private:
  task<> look_at_queue(const std::string& url, const std::string& name) {
    const auto told = co_await parts_.sqs.attributes(url);
    if (told.has_error()) {
      feeds_.misses_some();
      co_return say(tell_, kind::wrong, "queue {}: {}: {}", name, told.error().what(), queues::advice_on(told.error()));
    }
    const auto read = queues::read_attributes(*told);
    const auto found = queues::check(read, longest_deadline_of(config_));
    for (const auto& each : found)
      say(tell_, each.refuses ? kind::wrong : kind::warning, "queue {}: {}", name, each.text);
    for (const auto& each : lacks_of(read, config_)) say(tell_, kind::warning, "queue {}: {}", name, each);
    if (found.empty())
      say(tell_, kind::fine, "queue {}: messages visible {}, in flight {}; to the dead letters after {} receives", name,
          read.visible, read.in_flight, read.max_receive_count);
    const auto rules = co_await parts_.eventbridge.rules_to(read.arn, std::string(aws::queue_region(url)));
    if (rules.has_error())
      feeds_.cannot_see(rules.error());
    else
      feeds_.see(name, read, *rules);
  }

  task<> look_at_state() {
    const auto where = parts_.state->backend();
    if (where == "memory") co_return;
    const auto answered = co_await parts_.state->probe();
    if (answered.has_error())
      say(tell_, kind::wrong, "state {}: {}", where, answered.error().what());
    else
      say(tell_, kind::fine, "state {}: answers", where);
  }

  task<> look_at_clusters() {
    const auto named = clusters_named(config_);
    for (const auto& each : named) co_await look_at_cluster(each);
  }

  task<> look_at_cluster(const std::string& name) {
    const auto found = co_await parts_.equipment.ecs.usual.describe_clusters({name});
    if (found.has_error()) co_return say(tell_, kind::wrong, "ECS cluster {}: {}", name, found.error().what());
    if (found->empty()) co_return say(tell_, kind::wrong, "ECS cluster {}: ECS knows none of this name", name);
    const auto& status = found->front().status;
    say(tell_, status == "ACTIVE" ? kind::fine : kind::wrong, "ECS cluster {}: {}", name, status);
  }

  // One call for each cluster of its drains, unless a former has one of them.
  task<> look_for_instances(const group& of, std::vector<std::string> ids) {
    const auto named = drains_in(of);
    if (named.empty() || ids.empty()) co_return;
    for (const auto& each : named) {
      const auto found = co_await parts_.equipment.ecs.usual.find_container_instances(each, ids);
      if (found.has_error())
        co_return say(tell_, kind::warning, "group {}: its instances in ECS cluster {}: {}", of.name, each,
                      found.error().what());
      if (!found->empty()) co_return;
    }
    say(tell_, kind::warning,
        "group {}: of {} instances in service none is in ECS cluster {}: drain_ecs passes them over, and their tasks "
        "end with them",
        of.name, ids.size(), fmt::join(named, " or "));
  }

  // Patterns may match what comes later.
  task<> look_at_task_clusters(const group& of) {
    for (const auto& each : of.match_clusters) {
      if (each.find_first_of("*?") != each.npos) continue;
      const auto found = co_await parts_.equipment.ecs.usual.describe_clusters({each});
      if (found.has_error())
        say(tell_, kind::wrong, "group {}: ECS cluster {}: {}", of.name, each, found.error().what());
      else if (found->empty())
        say(tell_, kind::warning, "group {}: ECS knows no cluster {}: none of its tasks is matched now", of.name, each);
    }
  }

  // A worker publishes without a look: whether it may is not to be known without a message to all who listen.
  task<> look_at_topic(const std::string& arn) {
    const auto found = co_await parts_.equipment.sns.usual.look_at(arn);
    if (found.has_value()) co_return say(tell_, kind::fine, "topic {}: is there", arn);
    const auto& why = found.error();
    if (why.aws_code() == "NotFound") co_return say(tell_, kind::wrong, "topic {}: SNS knows none of this name", arn);
    if (why.code() != errc::denied) co_return say(tell_, kind::wrong, "topic {}: {}", arn, why.what());
    say(tell_, kind::warning,
        "topic {}: without sns:GetTopicAttributes, which a worker does not need, nobody knows: {}", arn, why.what());
  }

  task<> look_at_groups() {
    const auto listed = co_await parts_.equipment.autoscaling.usual.all_groups();
    if (listed.has_error()) co_return say(tell_, kind::wrong, "Auto Scaling groups: {}", listed.error().what());
    groups_.see_groups(*listed);
    for (const auto& each : config_.groups) co_await look_for_instances(each, groups_.in_service_of(each, *listed));
    std::vector<aws::scaling_group> with_hooks;
    for (const auto& each : *listed)
      if (groups_.is_of_interest(each)) with_hooks.push_back(each);
    co_await look_at_hooks(with_hooks);
  }

  // What AWS does not tell of one it does not tell of the others: it is said once.
  task<> look_at_hooks(const std::vector<aws::scaling_group>& all) {
    bool sees_all = true;
    for (auto left = all.size(); const auto& each : all) {
      --left;
      const auto hooks = co_await parts_.equipment.autoscaling.usual.hooks(each.name);
      if (hooks.has_value()) {
        groups_.see_hooks(each, *hooks);
        continue;
      }
      const bool ends = left > 0 && is_outage(hooks.error().code());
      say(tell_, kind::wrong, "{}: lifecycle hooks: {}{}", each.name, hooks.error().what(),
          ends ? fmt::format("; those of {} more are not looked at", left) : "");
      if (ends) co_return;
      sees_all = false;
    }
    if (sees_all) groups_.say_of_idle();
  }

  wiring& parts_;
  const config& config_;
  const tell_finding& tell_;
  queue_feeds feeds_{tell_};
  groups_check groups_{config_, feeds_, tell_};
};

}  // namespace

task<> check_against_aws(wiring& parts, const config& of, tell_finding tell) {
  looking at(parts, of, tell);
  co_await at.all();
}

}  // namespace lifehook::worker
