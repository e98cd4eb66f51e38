#pragma once

#include "simulator/dynamodb.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <future>

namespace lifehook::simulator {

using namespace std::chrono_literals;

// A table "marks" keyed by the text attribute "key", on a clock that stands still.
struct dynamodb_scene : testing::Test {
  dynamodb_scene() { tables->create_table("marks"); }

  answered call(std::string action, std::string_view body) {
    std::optional<answered> got;
    request asked{"dynamodb", std::move(action), boost::json::parse(body).as_object(), {}};
    asio::co_spawn(io, tables->handle(std::move(asked)), [&got](std::exception_ptr thrown, answered outcome) {
      if (thrown) std::rethrow_exception(thrown);
      got = std::move(outcome);
    });
    io.restart();
    io.poll();
    return got.value();
  }
  boost::json::object ask(std::string action, std::string_view body) {
    return call(std::move(action), body).value().json.as_object();
  }
  std::string refusal(std::string action, std::string_view body) {
    const auto said = call(std::move(action), body);
    return said.has_error() ? said.error().message : "";
  }

  asio::io_context io{1};
  virtual_clock time{time_point{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}}};
  std::unique_ptr<simulator::dynamodb> tables = simulator::dynamodb::make(time, {}, 1);
};

}  // namespace lifehook::simulator
