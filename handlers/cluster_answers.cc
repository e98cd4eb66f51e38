#include "handlers/cluster_answers.h"

#include <fmt/format.h>

#include <map>

namespace lifehook::handlers {

namespace {

// Also what never became one: ECS goes on listing it.
bool is_gone(const aws::container_instance& of) {
  return of.status == "INACTIVE" ||
         (of.status == "REGISTRATION_FAILED" && of.running_tasks == 0 && of.pending_tasks == 0);
}

current_instance shared(aws::container_instance&& of) {
  return is_gone(of) ? nullptr : std::make_shared<const aws::container_instance>(std::move(of));
}

}  // namespace

bool is_missing(const aws::ecs_failure& of) { return of.reason == "MISSING" || of.reason == "INACTIVE"; }

bool is_of_a_member(const error& why) { return why.code() == errc::rejected || why.code() == errc::not_found; }

error not_answered(std::string_view what, std::string_view which) {
  return {errc::unreachable, fmt::format("ECS did not answer for {} {}", what, which)};
}

std::vector<result<current_instance>> by_arn(const std::vector<std::string>& asked,
                                             aws::ecs_listing<aws::container_instance> answer) {
  std::map<std::string, current_instance> known;
  for (const auto& each : answer.failures)
    if (is_missing(each)) known.emplace(each.arn, nullptr);
  for (auto& each : answer.found) {
    auto arn = each.arn;
    known.insert_or_assign(std::move(arn), shared(std::move(each)));
  }
  std::vector<result<current_instance>> answers;
  for (const auto& arn : asked) {
    const auto one = known.find(arn);
    if (one != known.end())
      answers.emplace_back(one->second);
    else
      answers.emplace_back(not_answered("container instance", arn));
  }
  return answers;
}

result<std::vector<result<found_instances>>> by_ec2_instance(const std::vector<std::string>& asked,
                                                             std::vector<aws::container_instance> found) {
  std::map<std::string, found_instances> by_id;
  for (auto& each : found) {
    const auto one = shared(std::move(each));
    if (!one) continue;
    if (one->ec2_instance_id.empty()) return not_answered("the EC2 instance of", one->arn);
    by_id[one->ec2_instance_id].push_back(one);
  }
  std::vector<result<found_instances>> answers;
  for (const auto& id : asked) answers.emplace_back(by_id[id]);
  return answers;
}

}  // namespace lifehook::handlers
