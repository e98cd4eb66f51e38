#include "simulator/identity.h"
#include "simulator/md5.h"
#include "simulator/sqs_input.h"
#include "simulator/sqs_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t largest_message = 1U << 20U;
constexpr std::size_t most_in_flight = 120'000;
constexpr std::string_view sender = "AIDASIMULATORSENDER00";

std::string in_milliseconds(time_point when) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count());
}

object failed_entry(std::string_view id, const fault& why) {
  return {{"Id", id}, {"SenderFault", why.status < 500}, {"Code", why.code}, {"Message", why.message}};
}

std::size_t body_size(const object& entry) {
  const auto* body = entry.if_contains("MessageBody");
  return body && body->is_string() ? body->get_string().size() : 0;
}

}  // namespace

// What one ReceiveMessage asks for.
struct sqs_service::poll {
  std::size_t most = 1;
  duration visibility{0};
  duration wait{0};
  std::vector<std::string> attributes;          // of the system: names or "All"
  std::vector<std::string> message_attributes;  // names, "All", or prefixes as "trace.*"

  static boost::system::result<poll, fault> read(const object& asked, const queue_attributes& defaults) {
    const auto most = number_or(asked, "MaxNumberOfMessages", 1, {1, 10});
    if (most.has_error()) return most.error();
    const auto wait = number_or(asked, "WaitTimeSeconds", defaults.receive_wait.count(), {0, 20});
    if (wait.has_error()) return wait.error();
    const auto visibility = number_or(asked, "VisibilityTimeout", defaults.visibility.count(), {0, 43200});
    if (visibility.has_error()) return visibility.error();
    auto names = texts(asked, "MessageSystemAttributeNames");
    if (names.empty()) names = texts(asked, "AttributeNames");
    return poll{static_cast<std::size_t>(*most), std::chrono::seconds(*visibility), std::chrono::seconds(*wait),
                std::move(names), texts(asked, "MessageAttributeNames")};
  }

  bool wants(std::string_view attribute) const {
    return std::ranges::any_of(attributes, [&](const auto& name) { return name == "All" || name == attribute; });
  }
  bool wants_sent(std::string_view attribute) const {
    return std::ranges::any_of(message_attributes, [&](std::string_view name) {
      if (name.ends_with(".*")) return attribute.starts_with(name.substr(0, name.size() - 2));
      return name == "All" || name == attribute;
    });
  }
};

std::string sqs_service::put(hosted_queue& to, sqs_message fresh, duration delay) {
  const auto now = clock_.now();
  fresh.id = make_uuid(random_);
  fresh.sent = now;
  std::uniform_real_distribution<double> draw(0, 1);
  const bool twice = duplicate_share_ > 0 && draw(random_) < duplicate_share_;
  const bool early = duplicate_share_ > 0 && draw(random_) < duplicate_share_;
  const auto id = fresh.id;
  if (twice) {
    auto copy = fresh;
    copy.serial = ++last_serial_;
    to.queue.add(std::move(copy), delay, sqs_queue::end::back, now);
  }
  fresh.serial = ++last_serial_;
  to.queue.add(std::move(fresh), delay, early ? sqs_queue::end::front : sqs_queue::end::back, now);
  to.attend();
  return id;
}

sqs_service::settled sqs_service::accept(hosted_queue& to, object& entry) {
  const auto body = required_text(entry, "MessageBody");
  if (body.has_error()) return body.error();
  if (body->size() > largest_message)
    return fault{400, "InvalidParameterValue",
                 "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."};
  const auto delay = number_or(entry, "DelaySeconds", to.queue.attributes.delay.count(), {0, 900});
  if (delay.has_error()) return delay.error();
  sqs_message fresh;
  fresh.body = *body;
  fresh.body_md5 = md5_hex(*body);
  if (auto* attributes = entry.if_contains("MessageAttributes"); attributes && attributes->is_object())
    fresh.attributes = std::move(attributes->get_object());
  const auto md5 = fresh.body_md5;
  return object{{"MessageId", put(to, std::move(fresh), std::chrono::seconds(*delay))}, {"MD5OfMessageBody", md5}};
}

sqs_service::settled sqs_service::remove(hosted_queue& from, object& entry) {
  const auto handle = required_text(entry, "ReceiptHandle");
  if (handle.has_error()) return handle.error();
  const auto of = handles_.read(*handle, from.number);
  if (of.has_error()) return of.error();
  from.queue.remove(*of, clock_.now());
  return object{};
}

sqs_service::settled sqs_service::change(hosted_queue& in, object& entry) {
  const auto handle = required_text(entry, "ReceiptHandle");
  if (handle.has_error()) return handle.error();
  if (!entry.contains("VisibilityTimeout"))
    return fault{400, "MissingParameter", "The request must contain the parameter VisibilityTimeout."};
  const auto visibility = number_or(entry, "VisibilityTimeout", 0, {0, 43200});
  if (visibility.has_error()) return visibility.error();
  const auto of = handles_.read(*handle, in.number);
  if (of.has_error()) return of.error();
  auto changed = in.queue.change_visibility(*of, std::chrono::seconds(*visibility), clock_.now());
  if (changed.has_error()) return std::move(changed).error();
  return object{};
}

answered sqs_service::send_one(object& asked) {
  const auto to = find_asked(asked);
  if (to.has_error()) return to.error();
  auto sent = accept(**to, asked);
  if (sent.has_error()) return std::move(sent).error();
  return answer{std::move(*sent), {}};
}

answered sqs_service::delete_one(object& asked) {
  const auto from = find_asked(asked);
  if (from.has_error()) return from.error();
  auto removed = remove(**from, asked);
  if (removed.has_error()) return std::move(removed).error();
  return answer{};
}

answered sqs_service::change_one(object& asked) {
  const auto in = find_asked(asked);
  if (in.has_error()) return in.error();
  auto changed = change(**in, asked);
  if (changed.has_error()) return std::move(changed).error();
  (*in)->attend();
  return answer{};
}

answered sqs_service::send_batch(object& asked) {
  const auto entries = batch_entries(asked);
  if (entries.has_error()) return entries.error();
  std::size_t total = 0;
  for (const auto& entry : **entries) total += body_size(entry.get_object());
  if (total > largest_message)
    return fault{400, "BatchRequestTooLong",
                 fmt::format("Batch requests cannot be longer than 1048576 bytes. You have sent {} bytes.", total)};
  return each_entry(asked, &sqs_service::accept);
}

answered sqs_service::delete_batch(object& asked) { return each_entry(asked, &sqs_service::remove); }
answered sqs_service::change_batch(object& asked) { return each_entry(asked, &sqs_service::change); }

answered sqs_service::each_entry(object& asked, settled (sqs_service::*act)(hosted_queue&, object&)) {
  const auto queue = find_asked(asked);
  if (queue.has_error()) return queue.error();
  const auto entries = batch_entries(asked);
  if (entries.has_error()) return entries.error();
  object outcome;
  for (auto& each : **entries) {
    auto& entry = each.get_object();
    auto done = (this->*act)(**queue, entry);
    const std::string_view id = entry.at("Id").get_string();
    auto& list = outcome[done.has_value() ? "Successful" : "Failed"];
    if (!list.is_array()) list.emplace_array();
    if (done.has_error()) {
      list.get_array().emplace_back(failed_entry(id, done.error()));
      continue;
    }
    done->emplace("Id", id);
    list.get_array().emplace_back(std::move(*done));
  }
  (*queue)->attend();
  return answer{std::move(outcome), {}};
}

std::vector<const sqs_message*> sqs_service::take(hosted_queue& from, const poll& with) {
  const auto now = clock_.now();
  const auto& rules = from.queue.attributes;
  const auto grave = rules.max_receive_count > 0 ? find_anywhere(rules.dead_letter_arn) : nullptr;
  const bool redrives = grave && grave.get() != &from;
  auto got = from.queue.receive({with.most, with.visibility, redrives ? rules.max_receive_count : 0}, now);
  if (!got.dead.empty()) {
    for (auto& dead : got.dead) dead.dead_letter_source = queue_arn(from.name);
    grave->queue.adopt(std::move(got.dead), now);
    grave->attend();
  }
  return std::move(got.taken);
}

object sqs_service::shown(const hosted_queue& from, const sqs_message& message, const poll& as) const {
  object written;
  written.reserve(6);
  written.emplace("MessageId", message.id);
  written.emplace("ReceiptHandle", handles_.write({message.serial, message.receive_count}, from.number));
  written.emplace("MD5OfBody", message.body_md5);
  written.emplace("Body", message.body);
  object attributes;
  const auto show = [&](std::string_view name, auto&& value) {
    if (as.wants(name)) attributes.emplace(name, value);
  };
  if (!as.attributes.empty()) {
    show("SenderId", sender);
    show("SentTimestamp", in_milliseconds(message.sent));
    show("ApproximateReceiveCount", std::to_string(message.receive_count));
    show("ApproximateFirstReceiveTimestamp", in_milliseconds(message.first_received));
    if (!message.dead_letter_source.empty()) show("DeadLetterQueueSourceArn", message.dead_letter_source);
  }
  if (!attributes.empty()) written.emplace("Attributes", std::move(attributes));
  object sent;
  for (const auto& [name, value] : message.attributes)
    if (as.wants_sent(name)) sent.emplace(name, value);
  if (!sent.empty()) written.emplace("MessageAttributes", std::move(sent));
  return written;
}

task<answered> sqs_service::receive(object asked) {
  const auto found = find_asked(asked);
  if (found.has_error()) co_return found.error();
  const hosted& queue = *found;
  const auto read = poll::read(asked, queue->queue.attributes);
  if (read.has_error()) co_return read.error();
  if (queue->queue.counts().in_flight >= most_in_flight)
    co_return fault{403, "OverLimit", "Too many messages in flight."};

  const auto until = clock_.now() + read->wait;
  auto taken = take(*queue, *read);
  auto end = poll_line::woken::by_call;
  while (taken.empty() && end == poll_line::woken::by_call && clock_.now() < until) {
    end = co_await queue->wait(until);
    if (queue->deleted) co_return fault{400, "QueueDoesNotExist", "The specified queue does not exist."};
    taken = take(*queue, *read);
  }
  if (taken.empty()) {
    queue->attend();
    co_return answer{object{}, {}};
  }
  array messages;
  messages.reserve(taken.size());
  for (const auto* message : taken) messages.emplace_back(shown(*queue, *message, *read));
  queue->attend();
  co_return answer{object{{"Messages", std::move(messages)}}, {}};
}

}  // namespace lifehook::simulator
