#pragma once

#include "aws/ecs.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Pure: what ECS's answers about one cluster mean to each who asked. What an answer does not mention has not been
// answered: errc::unreachable, never "gone" or "none".
namespace lifehook::handlers {

constexpr std::size_t most_described = 100;  // by a call of ECS

// A container instance as ECS described it last; null: gone. Shared, so that the coroutines which hand it on have room
// for a pointer: thousands ask at the same moment.
using current_instance = std::shared_ptr<const aws::container_instance>;
using found_instances = std::vector<current_instance>;  // none null; usually one, two when an agent registered again

// Who named a cluster. Of one that a person configured, "not found" is an outage: the configuration must be corrected.
// One that ECS listed may have been deleted since: then nothing is in it, and whoever asks is told so.
enum class named_by { configuration, listing };

bool is_missing(const aws::ecs_failure& of);
// Whether a call was refused for one of those it asks of: each then asks for itself.
bool is_of_a_member(const error& why);
error not_answered(std::string_view what, std::string_view which);

// ECS names what it lacks. What it does not mention at all has not been answered: the first of those, if any.
template <class T>
std::optional<error> first_unanswered(std::string_view what, const std::vector<std::string>& asked,
                                      const aws::ecs_listing<T>& answer) {
  std::set<std::string_view> told;
  for (const auto& each : answer.found) told.insert(each.arn);
  for (const auto& each : answer.failures)
    if (is_missing(each)) told.insert(each.arn);
  for (const auto& arn : asked)
    if (!told.contains(arn)) return not_answered(what, arn);
  return std::nullopt;
}

// ECS answers in any order: to each ARN its own.
std::vector<result<current_instance>> by_arn(const std::vector<std::string>& asked,
                                             aws::ecs_listing<aws::container_instance> answer);
// To each EC2 instance its own, less those that are gone.
result<std::vector<result<found_instances>>> by_ec2_instance(const std::vector<std::string>& asked,
                                                             std::vector<aws::container_instance> found);

// What `why` means to who asked: of a listed cluster that is no longer there, `none`.
template <class Answer>
result<Answer> unless_deleted(named_by who, const error& why, Answer none) {
  if (who == named_by::listing && aws::is_unknown_cluster(why)) return none;
  return why;
}

// To each its value, where it could be had.
template <class Answer>
std::vector<result<Answer>> each_its_own(const std::vector<result<>>& answers, std::vector<Answer> values) {
  std::vector<result<Answer>> own;
  for (std::size_t place = 0; place < answers.size(); ++place) {
    if (answers[place].has_error())
      own.emplace_back(answers[place].error());
    else
      own.emplace_back(std::move(values[place]));
  }
  return own;
}

template <class Answer>
std::vector<result<Answer>> nothing_for(const std::vector<std::string>& asked) {
  return std::vector<result<Answer>>(asked.size(), Answer());
}

}  // namespace lifehook::handlers
