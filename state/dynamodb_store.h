#pragma once

#include "aws/dynamodb.h"
#include "base/backoff.h"
#include "state/store.h"

#include <memory>

namespace lifehook::state {

// A store in one DynamoDB table, for any number of replicas: hash key `key` (text); TTL, if the table has it, on `ttl`.
// Every change is one conditional write; an answer that was lost is made up for by what is stored. Lost races are tried
// again, then told as throttled.
// Ends of notes and locks are told by AWS's clock, as the client knows it of AWS's last answer (within some seconds; by
// the machine's own before the first), and count from the call: a machine's wrong clock ends none early, nor late.
// Locks must last far longer than these seconds and calls take: a minute is ample, seconds are not.
std::unique_ptr<store> make_dynamodb_store(clock& time, aws::dynamodb& in, random_source& random);

}  // namespace lifehook::state
