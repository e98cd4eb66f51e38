#pragma once

#include "aws/credential_chain.h"
#include "aws/sqs.h"
#include "base/metrics.h"
#include "tests/support/virtual_time.h"

#include <boost/json.hpp>

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace lifehook::queues {

struct batch_entry {
  std::string handle;
  std::int64_t seconds = 0;  // of a visibility change
  bool operator==(const batch_entry&) const = default;
};

inline void PrintTo(const batch_entry& entry, std::ostream* out) { *out << entry.handle << "+" << entry.seconds; }

struct batch_call {
  std::string operation;  // "DeleteMessageBatch"
  duration at{0};         // since the stage began
  std::vector<batch_entry> entries;
};

// SQS as far as batches go: every entry succeeds but those it is told to refuse.
class batch_wire final : public aws::http_transport {
 public:
  explicit batch_wire(clock& time) : clock_(time), began_(time.now()) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    const auto call = read(request);
    calls.push_back(call);
    if (latency > duration::zero()) co_await clock_.sleep_for(latency);
    if (denied > 0) {
      --denied;
      co_return aws::http_response{403, {}, R"({"__type":"com.amazonaws.sqs#AccessDeniedException","message":"no"})"};
    }
    if (rejected > 0) {
      --rejected;
      co_return aws::http_response{400, {}, R"({"__type":"com.amazonaws.sqs#InvalidAddress","message":"no"})"};
    }
    co_return aws::http_response{200, {}, boost::json::serialize(answer(call))};
  }

  std::vector<batch_call> calls;
  std::map<std::string, std::pair<std::string, int>> refusals;  // handle: code, how many times
  int denied = 0;                                               // calls refused whole, for want of a permission
  int rejected = 0;                                             // and as such
  duration latency{0};

 private:
  batch_call read(const aws::http_request& request) const {
    batch_call call;
    for (const auto& [name, value] : request.headers)
      if (name == "x-amz-target" || name == "X-Amz-Target") call.operation = value.substr(value.find('.') + 1);
    call.at = clock_.now() - began_;
    const auto body = boost::json::parse(request.body);
    for (const auto& each : body.at("Entries").as_array()) {
      const auto* seconds = each.as_object().if_contains("VisibilityTimeout");
      call.entries.push_back(
          {std::string(each.at("ReceiptHandle").as_string()), seconds ? seconds->to_number<std::int64_t>() : 0});
    }
    return call;
  }

  boost::json::object answer(const batch_call& to) {
    boost::json::array done;
    boost::json::array failed;
    for (std::size_t place = 0; place < to.entries.size(); ++place) {
      const auto id = std::to_string(place);
      const auto refusal = refusals.find(to.entries[place].handle);
      if (refusal == refusals.end() || refusal->second.second-- <= 0) {
        done.push_back(boost::json::object{{"Id", id}});
        continue;
      }
      const auto& code = refusal->second.first;
      failed.push_back(boost::json::object{
          {"Id", id}, {"Code", code}, {"SenderFault", code != "InternalError"}, {"Message", "refused"}});
    }
    return {{"Successful", std::move(done)}, {"Failed", std::move(failed)}};
  }

  clock& clock_;
  time_point began_;
};

// What batches go through on virtual time: client, wire, and a log that is kept.
class batch_stage : public testing::Test {
 protected:
  // The client must outlive its calls.
  void TearDown() override {
    EXPECT_TRUE(time.run_until([this] { return time.tasks.running() == 0; }));
  }

  static aws::environment nothing() {
    return [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  }
  static std::vector<batch_entry> at_seconds(std::initializer_list<std::string> handles, std::int64_t seconds) {
    std::vector<batch_entry> entries;
    for (const auto& handle : handles) entries.push_back({handle, seconds});
    return entries;
  }
  std::ptrdiff_t count_logged(std::string_view event) const {
    return std::count_if(lines.begin(), lines.end(),
                         [event](const auto& line) { return line.find(event) != std::string::npos; });
  }
  bool logged(std::string_view event) const { return count_logged(event) > 0; }

  const std::string url = "https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle";
  test::virtual_time time;
  batch_wire wire{time.clock};
  std::unique_ptr<aws::credential_provider> keys =
      aws::make_fixed_credentials({"AKIATEST", "secret", {}, std::nullopt});
  metrics counts;
  random_source random{1};
  aws::client client{time.clock, wire, *keys, {"eu-west-1", nothing()}, counts, random};
  aws::sqs sqs{client};
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
};

}  // namespace lifehook::queues
