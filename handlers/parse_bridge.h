#pragma once

#include "handlers/event.h"

#include <boost/json/object.hpp>

namespace lifehook::handlers {

// An EventBridge event taken apart: what its envelope says, and where its own words are. Lives no longer than the
// document.
struct bridge_event {
  event common;  // time, id, account
  const boost::json::object& whole;
  const boost::json::object& detail;
};

// How EventBridge names the events of a kind.
struct bridge_names {
  std::string_view source;
  std::string_view detail_type;
};
bridge_names carried_as(event_kind kind);

// The second step of identity: by source and detail-type. Others than ours are ignored; ours with a detail we cannot
// read are malformed.
result<parsed> parse_bridge(const boost::json::object& body);

// Rows of its table that are files of their own.
result<parsed> parse_task_change(const bridge_event& from);
result<parsed> parse_health(const bridge_event& from);

parsed one(event of);
parsed ignore(std::string_view kind);

}  // namespace lifehook::handlers
