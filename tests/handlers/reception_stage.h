#pragma once

#include "base/metrics.h"
#include "handlers/reception.h"
#include "tests/handlers/fleet_stage.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::handlers {

using namespace std::chrono_literals;

inline group answering(event_kind kind, plan list) {
  group made;
  made.name = "web";
  made.match = {"web-*"};
  made.hooks = {"drain"};
  made.plans[kind] = std::move(list);
  return made;
}

// A message in hand, alongside others.
struct received {
  received(std::shared_ptr<const event> of, tenure::terms under) : about(std::move(of)), keeps(under) {}

  std::shared_ptr<const event> about;
  tenure keeps;
  std::optional<verdict> end;
  bool threw = false;
};

struct reception_test : testing::Test {
  reception_test() { fleet.furnish(2, 900s); }

  void open(group of) { desk.emplace(fleet.services, std::vector{std::move(of)}, fleet.time.tasks); }
  void begin(received& one) { fleet.time.tasks.spawn(attend(*desk, one, fleet.log)); }
  verdict receive(const std::shared_ptr<const event>& about) { return receive(about, fleet.terms()); }
  verdict receive(const std::shared_ptr<const event>& about, tenure::terms under) {
    received one(about, under);
    begin(one);
    if (!fleet.time.run_until([&one] { return one.end.has_value(); })) throw std::runtime_error("it hangs");
    return *one.end;
  }
  tenure::terms near_dead_letters() const {
    auto under = fleet.terms();
    under.may_requeue = false;
    return under;
  }
  bool counted(const std::string& event, const std::string& outcome) {
    const auto line = fmt::format(R"(lifehook_events_total{{event="{}",group="{}",outcome="{}"}} 1)", event,
                                  outcome == "foreign" ? "" : "web", outcome);
    return fleet.counts.exposition().find(line) != std::string::npos;
  }

  fleet_stage fleet;
  std::optional<reception> desk;

 private:
  static task<> attend(reception& at, received& one, logger log) {
    try {
      one.end = co_await at.receive(one.about, one.keeps, log);
    } catch (const std::logic_error&) {
      one.threw = true;
    }
  }
};

}  // namespace lifehook::handlers
