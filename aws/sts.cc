#include "aws/sts.h"

#include "aws/services.h"
#include "aws/xml.h"

namespace lifehook::aws {

task<result<caller_identity>> sts::get_caller_identity() {
  auto answer = co_await client_.call(services::sts, "GetCallerIdentity", query_parameters());
  if (!answer) co_return std::move(answer).error();
  const auto who = answer->query_result();
  co_return caller_identity{std::string(who.text("Account")), std::string(who.text("Arn"))};
}

}  // namespace lifehook::aws
