#include "bench/answers.h"

#include "bench/answer_texts.h"
#include "bench/hook_names.h"
#include "simulator/md5.h"

#include <algorithm>
#include <array>

namespace lifehook::bench {

namespace {

struct rendering {
  fleet& of;
  job what;
  std::string_view body;  // of the request
  moment read;
  std::string& to;
};

void render_nothing(const rendering&) {}

// Batches succeed whole: every Id of the entries comes back.
void render_batch(const rendering& in) {
  constexpr std::string_view key = R"("Id")";
  in.to.append(R"({"Successful":[)");
  std::string_view comma;
  for (auto at = in.body.find(key); at != std::string_view::npos; at = in.body.find(key, at)) {
    const auto start = in.body.find('"', at + key.size()) + 1;
    at = in.body.find('"', start);
    in.to.append(comma).append(R"({"Id":")").append(in.body.substr(start, at - start)).append("\"}");
    comma = ",";
  }
  in.to.append(R"(],"Failed":[]})");
}

void remove_messages(const rendering& in) {
  for_each_name(in.body, hook_name::receipt_handle, [&in](unsigned hook) { in.of.remove(hook, in.read); });
}

void render_deleted_batch(const rendering& in) {
  remove_messages(in);
  render_batch(in);
}

void render_queue_attributes(const rendering& in) { in.to.append(queue_attributes()); }

// `append(hook)` for every hook named in the request, with commas.
template <class Append>
void render_list(const rendering& in, hook_name kind, Append append) {
  std::string_view comma;
  for_each_name(in.body, kind, [&](unsigned hook) {
    in.to.append(comma);
    append(hook);
    comma = ",";
  });
}

void render_found_instances(const rendering& in) {
  in.to.append(R"({"containerInstanceArns":[)");
  render_list(in, hook_name::instance, [&in](unsigned hook) {
    in.to.append("\"");
    append_name(in.to, hook_name::container_instance, hook);
    in.to.append("\"");
  });
  in.to.append("]}");
}

void render_container_instances(const rendering& in) {
  in.to.append(R"({"containerInstances":[)");
  render_list(in, hook_name::container_instance,
              [&in](unsigned hook) { append_container_instance(in.to, hook, in.of.draining(hook)); });
  in.to.append(R"(],"failures":[]})");
}

void render_updated_instances(const rendering& in) {
  if (in.body.find("\"DRAINING\"") != std::string_view::npos)
    for_each_name(in.body, hook_name::container_instance, [&in](unsigned hook) { in.of.drain(hook); });
  render_container_instances(in);
}

void render_no_task_arns(const rendering& in) { in.to.append(R"({"taskArns":[]})"); }
void render_no_tasks(const rendering& in) { in.to.append(R"({"tasks":[],"failures":[]})"); }
void render_clusters(const rendering& in) { in.to.append(cluster_list()); }

void render_completed(const rendering& in) {
  for_each_name(in.body, hook_name::token, [&in](unsigned hook) { in.of.complete(hook, in.read); });
}

std::string_view lifecycle_state(const rendering& in, unsigned hook) {
  if (in.what == job::spot) return "InService";
  return in.of.completed(hook) ? "Terminating:Proceed" : "Terminating:Wait";
}

void render_scaling_instances(const rendering& in) {
  in.to.append("<AutoScalingInstances>");
  for_each_name(in.body, hook_name::instance,
                [&in](unsigned hook) { append_scaling_instance(in.to, hook, lifecycle_state(in, hook)); });
  in.to.append("</AutoScalingInstances>");
}

void render_targets(const rendering& in) {
  in.to.append("<TargetHealthDescriptions>");
  for (unsigned hook = 0; hook < in.of.so_far().hooks; ++hook) append_target(in.to, hook, in.of.completed(hook));
  in.to.append("</TargetHealthDescriptions>");
}

void render_deregistered(const rendering& in) {
  for_each_name(in.body, hook_name::instance, [&in](unsigned hook) {
    in.of.drain(hook);
    in.of.complete(hook, in.read);
  });
}

void render_hooks(const rendering& in) { in.to.append(lifecycle_hooks()); }
void render_groups(const rendering& in) {
  in.to.append(scaling_group_before_members());
  if (in.what == job::spot)
    for (unsigned hook = 0; hook < in.of.so_far().hooks; ++hook) append_group_member(in.to, hook);
  in.to.append(scaling_group_after_members());
}
void render_identity(const rendering& in) { in.to.append(caller_identity()); }

constexpr std::string_view json_1_0 = "application/x-amz-json-1.0";
constexpr std::string_view json_1_1 = "application/x-amz-json-1.1";
constexpr std::string_view autoscaling_xml = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
constexpr std::string_view elb_xml = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
constexpr std::string_view sts_xml = "https://sts.amazonaws.com/doc/2011-06-15/";

struct operation {
  std::string_view name;
  std::string_view speaks;  // a JSON content type, or the namespace of its XML
  void (*render)(const rendering&);
};

// The most frequent first, ReceiveMessage at the very start.
constexpr std::array<operation, 20> operations{{
    {"ReceiveMessage", json_1_0, render_nothing},
    {"CompleteLifecycleAction", autoscaling_xml, render_completed},
    {"ListContainerInstances", json_1_1, render_found_instances},
    {"UpdateContainerInstancesState", json_1_1, render_updated_instances},
    {"DescribeContainerInstances", json_1_1, render_container_instances},
    {"ListTasks", json_1_1, render_no_task_arns},
    {"DeleteMessageBatch", json_1_0, render_deleted_batch},
    {"DeleteMessage", json_1_0, remove_messages},
    {"ChangeMessageVisibilityBatch", json_1_0, render_batch},
    {"ChangeMessageVisibility", json_1_0, render_nothing},
    {"DescribeAutoScalingInstances", autoscaling_xml, render_scaling_instances},
    {"RecordLifecycleActionHeartbeat", autoscaling_xml, render_nothing},
    {"DescribeTasks", json_1_1, render_no_tasks},
    {"DescribeLifecycleHooks", autoscaling_xml, render_hooks},
    {"DescribeAutoScalingGroups", autoscaling_xml, render_groups},
    {"DescribeClusters", json_1_1, render_clusters},
    {"GetQueueAttributes", json_1_0, render_queue_attributes},
    {"DescribeTargetHealth", elb_xml, render_targets},
    {"DeregisterTargets", elb_xml, render_deregistered},
    {"GetCallerIdentity", sts_xml, render_identity},
}};
constexpr auto queue_url = operations.size();  // GetQueueUrl: the one answer that depends on the port
constexpr auto unknown = queue_url + 1;

std::string_view name_of(std::size_t called) {
  if (called < operations.size()) return operations[called].name;
  return called == queue_url ? "GetQueueUrl" : "unknown";
}

std::string_view action_in(std::string_view form) {
  constexpr std::string_view key = "Action=";
  auto at = form.find(key);
  while (at != std::string_view::npos && at > 0 && form[at - 1] != '&') at = form.find(key, at + 1);
  if (at == std::string_view::npos) return {};
  const auto rest = form.substr(at + key.size());
  return rest.substr(0, rest.find('&'));
}

// The head, and room for the length of what follows; returns where that is.
std::size_t begin_answer(std::string& to, std::string_view status, std::string_view type) {
  to.append("HTTP/1.1 ").append(status);
  to.append("\r\nx-amzn-RequestId: 5c3a6f1e-0000-4000-8000-00000000a002\r\nContent-Type: ").append(type);
  to.append("\r\nContent-Length: 0000000\r\n\r\n");
  return to.size();
}

void end_answer(std::string& to, std::size_t body) {
  auto length = to.size() - body;
  for (auto at = body - 5; length > 0; length /= 10) to[at--] = static_cast<char>('0' + length % 10);
}

void write_xml(const operation& called, const rendering& in) {
  in.to.append("<").append(called.name).append("Response xmlns=\"").append(called.speaks).append("\"><");
  in.to.append(called.name).append("Result>");
  called.render(in);
  in.to.append("</")
      .append(called.name)
      .append("Result><ResponseMetadata><RequestId>5c3a6f1e-0000-4000-8000-00000000a002");
  in.to.append("</RequestId></ResponseMetadata></").append(called.name).append("Response>");
}

unsigned number_of(std::string_view body, std::string_view key, unsigned otherwise) {
  const auto at = body.find(key);
  if (at == std::string_view::npos) return otherwise;
  unsigned number = 0;
  for (auto rest = body.substr(body.find_first_of("0123456789", at + key.size()));
       !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1))
    number = number * 10 + static_cast<unsigned>(rest[0] - '0');
  return number;
}

std::string timestamp(std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts));
  return text;
}

}  // namespace

answers::answers(fleet& of, unsigned hooks, std::string url, job of_all)
    : fleet_(of), job_(of_all), queue_url_(std::move(url) + "/111122223333/life"), calls_(unknown + 1) {
  const auto now = std::chrono::system_clock::now();
  time_ = timestamp(now);
  sent_ms_ = std::to_string(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
  digests_.reserve(hooks);
  for (unsigned hook = 0; hook < hooks; ++hook) digests_.push_back(simulator::md5_hex(body_of(hook)));
}

std::string answers::body_of(unsigned hook) const {
  return job_ == job::spot ? warning_body(hook, time_) : message_body(hook, time_);
}

aws_call answers::note(const http_text& request, instant read) {
  const auto name = request.target.empty() ? action_in(request.body) : request.target;
  const auto row = std::ranges::find(operations, name, &operation::name);
  auto called = static_cast<std::size_t>(row - operations.begin());
  if (called == queue_url && name != "GetQueueUrl") called = unknown;
  ++calls_[called];
  if (keeps_order_) order_.emplace_back(aws_call{called}, read);
  return aws_call{called};
}

bool answers::receives(aws_call called) { return called == aws_call{}; }

void answers::write(std::string& to, aws_call called, std::string_view body, moment read) {
  const auto place = static_cast<std::size_t>(called);
  if (place == queue_url) return append_answer(to, "200 OK", json_1_0, R"({"QueueUrl":")" + queue_url_ + "\"}");
  if (place == unknown)
    return append_answer(to, "400 Bad Request", "text/xml",
                         "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>not part of the "
                         "bench</Message></Error><RequestId>0</RequestId></ErrorResponse>");
  const auto& row = operations[place];
  const bool json = row.speaks.starts_with("application/");
  const auto start = begin_answer(to, "200 OK", json ? row.speaks : "text/xml");
  const rendering in{fleet_, job_, body, read, to};
  json ? row.render(in) : write_xml(row, in);
  end_answer(to, start);
}

void answers::write_messages(std::string& to, hook_range messages) const {
  const auto start = begin_answer(to, "200 OK", json_1_0);
  to.append(messages.count > 0 ? R"({"Messages":[)" : "{");
  for (auto hook = messages.first; hook < messages.first + messages.count; ++hook) {
    if (hook > messages.first) to.append(",");
    append_message(to, hook, body_of(hook), {digests_[hook], sent_ms_});
  }
  to.append(messages.count > 0 ? "]}" : "}");
  end_answer(to, start);
}

std::vector<answers::called_times> answers::calls() const {
  std::vector<called_times> made;
  for (std::size_t called = 0; called < calls_.size(); ++called)
    if (calls_[called] > 0) made.push_back({name_of(called), calls_[called]});
  return made;
}

std::vector<answers::called_at> answers::in_order() const {
  std::vector<called_at> made;
  for (const auto& [called, at] : order_) made.push_back({name_of(static_cast<std::size_t>(called)), at});
  return made;
}

receive_wish read_receive(std::string_view body) {
  return {std::min(number_of(body, R"("MaxNumberOfMessages")", 1), 10U),
          std::chrono::seconds(number_of(body, R"("WaitTimeSeconds")", 0))};
}

void append_answer(std::string& to, std::string_view status, std::string_view type, std::string_view body) {
  const auto start = begin_answer(to, status, type);
  to.append(body);
  end_answer(to, start);
}

}  // namespace lifehook::bench
