#include "bench/floor_calls.h"

#include "bench/answer_texts.h"
#include "bench/hook_names.h"

#include <algorithm>
#include <array>

namespace lifehook::bench {

namespace {

constexpr std::size_t most_changed = 10;  // by UpdateContainerInstancesState and by DeleteMessageBatch

void append_in_tens(std::vector<planned_call>& to, floor_call what, std::span<const unsigned> hooks) {
  for (; !hooks.empty(); hooks = hooks.subspan(std::min(most_changed, hooks.size()))) {
    const auto some = hooks.first(std::min(most_changed, hooks.size()));
    to.push_back({what, {some.begin(), some.end()}});
  }
}

void append_group(std::vector<planned_call>& to, std::span<const unsigned> hooks) {
  to.push_back({floor_call::find, {hooks.begin(), hooks.end()}});
  append_in_tens(to, floor_call::drain, hooks);
  to.push_back({floor_call::describe, {hooks.begin(), hooks.end()}});
  for (const auto hook : hooks) to.push_back({floor_call::complete, {hook}});
  append_in_tens(to, floor_call::remove, hooks);
}

std::string receive_body(const std::string& queue_url, unsigned wait_seconds) {
  return R"({"QueueUrl":")" + queue_url + R"(","MaxNumberOfMessages":10,"WaitTimeSeconds":)" +
         std::to_string(wait_seconds) + R"(,"VisibilityTimeout":120,"MessageSystemAttributeNames":["All"]})";
}

std::string find_body(const std::vector<unsigned>& hooks) {
  std::string body(R"({"cluster":"prod","filter":"ec2InstanceId in [)");
  for (const auto hook : hooks) {
    append_name(body, hook_name::instance, hook);
    body.append(",");
  }
  body.back() = ']';
  return body.append(R"(","maxResults":100})");
}

std::string instances_body(const std::vector<unsigned>& hooks, std::string_view rest) {
  std::string body(R"({"cluster":"prod","containerInstances":[)");
  for (const auto hook : hooks) {
    body.append("\"");
    append_name(body, hook_name::container_instance, hook);
    body.append("\",");
  }
  body.back() = ']';
  return body.append(rest);
}

std::string complete_body(unsigned hook) {
  std::string body(
      "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=web-asg"
      "&LifecycleHookName=drain-hook&LifecycleActionToken=");
  append_name(body, hook_name::token, hook);
  body.append("&InstanceId=");
  append_name(body, hook_name::instance, hook);
  return body.append("&LifecycleActionResult=CONTINUE");
}

std::string remove_body(const std::vector<unsigned>& hooks, const std::string& queue_url) {
  std::string body(R"({"QueueUrl":")" + queue_url + R"(","Entries":[)");
  for (const auto hook : hooks) {
    body.append(R"({"Id":")");
    append_number(body, hook);
    body.append(R"(","ReceiptHandle":")");
    append_name(body, hook_name::receipt_handle, hook);
    body.append("\"},");
  }
  body.back() = ']';
  return body.append("}");
}

std::string body_of(const planned_call& call, const std::string& queue_url, unsigned wait_seconds) {
  switch (call.what) {
    case floor_call::receive: return receive_body(queue_url, wait_seconds);
    case floor_call::find: return find_body(call.hooks);
    case floor_call::drain: return instances_body(call.hooks, R"(,"status":"DRAINING"})");
    case floor_call::describe: return instances_body(call.hooks, "}");
    case floor_call::complete: return complete_body(call.hooks.front());
    case floor_call::remove: break;
  }
  return remove_body(call.hooks, queue_url);
}

struct wire_names {
  std::string_view signing_name, content_type, target;
};

constexpr std::string_view sqs_type = "application/x-amz-json-1.0";
constexpr std::string_view ecs_type = "application/x-amz-json-1.1";

constexpr std::array<wire_names, 6> names{
    {{"sqs", sqs_type, "AmazonSQS.ReceiveMessage"},
     {"ecs", ecs_type, "AmazonEC2ContainerServiceV20141113.ListContainerInstances"},
     {"ecs", ecs_type, "AmazonEC2ContainerServiceV20141113.UpdateContainerInstancesState"},
     {"ecs", ecs_type, "AmazonEC2ContainerServiceV20141113.DescribeContainerInstances"},
     {"autoscaling", "application/x-www-form-urlencoded; charset=utf-8", ""},
     {"sqs", sqs_type, "AmazonSQS.DeleteMessageBatch"}}};

constexpr std::string_view list_start = R"({"Messages":[)";
constexpr std::string_view list_end = "]}";
constexpr std::string_view message_start = R"({"MessageId":")";

std::size_t message_length() {
  std::string message;
  append_message(message, 0, message_body(0, "2026-03-02T10:15:30.000Z"), {std::string(32, '0'), "1772446530301"});
  return message.size();
}

}  // namespace

std::vector<planned_call> plan_for(std::span<const unsigned> hooks, std::size_t batch) {
  std::vector<planned_call> plan;
  for (; !hooks.empty(); hooks = hooks.subspan(std::min(batch, hooks.size())))
    append_group(plan, hooks.first(std::min(batch, hooks.size())));
  return plan;
}

std::string_view signing_name(floor_call call) { return names[static_cast<std::size_t>(call)].signing_name; }

aws::http_request unsigned_request(const planned_call& call, const std::string& url, unsigned wait_seconds) {
  const auto& with = names[static_cast<std::size_t>(call.what)];
  aws::http_request made{.url = url + "/",
                         .headers = {{"Content-Type", std::string(with.content_type)}},
                         .body = body_of(call, url + "/111122223333/life", wait_seconds)};
  if (!with.target.empty()) made.headers.emplace_back("X-Amz-Target", with.target);
  return made;
}

std::vector<unsigned> hooks_received(std::string_view body) {
  static const auto length = message_length();
  std::vector<unsigned> hooks;
  if (body.size() <= list_start.size()) return hooks;
  const auto number = list_start.size() + message_start.size() + prefix_of(hook_name::message_id).size();
  const auto first = read_number(body.substr(number)).value_or(0);
  const auto count = (body.size() - list_start.size() - list_end.size() + 1) / (length + 1);
  for (unsigned n = 0; n < count; ++n) hooks.push_back(first + n);
  return hooks;
}

}  // namespace lifehook::bench
