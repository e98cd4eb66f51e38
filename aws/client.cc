#include "aws/client.h"

#include "aws/call_answer.h"
#include "aws/query_body.h"
#include "aws/retry_series.h"
#include "aws/service_places.h"
#include "aws/sigv4.h"
#include "base/metrics.h"
#include "base/time_text.h"

#include <boost/json/serialize.hpp>

namespace lifehook::aws {

namespace {

namespace json = boost::json;

constexpr duration exact_enough = std::chrono::seconds(3);    // of a clock: two that are off by it share locks
constexpr duration longest_behind = std::chrono::minutes(1);  // who has time is not put off for longer

struct outgoing {
  service_place& to;
  std::string operation;
  call_class is;
  budget& turns;
  budget* wider_turns;  // to be taken too; null: none
  std::string body;
  call_options options;
};

// What a call mends once, and is then tried again at once.
struct mended {
  bool clock = false;
  bool credentials = false;
};

// One attempt that reached the wire.
struct attempt {
  std::shared_ptr<const credentials> used;
  time_point signed_at;
  std::optional<time_point> sent_before;  // of the call's stage
  duration took;
  result<http_response> answered;
};

std::string_view content_type(protocol speaks) {
  switch (speaks) {
    case protocol::json_1_0: return "application/x-amz-json-1.0";
    case protocol::json_1_1: return "application/x-amz-json-1.1";
    default: return "application/x-www-form-urlencoded; charset=utf-8";
  }
}

// Unsigned, with room for what signing adds; each attempt has its own.
http_request request_of(const outgoing& of) {
  http_request request{.method = "POST", .url = of.to.url, .headers = {}, .body = of.body};
  request.timeout = of.options.timeout;
  request.max_body = of.options.max_body;
  request.fresh_connection = of.options.fresh_connection;
  request.resend = of.options.resend;
  request.headers.reserve(5);
  request.headers.emplace_back("Content-Type", content_type(of.to.of.speaks));
  if (const auto prefix = of.to.of.target_prefix; !prefix.empty())
    request.headers.emplace_back("X-Amz-Target", std::string(prefix) + of.operation);
  return request;
}

// AWS's clock less ours by an answer's Date, which was written while we waited for it; zero where they may agree.
duration ahead_by(time_point date, time_point now, duration waited) {
  const auto latest = date + waited + std::chrono::seconds(1);  // dates are cut to the second
  const auto ahead = now > latest ? latest - now : std::max(date - now, duration::zero());
  return std::chrono::abs(ahead) > exact_enough ? ahead : duration::zero();
}

std::string called(const outgoing& of) { return std::string(of.to.of.name).append(" ").append(of.operation); }

// The transport's errors name the host themselves.
error in_context(error failure, const outgoing& of, const result<http_response>& answered) {
  if (answered) {
    std::string where(" (");
    where.append(of.to.host);
    if (const auto id = answered->header("x-amzn-requestid"); !id.empty()) where.append(", request ").append(id);
    failure = failure.followed_by(where.append(")"));
  }
  return failure.in(called(of));
}

}  // namespace

struct client::state {
  clock& time;
  http_transport& wire;
  credential_provider& keys;
  settings with;
  metrics& counts;
  random_source& random;

  signer signing{};
  duration clock_offset{0};  // AWS's clock less ours, once AWS has said that ours is wrong
  duration clock_ahead{0};   // the same as of the last answer, however small
  service_places places{time, with};
  std::function<void()> on_throttle{};

  outgoing prepare(const service& of, std::string_view operation, std::string body, urgency at_least,
                   call_options options) {
    options.patience = std::min(options.patience, with.patience);
    auto& to = places.of(of, options.region);
    auto is = class_of(of.name, operation);
    is.how = std::min(is.how, at_least);
    auto* const wider = is.wider ? &to.turns.of(*is.wider) : nullptr;
    return {to, std::string(operation), is, to.turns.of(is.own()), wider, std::move(body), std::move(options)};
  }

  using shared_keys = std::shared_ptr<const credentials>;

  // Where they need not be looked for: for most calls.
  shared_keys keys_at_hand(const outgoing& of) const {
    static const auto none = std::make_shared<const credentials>();
    return of.options.is_signed ? keys.at_hand() : none;
  }

  // No keys is an outage, however their source failed.
  task<result<shared_keys>> look_for_keys() {
    auto got = co_await keys.get();
    if (got.has_error() && !is_outage(got.error().code())) co_return got.error().with(errc::denied);
    if (got.has_error()) co_return std::move(got).error();
    co_return std::make_shared<const credentials>(*std::move(got));
  }

  // Its place among its equals: who is in a hurry goes before who has time.
  duration place_of(const outgoing& of) const {
    return time.uptime() + std::min(of.options.turn_within.value_or(of.options.patience), longest_behind);
  }

  // Who was throttled lines up anew: where AWS takes no completions at all, heartbeats still have their turn.
  task<> wait_for_turn(const outgoing& of, budget& among, std::string_view family, retry_series& retries) {
    const auto began = time.uptime();
    const auto left = retries.waits_from(began);
    const bool is_throttled = among.is_slowed();
    const auto latest = of.options.asks_in_time ? began + left / 2 : duration::max();
    co_await among.enter(of.is.how, place_of(of), latest);
    const auto waited = std::chrono::duration<double>(time.uptime() - began).count();
    if (is_throttled)
      counts.aws_throttle_wait.add({of.to.of.name}, waited);
    else
      counts.aws_budget_wait.add({of.to.of.name, family}, waited);
  }

  // Where it need not wait: most calls. A long poll waits for others to act: it takes no room from them.
  std::optional<call_gate::pass> enter_now(const outgoing& of) {
    if (of.options.long_poll) return call_gate::pass();
    if (of.wider_turns) return std::nullopt;  // two turns, or none
    auto room = of.to.gate.enter_now();
    return room && of.turns.take_now(of.is.how) ? std::move(room) : std::nullopt;
  }

  // Its turns, then its room.
  task<call_gate::pass> enter(const outgoing& of, retry_series& retries) {
    for (;;) {
      if (!of.turns.take_now(of.is.how)) co_await wait_for_turn(of, of.turns, of.is.family, retries);
      if (of.wider_turns && !of.wider_turns->take_now(of.is.how))
        co_await wait_for_turn(of, *of.wider_turns, of.is.wider->name, retries);
      const auto throttles = of.turns.throttles();
      auto room = co_await of.to.gate.enter(place_of(of));
      if (throttles == of.turns.throttles()) co_return room;  // else AWS has throttled those before: another turn
    }
  }

  task<result<attempt>> try_once(const outgoing& of, retry_series& retries) {
    const auto began = time.uptime();
    result<shared_keys> used = keys_at_hand(of);
    if (!*used) used = co_await look_for_keys();
    if (used.has_error()) co_return std::move(used).error();
    auto room = enter_now(of);
    if (!room) room = co_await enter(of, retries);
    if (time.uptime() > began) used = keys_at_hand(of);  // they may have expired while it waited
    if (!*used) used = co_await look_for_keys();
    if (used.has_error()) co_return std::move(used).error();
    const auto signed_at = time.wall_now() + clock_offset;
    auto request = request_of(of);
    if (of.options.is_signed) signing.sign(request, **used, {signed_at, of.to.region, of.to.of.signing_name});
    const auto started = time.uptime();
    const auto sent_before = of.options.stage ? std::exchange(of.options.stage->sent, time.now()) : std::nullopt;
    if (of.options.stage) of.options.stage->is_on_wire = true;
    auto answered = co_await wire.send(std::move(request));
    if (of.options.stage) of.options.stage->is_on_wire = false;
    co_return attempt{*std::move(used), signed_at, sent_before, time.uptime() - started, std::move(answered)};
  }

  void look_at_clock(const outgoing& of, const attempt& tried) {
    if (of.options.long_poll) return;  // its wait would hide it
    if (const auto date = parse_http_date(header_of(tried.answered, "date")))
      clock_ahead = ahead_by(*date, time.now(), tried.took);
  }

  void count(const outgoing& of, const std::string& label, duration took) {
    counts.aws_requests.add({of.to.of.name, of.operation, label});
    counts.aws_request_duration.observe({of.to.of.name, of.operation}, took);
  }

  void tell_turns(const outgoing& of, const attempt& tried, const error& failure) {
    if (failure.code() == errc::throttled) return note_throttle(of, tried.sent_before);
    if (tried.answered) of.turns.succeeded();  // refused, but not for being too much
  }

  void note_throttle(const outgoing& of, std::optional<time_point> sent_before) {
    if (of.options.stage) of.options.stage->sent = sent_before;
    if (!of.is.limits.adapts) return;
    of.turns.throttled();
    if (on_throttle) on_throttle();
  }

  bool mend(mended& so_far, const attempt& tried, std::string_view aws_code) {
    const auto date = parse_http_date(header_of(tried.answered, "date"));
    if (!so_far.clock && blames_clock(aws_code, tried.signed_at, date)) {
      so_far.clock = true;
      clock_offset = *date - time.wall_now();
      return true;
    }
    if (so_far.credentials || !blames_credentials(aws_code)) return false;
    so_far.credentials = true;
    keys.invalidate(*tried.used);
    return true;
  }

  after_try next(const outgoing& of, retry_series& retries, mended& so_far, const error& failure,
                 const attempt& tried) {
    if (of.options.stage && !of.options.stage->is_wanted) return {};
    if (tried.answered && of.options.is_signed && mend(so_far, tried, failure.aws_code())) return {.again = true};
    const auto asked = header_of(tried.answered, "x-amz-retry-after");
    return retries.after(kind_of(failure.code()), asked, time.uptime(), random);
  }

  task<> pause(const outgoing& of, after_try then) {
    if (then.kind == retry_kind::throttling || then.kind == retry_kind::paced)
      counts.aws_throttle_wait.add({of.to.of.name}, std::chrono::duration<double>(then.wait).count());
    return time.sleep_for(then.wait);
  }

  template <class Answer>
  task<result<Answer>> run(outgoing of) {
    retry_series retries(of.to.quota, of.options, of.is.limits.adapts);
    mended so_far;
    for (;;) {
      auto tried = co_await try_once(of, retries);
      if (tried.has_error()) co_return std::move(tried).error().in(called(of));
      look_at_clock(of, *tried);
      auto answer = read_answer<Answer>(tried->answered, {of.operation, of.options.unread});
      count(of, answer ? "200" : failed_code(tried->answered, answer.error()), tried->took);
      if (answer) {
        retries.succeeded();
        of.turns.succeeded();
        if (of.options.is_signed) keys.accepted(*tried->used);
        co_return answer;
      }
      tell_turns(of, *tried, answer.error());
      const auto then = next(of, retries, so_far, answer.error(), *tried);
      if (then.wait > duration::zero()) co_await pause(of, then);
      if (!then.again) co_return in_context(std::move(answer).error(), of, tried->answered);
    }
  }
};

client::client(clock& time, http_transport& wire, credential_provider& keys, settings with, metrics& counts,
               random_source& random)
    : state_(new state{time, wire, keys, std::move(with), counts, random}) {}

client::client(std::shared_ptr<state> shared, urgency at_least) : state_(std::move(shared)), at_least_(at_least) {}

client::~client() = default;

client client::hurried() const { return {state_, urgency::interruption}; }

task<result<json_document>> client::call(const service& to, std::string_view operation, json::object body,
                                         call_options with) {
  return state_->run<json_document>(state_->prepare(to, operation, json::serialize(body), at_least_, std::move(with)));
}

task<result<xml_document>> client::call(const service& to, std::string_view operation, query_parameters parameters,
                                        call_options with) {
  auto body = query_body(operation, to.version, parameters);
  return state_->run<xml_document>(state_->prepare(to, operation, std::move(body), at_least_, std::move(with)));
}

task<result<>> client::tell(const service& to, std::string_view operation, query_parameters parameters,
                            call_options with) {
  auto body = query_body(operation, to.version, parameters);
  return state_->run<void>(state_->prepare(to, operation, std::move(body), at_least_, std::move(with)));
}

const std::string& client::region() const { return state_->with.region; }

void client::share_among(double replicas) {
  if (std::exchange(state_->with.allowed.replicas, replicas) != replicas) state_->places.share_anew();
}

duration client::clock_ahead() const { return state_->clock_ahead; }

double client::replicas() const { return state_->with.allowed.replicas; }

std::optional<double> client::rate_for(const service& to, std::string_view operation) {
  const auto what = class_of(to.name, operation);
  return state_->places.of(to, {}).turns.of(what.own()).rate_for(std::min(what.how, at_least_));
}

bool client::has_to_spare(const service& to, std::string_view operation) {
  return state_->places.of(to, {}).turns.of(class_of(to.name, operation).own()).has_to_spare();
}

std::vector<overload> client::overloaded() const { return state_->places.overloaded(); }
std::vector<throttling> client::throttled_so_far() const { return state_->places.throttled_so_far(); }
std::vector<queued_calls> client::queued() const { return state_->places.queued(); }

void client::when_throttled(std::function<void()> tell) { state_->on_throttle = std::move(tell); }

}  // namespace lifehook::aws
