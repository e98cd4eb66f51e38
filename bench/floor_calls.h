#pragma once

#include "aws/http_transport.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::bench {

// The calls of the job as the least a client can do: bodies put together from hook numbers, nothing read back but how
// many messages came. Pure.
enum class floor_call { receive, find, drain, describe, complete, remove };

struct planned_call {
  floor_call what;
  std::vector<unsigned> hooks;
};

// All calls for hooks in hand, taken through in groups of `batch`, each call at no more than AWS's limit.
std::vector<planned_call> plan_for(std::span<const unsigned> hooks, std::size_t batch);

aws::http_request unsigned_request(const planned_call& call, const std::string& url, unsigned wait_seconds);
std::string_view signing_name(floor_call call);

// Which hooks an answer to ReceiveMessage carries: they are consecutive, so the first number and the length tell.
std::vector<unsigned> hooks_received(std::string_view body);

}  // namespace lifehook::bench
