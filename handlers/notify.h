#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Tells people and other systems of the event: publishes one message (handlers/notice.h) to an SNS topic, which hands
// it on to e-mail, HTTPS endpoints, queues and functions, with retries of its own.
//
// It never costs the instance. Rule 2 holds a hook through an outage because an outage must not decide about it; this
// step decides nothing, so its timeout (10s where none is written) runs also while AWS does not answer, and ends before
// the event's deadline. Its failure is logged at error, and neither ends its list nor is the list's outcome
// (step_kind::stands_aside).
//
// Once per event, step, and outcome of the steps before it, among all who share the state: told under a short lock,
// which is renewed, and noted as told. At least once where the state does not answer or has forgotten, an answer of SNS
// is lost, or another worker keeps the lock. A FIFO topic drops such copies by itself, for five minutes.
step_kind notify_kind();

}  // namespace lifehook::handlers
