#include "aws/client.h"

#include "aws/call_answer.h"
#include "aws/call_gate.h"
#include "aws/canonical.h"
#include "aws/endpoint.h"
#include "aws/query_body.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/time_text.h"

#include <boost/json/serialize.hpp>

namespace lifehook::aws {

namespace {

namespace json = boost::json;

constexpr duration exact_enough = std::chrono::seconds(5);  // of a clock: messages take as long
constexpr std::size_t most_in_flight = 256;  // below the 1024 file descriptors a container gets by default
constexpr duration longest_behind = std::chrono::minutes(1);  // who has time is not put off for longer

// A service in a region: what is worked out once, and the quota that calls to it share.
struct service_place {
  service_place(const service& what, std::string in, std::string at, std::string by, budgets allowed)
      : of(what),
        region(std::move(in)),
        url(std::move(at)),
        host(std::move(by)),
        gate(most_in_flight),
        turns(std::move(allowed)) {}

  const service& of;
  std::string region;
  std::string url;
  std::string host;
  retry_quota quota;
  call_gate gate;
  budgets turns;
};

struct outgoing {
  service_place& to;
  std::string operation;
  call_class is;
  budget& turns;
  http_request request;  // unsigned; each attempt signs a copy
  call_options options;
};

struct progress {
  unsigned retries = 0;
  unsigned throttles = 0;                 // that were paced
  std::optional<duration> waits_since{};  // for a turn, uptime
  retry_kind last = retry_kind::none;
  bool clock_corrected = false;
  bool credentials_renewed = false;
};

struct verdict {
  bool again = false;
  duration wait{0};
  retry_kind kind = retry_kind::none;
};

std::string_view content_type(protocol speaks) {
  switch (speaks) {
    case protocol::json_1_0: return "application/x-amz-json-1.0";
    case protocol::json_1_1: return "application/x-amz-json-1.1";
    default: return "application/x-www-form-urlencoded; charset=utf-8";
  }
}

// AWS's clock less ours by an answer's Date, which was written while we waited for it; zero where they may agree.
duration ahead_by(time_point date, time_point now, duration waited) {
  const auto latest = date + waited + std::chrono::seconds(1);  // dates are cut to the second
  const auto ahead = now > latest ? latest - now : std::max(date - now, duration::zero());
  return std::chrono::abs(ahead) > exact_enough ? ahead : duration::zero();
}

// The transport's errors name the host themselves.
error in_context(error failure, const outgoing& of, const result<http_response>& answered) {
  if (answered) {
    std::string where(" (");
    where.append(of.to.host);
    if (const auto id = answered->header("x-amzn-requestid"); !id.empty()) where.append(", request ").append(id);
    failure = failure.followed_by(where.append(")"));
  }
  return failure.in(std::string(of.to.of.name).append(" ").append(of.operation));
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
  std::vector<std::unique_ptr<service_place>> places{};
  std::function<void()> on_throttle{};

  service_place& place_of(const service& of, const std::string& asked) {
    const auto& region = asked.empty() ? with.region : asked;
    for (const auto& known : places)
      if (known->of.name == of.name && known->region == region) return *known;
    auto url = endpoint_url(of, region, with.env);
    std::string host(split_url(url).host);
    return *places.emplace_back(
        std::make_unique<service_place>(of, region, std::move(url), std::move(host), budgets(time, with.allowed)));
  }

  outgoing prepare(const service& of, std::string_view operation, std::string body, call_options options) {
    options.patience = std::min(options.patience, with.patience);
    auto& to = place_of(of, options.region);
    const auto is = class_of(of.name, operation);
    http_request request{.method = "POST", .url = to.url, .headers = {}, .body = std::move(body)};
    request.timeout = options.timeout;
    request.fresh_connection = options.fresh_connection;
    request.resend = options.resend;
    request.headers.reserve(5);
    request.headers.emplace_back("Content-Type", content_type(of.speaks));
    if (!of.target_prefix.empty())
      request.headers.emplace_back("X-Amz-Target", std::string(of.target_prefix).append(operation));
    return {to, std::string(operation), is, to.turns.of(is), std::move(request), std::move(options)};
  }

  // Who is in a hurry goes before who has time. Who was throttled lines up anew: where AWS takes no completions at all,
  // heartbeats still have their turn.
  task<> wait_for_turn(const outgoing& of, progress& so_far) {
    const auto began = time.uptime();
    if (!so_far.waits_since) so_far.waits_since = began;
    const bool is_throttled = of.turns.is_slowed();
    const auto within = of.options.turn_within.value_or(of.options.patience);
    const auto left = of.options.patience - (began - *so_far.waits_since);
    const auto latest = of.options.asks_in_time ? began + left / 2 : duration::max();
    co_await of.turns.enter(of.is.how, began + std::min(within, longest_behind), latest);
    const auto waited = std::chrono::duration<double>(time.uptime() - began).count();
    if (is_throttled)
      counts.aws_throttle_wait.add({of.to.of.name}, waited);
    else
      counts.aws_budget_wait.add({of.to.of.name, of.is.family}, waited);
  }

  void note_throttle(const outgoing& of, std::optional<time_point> sent_before) {
    if (of.options.stage) of.options.stage->sent = sent_before;
    if (!of.is.limits.adapts) return;
    of.turns.throttled();
    if (on_throttle) on_throttle();
  }

  void count(const outgoing& of, const std::string& label, duration took) {
    counts.aws_requests.add({of.to.of.name, of.operation, label});
    counts.aws_request_duration.observe({of.to.of.name, of.operation}, took);
  }

  void look_at_clock(const result<http_response>& answered, duration waited) {
    if (const auto date = parse_http_date(header_of(answered, "date")))
      clock_ahead = ahead_by(*date, time.now(), waited);
  }

  verdict next(const outgoing& of, progress& so_far, const error& failure, const result<http_response>& answered,
               time_point signed_at, const credentials& used) {
    if (of.options.stage && !of.options.stage->is_wanted) return {};
    if (answered && of.options.is_signed) {
      const auto date = parse_http_date(answered->header("date"));
      if (!so_far.clock_corrected && blames_clock(failure.aws_code(), signed_at, date)) {
        so_far.clock_corrected = true;
        clock_offset = *date - time.now();
        return {.again = true};
      }
      if (!so_far.credentials_renewed && blames_credentials(failure.aws_code())) {
        so_far.credentials_renewed = true;
        keys.invalidate(used);
        return {.again = true};
      }
    }
    return after_fault(of, so_far, kind_of(failure.code()), header_of(answered, "x-amz-retry-after"));
  }

  verdict after_fault(const outgoing& of, progress& so_far, retry_kind kind, std::string_view asked) {
    if (kind == retry_kind::transient && !of.options.resend) return {};
    if (kind == retry_kind::throttling && of.is.limits.adapts && of.options.attempts > 1)
      return after_throttle(of, so_far, asked);
    if (kind == retry_kind::none || so_far.retries + 1 >= of.options.attempts) return {};
    const auto wait = retry_delay(kind, so_far.retries, asked, random);
    // A poller whose retries are used up would otherwise come back at once, for ever.
    if (!of.to.quota.take(kind)) return {false, of.options.long_poll ? wait : duration::zero(), kind};
    ++so_far.retries;
    so_far.last = kind;
    return {true, wait, kind};
  }

  // The turns keep the pace: neither the attempts nor the quota, which would report throttling to hundreds at once.
  verdict after_throttle(const outgoing& of, progress& so_far, std::string_view asked) {
    if (!so_far.waits_since) so_far.waits_since = time.uptime();
    const bool has_time = time.uptime() - *so_far.waits_since < of.options.patience;
    if (++so_far.throttles >= of.options.attempts && !has_time) return {};
    return {true, retry_delay(retry_kind::paced, so_far.throttles - 1, asked, random), retry_kind::paced};
  }

  task<> pause(const outgoing& of, verdict with_wait) {
    if (with_wait.kind == retry_kind::throttling || with_wait.kind == retry_kind::paced)
      counts.aws_throttle_wait.add({of.to.of.name}, std::chrono::duration<double>(with_wait.wait).count());
    return time.sleep_for(with_wait.wait);
  }

  template <class Answer>
  task<result<Answer>> run(outgoing of) {
    progress so_far;
    for (;;) {
      credentials used;
      if (of.options.is_signed) {
        auto got = co_await keys.get();
        if (!got) {
          const auto why = std::move(got).error();
          // No keys is an outage, however their source failed.
          const auto meaning = is_outage(why.code()) ? why.code() : errc::denied;
          co_return why.with(meaning).in(std::string(of.to.of.name).append(" ").append(of.operation));
        }
        used = *std::move(got);
      }
      call_gate::pass room;  // a long poll waits for others to act: it takes no room from them
      for (bool may_leave = of.options.long_poll; !may_leave;) {
        room = call_gate::pass();
        if (!of.turns.take_now(of.is.how)) co_await wait_for_turn(of, so_far);
        const auto throttles = of.turns.throttles();
        room = co_await of.to.gate.enter();
        may_leave = throttles == of.turns.throttles();  // else AWS has throttled those before: another turn
      }
      const auto signed_at = time.now() + clock_offset;
      auto request = of.request;
      if (of.options.is_signed) signing.sign(request, used, {signed_at, of.to.region, of.to.of.signing_name});
      const auto started = time.uptime();
      const auto sent_before = of.options.stage ? std::exchange(of.options.stage->sent, time.now()) : std::nullopt;
      if (of.options.stage) of.options.stage->is_on_wire = true;
      auto answered = co_await wire.send(std::move(request));
      if (of.options.stage) of.options.stage->is_on_wire = false;
      room = call_gate::pass();
      if (!of.options.long_poll) look_at_clock(answered, time.uptime() - started);  // its wait would hide it
      auto answer = read_answer<Answer>(answered, {of.operation, of.options.unread});
      count(of, answer ? "200" : failed_code(answered, answer.error()), time.uptime() - started);
      if (answer) {
        of.to.quota.succeeded(so_far.last);
        of.turns.succeeded();
        co_return answer;
      }
      if (answer.error().code() == errc::throttled)
        note_throttle(of, sent_before);
      else if (answered)
        of.turns.succeeded();  // refused, but not for being too much
      const auto then = next(of, so_far, answer.error(), answered, signed_at, used);
      if (then.wait > duration::zero()) co_await pause(of, then);
      if (!then.again) co_return in_context(std::move(answer).error(), of, answered);
    }
  }
};

client::client(clock& time, http_transport& wire, credential_provider& keys, settings with, metrics& counts,
               random_source& random)
    : state_(new state{time, wire, keys, std::move(with), counts, random}) {}

client::~client() = default;

task<result<json_document>> client::call(const service& to, std::string_view operation, json::object body,
                                         call_options with) {
  return state_->run<json_document>(state_->prepare(to, operation, json::serialize(body), std::move(with)));
}

task<result<xml_document>> client::call(const service& to, std::string_view operation, query_parameters parameters,
                                        call_options with) {
  auto body = query_body(operation, to.version, parameters);
  return state_->run<xml_document>(state_->prepare(to, operation, std::move(body), std::move(with)));
}

const std::string& client::region() const { return state_->with.region; }

void client::share_among(double replicas) {
  if (std::exchange(state_->with.allowed.replicas, replicas) == replicas) return;
  for (auto& each : state_->places) each->turns.share_anew();
}

duration client::clock_ahead() const { return state_->clock_ahead; }

double client::replicas() const { return state_->with.allowed.replicas; }

std::optional<double> client::rate_for(const service& to, std::string_view operation) {
  const auto what = class_of(to.name, operation);
  return state_->place_of(to, {}).turns.of(what).rate_for(what.how);
}

std::vector<overload> client::overloaded() const {
  std::vector<overload> all;
  for (const auto& each : state_->places) {
    auto found = each->turns.overloaded();
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<throttling> client::throttled_so_far() const {
  std::vector<throttling> all;
  for (const auto& each : state_->places) {
    auto found = each->turns.throttled_so_far();
    for (auto& one : found) one.region = each->region;
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

void client::when_throttled(std::function<void()> tell) { state_->on_throttle = std::move(tell); }

}  // namespace lifehook::aws
