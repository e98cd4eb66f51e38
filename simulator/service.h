#pragma once

#include "base/async.h"
#include "base/clock.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::simulator {

// A request as a service sees it, whatever protocol carried it.
struct request {
  std::string service;                       // "sqs", "autoscaling", "ecs", "sts", "dynamodb", "ssm", "sns", "events"
  std::string action;                        // "ReceiveMessage"
  boost::json::object body;                  // of JSON services
  std::map<std::string, std::string> query;  // of Query services: wire name to value, Action and Version left out
};

// An AWS error: code as in the service's model ("QueueDoesNotExist", "ValidationError"), rendered per protocol by
// wire.cc.
struct fault {
  int status = 400;
  std::string code;
  std::string message;
  boost::json::object details{};  // what a JSON error says beside its message
};

// JSON services fill `json` (null: an empty body); Query services fill `xml`, the inside of <ActionResult>; void:
// neither.
struct answer {
  boost::json::value json;
  std::string xml;
};

template <class T = void>
using or_fault = boost::system::result<T, fault>;
using answered = or_fault<answer>;
[[noreturn]] void throw_exception_from_error(const fault& failure, const boost::source_location& where);

// One AWS service in memory. An unknown action is fault{400, "InvalidAction", ...}.
class service {
 public:
  virtual ~service() = default;
  virtual std::string_view name() const = 0;
  virtual std::vector<std::string_view> actions() const = 0;  // all it answers
  virtual task<answered> handle(request asked) = 0;
};

struct account {
  std::string id = "111122223333";
  std::string region = "eu-west-1";
  std::string arn(std::string_view service, std::string_view resource) const;  // arn:aws:service:region:id:resource
};

}  // namespace lifehook::simulator
