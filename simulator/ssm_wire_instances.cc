#include "simulator/ssm_wire.h"

#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

json::object write_node(const managed_node& each) {
  return {{"InstanceId", each.instance},
          {"PingStatus", each.online ? "Online" : "ConnectionLost"},
          {"LastPingDateTime", epoch_seconds(each.last_ping)},
          {"AgentVersion", "3.3.1957.0"},
          {"IsLatestVersion", true},
          {"PlatformType", "Linux"},
          {"PlatformName", "Amazon Linux"},
          {"PlatformVersion", "2023"},
          {"ResourceType", "EC2Instance"},
          {"SourceId", each.instance},
          {"SourceType", "AWS::EC2::Instance"}};
}

std::string_view shown(const managed_node& each, std::string_view key) {
  if (key == "InstanceIds") return each.instance;
  return each.online ? "Online" : "ConnectionLost";
}

// Both generations of filters: {Key, Values} and {key, valueSet}.
or_fault<bool> keeps(const managed_node& each, const json::object& asked) {
  for (const auto* member : {"Filters", "InstanceInformationFilterList"}) {
    const auto* filters = asked.if_contains(member);
    if (!filters || !filters->is_array()) continue;
    for (const auto& written : filters->get_array()) {
      const auto filter = written.is_object() ? written.get_object() : json::object();
      const bool newer = filter.contains("Key");
      const auto key = text_of(filter, newer ? "Key" : "key");
      const auto values = texts_of(filter, newer ? "Values" : "valueSet");
      if (key != "InstanceIds" && key != "PingStatus") return fault{400, "InvalidFilterKey", ""};
      if (std::ranges::find(values, shown(each, key)) == values.end())
        return or_fault<bool>(boost::system::in_place_value, false);
    }
  }
  return or_fault<bool>(boost::system::in_place_value, true);
}

}  // namespace

answered describe_instance_information(ssm_model& model, const json::object& asked) {
  const auto page = ssm_page_in(asked);
  if (!page) return page.error();
  std::size_t place = 0;
  json::array told;
  json::object said;
  for (const auto& [instance, each] : model.nodes()) {
    const auto kept = keeps(each, asked);
    if (!kept) return kept.error();
    if (!*kept || each.ended || place++ < page->after) continue;
    if (told.size() == page->size) {
      said.emplace("NextToken", token_after(place - 1));
      break;
    }
    told.push_back(write_node(each));
  }
  said.emplace("InstanceInformationList", std::move(told));
  return answer{std::move(said), {}};
}

}  // namespace lifehook::simulator
