#pragma once

#include "base/clock.h"
#include "tests/support/scripted_wire.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace lifehook::worker {

using namespace std::chrono_literals;

// What a receive brings: the end of an instance of "web-1", by hook "drain".
inline constexpr std::string_view one_message =
    R"({"Messages":[{"MessageId":"m-1","ReceiptHandle":"r-1","Attributes":{"SentTimestamp":"1768478400000"},"Body":)"
    R"("{\"LifecycleHookName\":\"drain\",\"LifecycleTransition\":\"autoscaling:EC2_INSTANCE_TERMINATING\",)"
    R"(\"AutoScalingGroupName\":\"web-1\",\"EC2InstanceId\":\"i-0123456789abcdef0\",)"
    R"(\"LifecycleActionToken\":\"7a5c0e1d-1111-4222-8333-444455556666\",\"Service\":\"AWS Auto Scaling\"}"}]})";

inline bool is_for_sqs(const aws::http_request& asked) { return asked.url.starts_with("https://sqs."); }
inline bool is(const aws::http_request& asked, std::string_view operation) {
  return aws::header_of(asked, "X-Amz-Target").ends_with(operation);
}

// AWS of which only some calls answer; the others are silent until they time out.
class silent_wire final : public aws::http_transport {
 public:
  explicit silent_wire(clock& time) : clock_(time) {}

  task<result<aws::http_response>> send(aws::http_request asked) override {
    if (!answers(asked)) {
      co_await clock_.sleep_for(asked.timeout);
      co_return error{errc::timeout, "no answer"};
    }
    const bool delivers = is(asked, "ReceiveMessage") && !message.empty();
    if (is(asked, "ReceiveMessage") && !delivers) co_await clock_.sleep_for(20s);
    aws::http_response answer;
    answer.status = 200;
    answer.body = delivers ? std::exchange(message, {}) : R"({"Attributes":{}})";
    co_return answer;
  }

  std::function<bool(const aws::http_request&)> answers = is_for_sqs;
  std::string message;

 private:
  clock& clock_;
};

}  // namespace lifehook::worker
