#include "handlers/notify.h"

#include "aws/fault.h"
#include "aws/sns.h"
#include "base/within.h"
#include "handlers/notice.h"
#include "handlers/notice_turn.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration patience = 10s;    // where no timeout is written
constexpr duration for_one_try = 2s;  // at least, however late it is
constexpr duration to_settle = 5s;    // between its last try and the event's deadline
constexpr backoff_limits between_tries{500ms, 30s};

std::string_view advice_on(errc failure) {
  if (failure == errc::denied)
    return "the topic must exist and the worker be allowed sns:Publish on it (lifehook policy), and the use of its "
           "key, where it has one (deploy/iam/encrypted-topic.json)";
  return is_outage(failure) ? "a longer timeout of the step tries for longer" : "SNS refuses the message as it is";
}

class notify final : public step {
 public:
  notify(std::string topic, std::string subject, bool is_chat)
      : topic_(std::move(topic)), subject_(std::move(subject)), is_chat_(is_chat) {}

  task<result<outcome>> run(step_context& in) override {
    const auto what = notice_of(in);
    if (in.dry_run()) {
      say_would(in, text_of(what));
      co_return outcome::done;
    }
    const auto key = identity_of(what, is_chat_ ? topic_ + " as chat" : topic_, subject_, in.alike());
    const auto until = ends_trying(in);
    notice_turn turn(in, "notify|" + key);
    const bool is_ours = co_await turn.take(until);
    if (!is_ours) {
      in.log().info("notified_before", {{"topic", topic_}});
      co_return outcome::done;
    }
    const auto published = co_await turn.tell(publish(in, message_of(what, key), until), until + for_one_try);
    co_return end(in, published);
  }

 private:
  static notice notice_of(step_context& in) {
    const auto& about = in.about();
    const auto& with = in.services();
    const auto* const failed = in.failed_before();
    return {.about = about,
            .group = in.configured().name,
            .account = about.account.empty() ? with.account : about.account.get(),
            .region = with.sns.usual.region(),
            .time = in.event_time(),
            .deadline = in.deadline(),
            .failed = failed ? std::optional(*failed) : std::nullopt};
  }

  std::string text_of(const notice& what) const { return is_chat_ ? to_chat(what, subject_) : to_json(what); }

  void say_would(step_context& in, const std::string& message) const {
    const auto log = subject_.empty() ? in.log() : in.log().with({{"subject", subject_}});
    log.info("would_notify", {{"topic", topic_}, {"message", message}});
  }

  aws::notification message_of(const notice& what, const std::string& key) const {
    aws::notification message{.topic = topic_, .message = text_of(what), .subject = subject_};
    message.attributes = {{"event", std::string(name(what.about.kind))}, {"group", std::string(what.group)}};
    if (const auto to = aws::read_topic(topic_); to && to->is_fifo) {
      message.message_group = short_subject(what.about);
      message.deduplication = key;
    }
    return message;
  }

  // In uptime.
  static duration ends_trying(step_context& in) {
    auto left = in.timeout().value_or(patience) - in.watch().used();
    if (const auto deadline = in.deadline()) left = std::min(left, *deadline - to_settle - in.now());
    return in.services().time.uptime() + std::max(left, for_one_try);
  }

  // Outages are tried again, whatever their reason, as long as there is time.
  static task<result<std::string>> publish(step_context& in, aws::notification message, duration until) {
    auto& with = in.services();
    for (unsigned attempt = 0;; ++attempt) {
      const auto limit = std::max(until - with.time.uptime(), for_one_try);
      const auto published = co_await within(with.time, limit, with.sns[in.haste()].publish(message));
      if (published.has_value() || !is_outage(published.error().code())) co_return published;
      const auto left = until - with.time.uptime();
      if (left <= 0s) co_return published;
      in.waits_for("SNS did not take it: " + published.error().what());
      const auto wait = std::min(full_jitter(between_tries, attempt, with.random), left);  // the last one at its end
      if (const auto paused = co_await in.pause_in_hand(wait); paused.has_error()) co_return published;
    }
  }

  outcome end(step_context& in, const result<std::string>& published) const {
    if (published.has_value()) {
      in.log().info("notified", {{"topic", topic_}, {"sns_message", *published}});
      return outcome::done;
    }
    const auto& why = published.error();
    in.log().error(
        "not_notified",
        {{"topic", topic_}, {"meaning", aws::word_for(why)}, {"error", why.what()}, {"advice", advice_on(why.code())}});
    return outcome::failed;
  }

  std::string topic_;
  std::string subject_;
  bool is_chat_;
};

bool is_chat(const settings& with) { return with.get_or<std::string>("format", {}) == "chat"; }

std::unique_ptr<step> make(const settings& with, step_services&) {
  return std::make_unique<notify>(with.get_or<std::string>("topic", {}), with.get_or<std::string>("subject", {}),
                                  is_chat(with));
}

std::string describe(const settings& with) {
  const auto topic = with.get_or<std::string>("topic", {});
  const auto parts = aws::read_topic(topic);
  auto text = "topic " + (parts ? std::string(parts->name).append(" in ").append(parts->region) : topic);
  if (with.has("subject")) text.append(", subject \"").append(with.get_or<std::string>("subject", {})).append("\"");
  if (is_chat(with)) text.append(", for chat");
  return text;
}

std::string contradiction(const settings& with) {
  const auto to = aws::read_topic(with.get_or<std::string>("topic", {}));
  return is_chat(with) && to && to->is_fifo ? "format: chat needs a standard topic: a FIFO topic reaches no chat" : "";
}

bool is_topic(std::string_view text) { return aws::read_topic(text).has_value(); }

}  // namespace

step_kind notify_kind() {
  return {.name = "notify",
          .help = "publishes a message about the event to an SNS topic",
          .schema = {{.key = "topic",
                      .kind = setting_kind::text,
                      .help = "the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111122223333:fleet-events",
                      .required = true,
                      .fits = is_topic,
                      .word = "TOPIC"},
                     {.key = "subject",
                      .kind = setting_kind::text,
                      .help = "a subject of 1 to 99 printable ASCII characters, the first no blank",
                      .fits = aws::is_subject},
                     {.key = "format",
                      .kind = setting_kind::choice,
                      .help = "json, for programs, or chat, for Slack and Teams by Amazon Q Developer",
                      .choices = {"json", "chat"}}},
          .events = {all_event_kinds.begin(), all_event_kinds.end()},
          .contradiction = contradiction,
          .make = make,
          .describe = describe,
          .stands_aside = true,
          .permissions = {
              {.policy = "notify",
               .remark = "a topic that is encrypted with a key of your own needs deploy/iam/encrypted-topic.json too "
                         "(kms:GenerateDataKey and kms:Decrypt)"}}};
}

}  // namespace lifehook::handlers
