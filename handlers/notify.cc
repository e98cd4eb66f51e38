#include "handlers/notify.h"

#include "aws/fault.h"
#include "aws/sns.h"
#include "base/side_by_side.h"
#include "base/within.h"
#include "handlers/group_lock.h"
#include "handlers/notice.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration patience = 10s;    // where no timeout is written
constexpr duration for_one_try = 2s;  // at least, however late it is
constexpr duration to_settle = 5s;    // between its last try and the event's deadline
constexpr duration for_state = 3s;    // it can be done without
constexpr duration look_again = 1s;
constexpr duration renew_lock = lock_lasts / 3;
constexpr duration remembered = 24h * 21;  // AWS Health tells of a change about two weeks ahead, more than once
constexpr backoff_limits between_tries{500ms, 30s};

// Whether it is ours to tell, noted or not, or was told before.
enum class turn { noted, unnoted, told };

std::string_view advice_on(errc failure) {
  if (failure == errc::denied)
    return "the topic must exist and the worker be allowed sns:Publish on it (lifehook policy), and the use of its "
           "key, where it has one (deploy/iam/encrypted-topic.json)";
  return is_outage(failure) ? "a longer timeout of the step tries for longer" : "SNS refuses the message as it is";
}

class notify final : public step {
 public:
  notify(std::string topic, std::string subject) : topic_(std::move(topic)), subject_(std::move(subject)) {}

  task<result<outcome>> run(step_context& in) override {
    const auto what = notice_of(in);
    if (in.dry_run()) {
      say_would(in, to_json(what));
      co_return outcome::done;
    }
    const auto key = identity(what, topic_, subject_, in.alike());
    const auto until = ends_trying(in);
    const auto whose = co_await take_turn(in, "notify|" + key, until);
    if (whose == turn::told) {
      in.log().info("notified_before", {{"topic", topic_}});
      co_return outcome::done;
    }
    auto telling = publish(in, message_of(what, key), until);
    if (whose == turn::noted && outlasts_lock(in, until))
      telling = publish_under(in, "notify|" + key, std::move(telling));
    const auto published = co_await std::move(telling);
    if (whose == turn::noted) co_await end_turn(in, "notify|" + key, published.has_value());
    co_return end(in, published);
  }

 private:
  static notice notice_of(step_context& in) {
    const auto& about = in.about();
    const auto& with = in.services();
    return {.about = about,
            .group = in.service().name,
            .account = about.account.empty() ? with.account : about.account,
            .region = with.sns.region(),
            .time = in.event_time(),
            .deadline = in.deadline(),
            .failed = in.failed_before()};
  }

  void say_would(step_context& in, const std::string& message) const {
    const auto log = subject_.empty() ? in.log() : in.log().with({{"subject", subject_}});
    log.info("would_notify", {{"topic", topic_}, {"message", message}});
  }

  aws::notification message_of(const notice& what, const std::string& key) const {
    aws::notification message{.topic = topic_, .message = to_json(what), .subject = subject_};
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

  // Another worker that tells of it right now is waited for, as long as half the time, and no more than another try
  // needs, is left: it may not have ended well.
  static task<turn> take_turn(step_context& in, std::string key, duration until) {
    auto& time = in.services().time;
    const auto waits_until = until - std::min((until - time.uptime()) / 2, patience);
    for (;;) {
      const auto whose = co_await within(time, for_state, look(in, key));
      if (whose.has_error()) {
        say_not_noted(in, whose.error());
        co_return turn::unnoted;
      }
      if (*whose) co_return **whose;
      if (time.uptime() + look_again > waits_until) co_return turn::unnoted;
      if (const auto paused = co_await in.pause_in_hand(look_again); paused.has_error()) co_return turn::unnoted;
    }
  }

  static void say_not_noted(step_context& in, const error& why) {
    in.log().warn("notice_not_noted", {{"error", why.what()}, {"why", "it may be told more than once"}});
  }

  // nullopt: another worker has it in hand.
  static task<result<std::optional<turn>>> look(step_context& in, std::string key) {
    auto& state = in.services().state;
    const auto locked = co_await state.lock(key, in.owner(), lock_lasts);
    if (locked.has_error()) co_return locked.error();
    const auto note = co_await state.note(key);
    if (note.has_error()) co_return note.error();
    if (!*note) co_return *locked ? std::optional(turn::noted) : std::nullopt;
    if (*locked) co_await drop_lock(in, std::move(key));
    co_return turn::told;
  }

  static bool outlasts_lock(step_context& in, duration until) {
    return until + for_one_try - in.services().time.uptime() > longest_locked;
  }

  // The lock is renewed meanwhile: one that lasted as long as the step may would outlive a worker that died by as much.
  static task<result<std::string>> publish_under(step_context& in, std::string key, task<result<std::string>> telling) {
    interrupt told;
    std::vector<task<result<std::string>>> both;
    both.push_back(then_raise(told, std::move(telling)));
    both.push_back(told.guard(keep_lock(in, std::move(key))));
    auto ended = co_await side_by_side(std::move(both));
    co_return std::move(ended.front());
  }

  static task<result<std::string>> then_raise(interrupt& told, task<result<std::string>> telling) {
    auto published = co_await std::move(telling);
    told.raise();
    co_return published;
  }

  static task<result<std::string>> keep_lock(step_context& in, std::string key) {
    auto& with = in.services();
    for (;;) {
      co_await with.time.sleep_for(renew_lock);
      co_await within(with.time, for_state, with.state.lock(key, in.owner(), lock_lasts));
    }
  }

  // Outages are tried again, whatever their reason, as long as there is time.
  static task<result<std::string>> publish(step_context& in, aws::notification message, duration until) {
    auto& with = in.services();
    for (unsigned attempt = 0;; ++attempt) {
      const auto limit = std::max(until - with.time.uptime(), for_one_try);
      const auto published = co_await within(with.time, limit, with.sns.publish(message));
      if (published.has_value() || !is_outage(published.error().code())) co_return published;
      const auto left = until - with.time.uptime();
      if (left <= 0s) co_return published;
      const auto wait = std::min(full_jitter(between_tries, attempt, with.random), left);  // the last one at its end
      if (const auto paused = co_await in.pause_in_hand(wait); paused.has_error()) co_return published;
    }
  }

  static task<> end_turn(step_context& in, std::string key, bool told) {
    const auto ended = co_await within(in.services().time, for_state, leave_note(in, std::move(key), told));
    if (ended.has_error()) say_not_noted(in, ended.error());
  }

  static task<result<>> leave_note(step_context& in, std::string key, bool told) {
    auto& state = in.services().state;
    if (told) {
      const auto noted = co_await state.write_spare_note(key, "told", remembered);
      if (noted.has_error()) co_return noted.error();
    }
    co_return co_await state.unlock(std::move(key), in.owner());
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
};

std::unique_ptr<step> make(const settings& with, step_services&) {
  return std::make_unique<notify>(with.get_or<std::string>("topic", {}), with.get_or<std::string>("subject", {}));
}

std::string describe(const settings& with) {
  const auto topic = with.get_or<std::string>("topic", {});
  const auto parts = aws::read_topic(topic);
  auto text = "topic " + (parts ? std::string(parts->name).append(" in ").append(parts->region) : topic);
  if (with.has("subject")) text.append(", subject \"").append(with.get_or<std::string>("subject", {})).append("\"");
  return text;
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
                      .fits = is_topic},
                     {.key = "subject",
                      .kind = setting_kind::text,
                      .help = "a subject of 1 to 99 printable ASCII characters, the first no blank",
                      .fits = aws::is_subject}},
          .events = {all_event_kinds.begin(), all_event_kinds.end()},
          .make = make,
          .describe = describe,
          .stands_aside = true,
          .permissions = {{"notify"}}};
}

}  // namespace lifehook::handlers
