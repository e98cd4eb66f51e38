#include "simulator/sqs_service.h"

#include "simulator/md5.h"
#include "simulator/sqs_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace lifehook::simulator {
namespace {

using boost::json::object;

std::string in_seconds(time_point when) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
}

bool is_queue_name(std::string_view name) {
  if (name.ends_with(".fifo")) name.remove_suffix(5);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 80 && std::ranges::all_of(name, allowed);
}

std::string_view last_part(std::string_view text, char after) { return text.substr(text.rfind(after) + 1); }

fault no_queue() { return {400, "QueueDoesNotExist", "The specified queue does not exist."}; }

}  // namespace

std::unique_ptr<sqs> sqs::make(loop_executor executor, clock& time, account owner, std::string base_url,
                               std::uint64_t seed) {
  return std::make_unique<sqs_service>(std::move(executor), time, std::move(owner), std::move(base_url), seed);
}

sqs_service::sqs_service(loop_executor executor, clock& time, account owner, std::string base_url, std::uint64_t seed)
    : executor_(std::move(executor)),
      clock_(time),
      owner_(std::move(owner)),
      base_url_(std::move(base_url)),
      random_(seed),
      handles_(seed) {}

void hosted_queue::attend() {
  if (line.empty()) {
    due_.unset();
    return;
  }
  queue.settle(clock_of.now());
  if (queue.any_visible()) line.wake_first();
  arm();
}

task<poll_line::woken> hosted_queue::wait(time_point until) {
  arm();
  return line.wait(until - clock_of.now());
}

void hosted_queue::arm() {
  if (!queue.any_hidden()) {
    due_.unset();
    return;
  }
  if (due_.is_set() && due_at_ == queue.next_due()) return;
  due_at_ = queue.next_due();
  due_.set(due_at_, [this] { attend(); });
}

const std::map<std::string_view, sqs_service::action>& sqs_service::table() {
  static const std::map<std::string_view, action> actions{
      {"CreateQueue", &sqs_service::create},
      {"DeleteQueue", &sqs_service::delete_queue},
      {"PurgeQueue", &sqs_service::purge},
      {"ListQueues", &sqs_service::list},
      {"GetQueueUrl", &sqs_service::get_url},
      {"GetQueueAttributes", &sqs_service::get_attributes},
      {"SetQueueAttributes", &sqs_service::set_attributes},
      {"SendMessage", &sqs_service::send_one},
      {"SendMessageBatch", &sqs_service::send_batch},
      {"DeleteMessage", &sqs_service::delete_one},
      {"DeleteMessageBatch", &sqs_service::delete_batch},
      {"ChangeMessageVisibility", &sqs_service::change_one},
      {"ChangeMessageVisibilityBatch", &sqs_service::change_batch},
  };
  return actions;
}

std::vector<std::string_view> sqs_service::actions() const {
  std::vector<std::string_view> all{"ReceiveMessage"};
  for (const auto& [name, act] : table()) all.push_back(name);
  return all;
}

task<answered> sqs_service::handle(request asked) {
  if (asked.action == "ReceiveMessage") co_return co_await receive(std::move(asked.body));
  const auto found = table().find(asked.action);
  if (found == table().end())
    co_return fault{400, "InvalidAction", fmt::format("The action {} is not valid for this endpoint.", asked.action)};
  co_return (this->*found->second)(asked.body);
}

std::string sqs_service::create_queue(std::string name, attribute_map attributes) {
  const auto made = make_queue(name, attributes);
  if (made.has_error()) throw std::invalid_argument("queue " + name + ": " + made.error().message);
  return url_of(**made);
}

std::string sqs_service::send(std::string_view queue_url_or_arn, std::string body, duration delay) {
  const auto to = find_anywhere(queue_url_or_arn);
  if (!to) return {};
  sqs_message fresh;
  fresh.body = std::move(body);
  fresh.body_md5 = md5_hex(fresh.body);
  return put(*to, std::move(fresh), delay);
}

queue_counts sqs_service::counts(std::string_view queue_url_or_arn) {
  const auto of = find_anywhere(queue_url_or_arn);
  if (!of) return {};
  of->queue.settle(clock_.now());
  return of->queue.counts();
}

void sqs_service::lag_counts(count_lags by) {
  count_lags_ = by;
  for (const auto& [name, each] : queues_) each->queue.lag_counts(by, clock_.now());
}

std::vector<std::string> sqs_service::bodies(std::string_view queue_url_or_arn) {
  const auto of = find_anywhere(queue_url_or_arn);
  if (!of) return {};
  of->queue.settle(clock_.now());
  return of->queue.bodies();
}

sqs_service::found sqs_service::make_queue(const std::string& name, const attribute_map& attributes) {
  if (!is_queue_name(name))
    return fault{400, "InvalidParameterValue",
                 "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"};
  auto checked = with_attributes({}, attributes);
  if (checked.has_error()) return std::move(checked).error();
  if (const auto there = queues_.find(name); there != queues_.end()) {
    if (there->second->queue.attributes.set == checked->set) return there->second;
    return fault{400, "QueueNameExists",
                 "A queue already exists with the same name and a different value for an attribute."};
  }
  auto fresh = std::make_shared<hosted_queue>(executor_, clock_);
  fresh->number = random_();
  fresh->name = name;
  fresh->created = fresh->modified = clock_.now();
  fresh->queue.attributes = std::move(*checked);
  fresh->queue.lag_counts(count_lags_, fresh->created);
  queues_.emplace(name, fresh);
  return fresh;
}

sqs_service::found sqs_service::find_named(std::string_view name) const {
  const auto there = queues_.find(name);
  if (there == queues_.end()) return no_queue();
  return there->second;
}

sqs_service::found sqs_service::find_asked(const object& asked) const {
  const auto url = required_text(asked, "QueueUrl");
  if (url.has_error()) return url.error();
  return find_named(last_part(*url, '/'));
}

sqs_service::hosted sqs_service::find_anywhere(std::string_view url_or_arn) const {
  const auto found = find_named(last_part(url_or_arn, url_or_arn.starts_with("arn:") ? ':' : '/'));
  return found.has_value() ? *found : nullptr;
}

std::string sqs_service::url_of(const hosted_queue& queue) const {
  return fmt::format("{}/{}/{}", base_url_, owner_.id, queue.name);
}

answered sqs_service::create(object& asked) {
  const auto name = required_text(asked, "QueueName");
  if (name.has_error()) return name.error();
  const auto made = make_queue(std::string(*name), text_map(asked, "Attributes"));
  if (made.has_error()) return made.error();
  return answer{object{{"QueueUrl", url_of(**made)}}, {}};
}

answered sqs_service::delete_queue(object& asked) {
  const auto of = find_asked(asked);
  if (of.has_error()) return of.error();
  (*of)->deleted = true;
  (*of)->line.wake_all();
  queues_.erase((*of)->name);
  return answer{};
}

answered sqs_service::purge(object& asked) {
  const auto of = find_asked(asked);
  if (of.has_error()) return of.error();
  (*of)->queue.clear(clock_.now());
  (*of)->attend();
  return answer{};
}

answered sqs_service::list(object& asked) {
  const auto* prefix = asked.if_contains("QueueNamePrefix");
  const std::string_view begins = prefix && prefix->is_string() ? std::string_view(prefix->get_string()) : "";
  boost::json::array urls;
  for (auto at = queues_.lower_bound(begins); at != queues_.end() && at->first.starts_with(begins); ++at) {
    if (urls.size() == 1000) break;
    urls.emplace_back(url_of(*at->second));
  }
  if (urls.empty()) return answer{object{}, {}};
  return answer{object{{"QueueUrls", std::move(urls)}}, {}};
}

answered sqs_service::get_url(object& asked) {
  const auto name = required_text(asked, "QueueName");
  if (name.has_error()) return name.error();
  const auto of = find_named(*name);
  if (of.has_error()) return of.error();
  return answer{object{{"QueueUrl", url_of(**of)}}, {}};
}

object sqs_service::attributes_of(hosted_queue& queue) const {
  const auto counts = queue.queue.told_counts(clock_.now());
  object all;
  for (const auto& [name, value] : queue.queue.attributes.set) all.emplace(name, value);
  all.emplace("QueueArn", queue_arn(queue.name));
  all.emplace("ApproximateNumberOfMessages", std::to_string(counts.visible));
  all.emplace("ApproximateNumberOfMessagesNotVisible", std::to_string(counts.in_flight));
  all.emplace("ApproximateNumberOfMessagesDelayed", std::to_string(counts.delayed));
  all.emplace("CreatedTimestamp", in_seconds(queue.created));
  all.emplace("LastModifiedTimestamp", in_seconds(queue.modified));
  return all;
}

answered sqs_service::get_attributes(object& asked) {
  const auto of = find_asked(asked);
  if (of.has_error()) return of.error();
  auto all = attributes_of(**of);
  const auto names = texts(asked, "AttributeNames");
  if (names.empty()) return answer{object{}, {}};
  if (std::ranges::find(names, "All") != names.end()) return answer{object{{"Attributes", std::move(all)}}, {}};
  object chosen;
  for (const auto& name : names)
    if (const auto* value = all.if_contains(name)) chosen.emplace(name, *value);
  return answer{object{{"Attributes", std::move(chosen)}}, {}};
}

answered sqs_service::set_attributes(object& asked) {
  const auto of = find_asked(asked);
  if (of.has_error()) return of.error();
  auto& queue = **of;
  auto changed = with_attributes(queue.queue.attributes, text_map(asked, "Attributes"));
  if (changed.has_error()) return std::move(changed).error();
  queue.queue.attributes = std::move(*changed);
  queue.modified = clock_.now();
  return answer{};
}

}  // namespace lifehook::simulator
