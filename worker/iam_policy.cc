#include "worker/iam_policy.h"

#include "aws/credential_chain.h"
#include "aws/sns.h"
#include "aws/sqs.h"
#include "handlers/step_table.h"
#include "worker/policy_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace lifehook::worker {

namespace {

using handlers::event_kind;
using handlers::group;
using handlers::setting_kind;
using handlers::step_plan;
using texts = std::vector<std::string>;

const std::string any = "*";
constexpr std::size_t most_inline = 10'240;  // characters of all inline policies of a role

std::string account_at(std::string_view queue_url) {
  const std::string account(aws::queue_account(queue_url));
  const bool is_one = account.size() == 12 && account.find_first_not_of("0123456789") == account.npos;
  return is_one ? account : any;
}

std::string region_at(std::string_view queue_url, const std::string& otherwise) {
  const auto region = aws::queue_region(queue_url);
  return region.empty() ? otherwise : std::string(region);
}

std::string region_of(const config& of, const aws::environment& env) {
  if (of.region) return *of.region;
  const auto told = aws::configured_region(env);
  return told.has_value() && !told->empty() ? *told : region_at(of.queues.front().url, any);
}

bool is_needed(const handlers::permission& of, const step_plan& step, event_kind on) {
  if (of.on && of.on != on) return false;
  if (of.value.empty()) return of.setting.empty() || step.with.has(of.setting);
  const auto values = step.with.texts(of.setting);
  return std::find(values.begin(), values.end(), of.value) != values.end();
}

// The clusters a step names; of one that cannot name any, those whose tasks its group is told of.
texts clusters_of(const step_plan& step, const group& in) {
  auto names = handlers::clusters_in(step);
  std::replace(names.begin(), names.end(), std::string("auto"), any);
  const auto& schema = handlers::find_step(step.step)->schema;
  const bool may_name = std::any_of(schema.begin(), schema.end(), [](const auto& spec) {
    return spec.kind == setting_kind::cluster || spec.kind == setting_kind::cluster_list;
  });
  return may_name ? names : in.match_clusters;
}

// Of a document its name, without a version, and whose it is. An ARN says that; a name may be ours or, with no account,
// AWS's.
void add_document(policy_words& to, const std::string& document) {
  const auto name = std::string_view(document).substr(document.rfind('/') + 1);
  to["DOCUMENT"] = {std::string(name.substr(0, name.find(':')))};
  constexpr auto account_in_arn = 4;
  auto rest = std::string_view(document);
  for (int parts = 0; parts < account_in_arn; ++parts) rest.remove_prefix(std::min(rest.find(':') + 1, rest.size()));
  if (document.starts_with("arn:"))
    to["OWNER"] = {std::string(rest.substr(0, rest.find(':')))};
  else
    to["OWNER"] = {"", to["ACCOUNT"].front()};
}

void add_topic(policy_words& to, const std::string& arn) {
  const auto parts = aws::read_topic(arn);
  if (!parts) return;
  to["REGION"] = {std::string(parts->region)};
  to["ACCOUNT"] = {std::string(parts->account)};
  to["TOPIC"] = {std::string(parts->name)};
}

policy_words words_of(const group& of, policy_words place) {
  place["SERVICE"] = {of.name};
  place["FAMILY"] = of.families.empty() ? texts{any} : of.families;
  for (const auto* unknown : {"TARGET_GROUP", "TASK_ROLE", "EXECUTION_ROLE"}) place[unknown] = {any};
  if (!of.match.empty())
    place["GROUP"] = of.match;
  else if (!of.match_tags.empty())
    place["GROUP"] = {any};
  return place;
}

class gathering {
 public:
  gathering(const config& of, const aws::environment& env)
      : config_(of),
        region_(region_of(of, env)),
        place_{{"REGION", {region_}}, {"ACCOUNT", {account_at(of.queues.front().url)}}} {}

  iam_policy all() {
    for (const auto& each : config_.queues) document_.add("base", words_of_queue(each.url));
    for (const auto& each : config_.groups) add_group(each);
    if (adopts_hooks(config_)) document_.add("adopt-hooks", words_of_queue(config_.queues.front().url));
    auto own = place_;
    own["TABLE"] = {config_.state.table};
    own["OWN_CLUSTER"] = own["OWN_SERVICE"] = {any};
    if (config_.state.backend == state_backend::dynamodb) document_.add("state-dynamodb", own);
    if (config_.budget.counts_replicas) {
      document_.add("budget-replicas", own);
      remarks_.emplace(
          "ecs:DescribeServices is allowed for every service: put the worker's own in place of service/*/*");
    }
    return {document_.text(), remarks()};
  }

 private:
  policy_words words_of_queue(const std::string& url) const {
    return {{"REGION", {region_at(url, region_)}},
            {"ACCOUNT", {account_at(url)}},
            {"QUEUE", {std::string(aws::queue_name(url))}}};
  }

  void add_group(const group& of) {
    const auto words = words_of(of, place_);
    if (!of.hooks.empty()) document_.add("base", words);
    if (!of.match_tags.empty()) document_.add("match-tags", words);
    for_each_step(of, [&](const step_plan& step, event_kind on) { add_step(step, on, of, words); });
  }

  void add_step(const step_plan& step, event_kind on, const group& in, policy_words words) {
    words["CLUSTER"] = clusters_of(step, in);
    words["BUCKET"] = handlers::written_as("BUCKET", step);
    for (const auto& each : handlers::written_as("DOCUMENT", step)) add_document(words, each);
    for (const auto& each : handlers::written_as("TOPIC", step)) add_topic(words, each);
    for (const auto& each : handlers::find_step(step.step)->permissions) {
      if (!is_needed(each, step, on)) continue;
      document_.add(each.policy, words);
      if (!each.remark.empty()) remarks_.emplace(each.remark);
    }
  }

  texts remarks() const {
    texts all(remarks_.begin(), remarks_.end());
    for (const auto& each : config_.groups)
      if (each.match.empty() && !each.match_tags.empty())
        all.push_back(
            fmt::format("group {} is matched by tags: what it needs is allowed in every Auto Scaling group; for "
                        "instances in no group drop the conditions on aws:autoscaling:groupName",
                        each.name));
    for (auto& each : remarks_on_place()) all.push_back(std::move(each));
    all.emplace_back("a queue that is encrypted with a key of your own needs deploy/iam/encrypted-queue.json too");
    if (const auto size = document_.size(); size > most_inline)
      all.push_back(
          fmt::format("it has {} characters; the inline policies of a role may have {} together: use fewer "
                      "patterns, or split it into managed policies",
                      size, most_inline));
    return all;
  }

  // Of all but the queues, whose URLs say where they are.
  texts remarks_on_place() const {
    const auto& account = place_.at("ACCOUNT").front();
    const auto is_elsewhere = [&](const auto& queue) { return account_at(queue.url) != account; };
    const auto is_far = [this](const auto& queue) { return region_at(queue.url, region_) != region_; };
    const auto any_queue = [this](const auto& is) {
      return std::any_of(config_.queues.begin(), config_.queues.end(), is);
    };
    texts all;
    if (account == any || region_ == any)
      all.emplace_back("the account or the region is not known, and stands as *: put yours in its place");
    if (any_queue(is_elsewhere))
      all.push_back(
          fmt::format("queues are of several accounts: all else is taken to be in account {}, the first one's; "
                      "where that is not the worker's, put its own there",
                      account));
    if (!config_.region && any_queue(is_far))
      all.push_back(
          fmt::format("all but the queues is taken to be in region {}; where that is wrong, write region into the "
                      "configuration",
                      region_));
    return all;
  }

  const config& config_;
  std::string region_;
  policy_words place_;
  policy_document document_;
  std::set<std::string_view> remarks_;
};

}  // namespace

iam_policy policy_for(const config& of, const aws::environment& env) { return gathering(of, env).all(); }

}  // namespace lifehook::worker
