#pragma once

#include "handlers/event_action.h"
#include "handlers/group.h"
#include "handlers/works_in_hand.h"

#include <memory>
#include <optional>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::handlers {

// The work on one event in hand, from when it is known whose it is until it has ended: whoever joins it gets its
// verdict, however it ends. An exception, or one that is given up (destroyed), leaves the message to its visibility
// timeout.
class attendance final : public event_action {
 public:
  attendance(works_in_hand& among, const group& to, std::shared_ptr<const event> about,
             std::unique_ptr<event_action> by, metrics& counts);
  ~attendance() override;
  attendance(const attendance&) = delete;
  attendance& operator=(const attendance&) = delete;

  // When it ends that is counted.
  task<std::optional<verdict>> attend() override;
  void tell(standing& into) const override;

 private:
  works_in_hand& works_;
  std::unique_ptr<works_in_hand::work> work_;  // until its end was told
  const group& to_;
  event_kind kind_;
  metrics& counts_;
  std::unique_ptr<event_action> action_;
};

}  // namespace lifehook::handlers
