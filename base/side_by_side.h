#pragma once

#include "base/interrupt.h"
#include "base/task_group.h"

#include <boost/asio/cancellation_state.hpp>

#include <exception>
#include <memory>
#include <vector>

namespace lifehook {

// Runs several pieces of work at once and waits for all of them: one's failure does not stop the others. Their answers
// are in the order of the works; plain work that has ended has a value. When the whole is given up every piece ends at
// its current wait first, whatever else is raised meanwhile. A bug that one throws is thrown on, once all have ended.
template <class Answer>
task<std::vector<or_error<Answer>>> side_by_side(std::vector<task<Answer>> works) {
  struct branch {
    interrupt given_up;
    or_error<Answer> answer = error{errc::cancelled, "gave up"};
    std::exception_ptr bug{};
  };
  auto one = [](branch& mine, task<Answer> work) -> task<> {
    try {
      mine.answer = co_await mine.given_up.guard(std::move(work));
    } catch (...) {  // escaping, it would end the loop and all other work with it
      mine.bug = std::current_exception();
    }
  };
  auto executor = co_await asio::this_coro::executor;
  task_group group(executor);
  std::vector<std::unique_ptr<branch>> branches;
  for (auto& work : works) {
    branches.push_back(std::make_unique<branch>());
    group.spawn(one(*branches.back(), std::move(work)));
  }
  bool given_up = false;
  try {
    co_await group.join();
  } catch (const boost::system::system_error&) {  // the parent's work is given up: so is every branch's
    given_up = true;
  }
  if (given_up) {
    // A second guard around this one, raised meanwhile, must not end it before its branches: they live in its frame.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    for (auto& each : branches) each->given_up.raise();
    co_await group.join();
    co_await asio::this_coro::reset_cancellation_state();
  }
  for (const auto& each : branches)
    if (each->bug) std::rethrow_exception(each->bug);
  if (given_up) throw boost::system::system_error(asio::error::operation_aborted);
  std::vector<or_error<Answer>> answers;
  for (auto& each : branches) answers.push_back(std::move(each->answer));
  co_return answers;
}

}  // namespace lifehook
