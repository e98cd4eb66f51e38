#include "simulator/ssm_wire.h"

#include "base/number.h"
#include "base/time_text.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_instances = 50;
constexpr std::size_t longest_comment = 100;
constexpr std::int64_t shortest_timeout = 30, longest_timeout = 2'592'000;

fault not_valid(const ssm_model& model, const std::vector<std::string>& instances) {
  return {400, "InvalidInstanceId",
          fmt::format("Instances [[{}]] not in a valid state for account {}", fmt::join(instances, ", "),
                      model.owner().id)};
}

std::vector<std::string> targeted(const json::object& asked) {
  auto ids = texts_of(asked, "InstanceIds");
  const auto* targets = asked.if_contains("Targets");
  if (!targets || !targets->is_array()) return ids;
  for (const auto& each : targets->get_array())
    if (each.is_object() && text_of(each.get_object(), "Key") == "InstanceIds")
      for (auto& id : texts_of(each.get_object(), "Values")) ids.push_back(std::move(id));
  return ids;
}

or_fault<std::vector<std::string>> instances_in(const ssm_model& model, const json::object& asked) {
  auto ids = targeted(asked);
  if (ids.empty())
    return fault{400, "ValidationException", "InstanceIds, or Targets with the key InstanceIds, are needed"};
  if (ids.size() > most_instances) return invalid_constraint("instanceIds");
  if (std::set(ids.begin(), ids.end()).size() != ids.size()) return fault{400, "DuplicateInstanceId", ""};
  std::vector<std::string> unknown;
  for (const auto& id : ids) {
    const auto found = model.nodes().find(id);
    if (found == model.nodes().end() || found->second.ended) unknown.push_back(id);
  }
  if (!unknown.empty()) return not_valid(model, unknown);
  return ids;
}

or_fault<std::chrono::seconds> timeout_in(const json::object& asked) {
  const auto seconds = number_of(asked, "TimeoutSeconds").value_or(3600);
  if (seconds < shortest_timeout || seconds > longest_timeout) return invalid_constraint("timeoutSeconds");
  return std::chrono::seconds(seconds);
}

fault invalid_parameters(std::string message) { return {400, "InvalidParameters", std::move(message)}; }

// Of the documents of AWS's that run scripts.
or_fault<> check_parameters(const std::string& document, const json::object& parameters) {
  if (!document.starts_with("AWS-Run")) return {};
  constexpr std::array<std::string_view, 3> known{"commands", "workingDirectory", "executionTimeout"};
  for (const auto& [name, value] : parameters)
    if (std::ranges::find(known, std::string_view(name)) == known.end())
      return invalid_parameters(fmt::format("Parameter \"{}\" is not defined in the document", std::string_view(name)));
  if (texts_of(parameters, "commands").empty()) return invalid_parameters("Parameter \"commands\" requires a value");
  return {};
}

or_fault<std::chrono::seconds> execution_timeout_in(const json::object& parameters) {
  const auto given = texts_of(parameters, "executionTimeout");
  if (given.empty()) return std::chrono::seconds(3600);
  const auto seconds = parse_number<std::int64_t>(given.front()).value_or(0);
  constexpr std::int64_t longest = 172'800;
  if (seconds < 1 || seconds > longest)
    return invalid_parameters("Parameter \"executionTimeout\" must be between 1 and 172800");
  return std::chrono::seconds(seconds);
}

or_fault<json::object> parameters_in(const json::object& asked) {
  auto parameters = object_of(asked, "Parameters");
  for (const auto& [name, value] : parameters)
    if (!value.is_array()) return fault{400, "SerializationException", "Start of list expected in Parameters"};
  return parameters;
}

or_fault<command_order> read_order(const ssm_model& model, const json::object& asked) {
  command_order made;
  const auto document = text_of(asked, "DocumentName");
  made.document = document.substr(document.rfind('/') + 1);
  if (!model.knows_document(made.document))
    return fault{400, "InvalidDocument", fmt::format("Document with name {} does not exist.", made.document)};
  made.comment = text_of(asked, "Comment");
  if (made.comment.size() > longest_comment) return invalid_constraint("comment");
  auto parameters = parameters_in(asked);
  if (!parameters) return parameters.error();
  made.parameters = *std::move(parameters);
  if (auto fit = check_parameters(made.document, made.parameters); !fit) return fit.error();
  const auto execution = execution_timeout_in(made.parameters);
  if (!execution) return execution.error();
  const auto delivery = timeout_in(asked);
  if (!delivery) return delivery.error();
  auto instances = instances_in(model, asked);
  if (!instances) return instances.error();
  made.instances = *std::move(instances);
  made.execution_timeout = *execution;
  made.delivery_timeout = *delivery;
  made.output_bucket = text_of(asked, "OutputS3BucketName");
  made.output_prefix = text_of(asked, "OutputS3KeyPrefix");
  return made;
}

// What the listings of commands can be narrowed by.
class narrowing {
 public:
  static or_fault<narrowing> read(const json::object& asked) {
    narrowing made;
    made.id_ = text_of(asked, "CommandId");
    made.instance_ = text_of(asked, "InstanceId");
    const auto* filters = asked.if_contains("Filters");
    if (!filters || !filters->is_array()) return made;
    for (const auto& each : filters->get_array()) {
      const auto filter = each.is_object() ? each.get_object() : json::object();
      if (auto added = made.add(text_of(filter, "key"), text_of(filter, "value")); !added) return added.error();
    }
    return made;
  }

  bool keeps(const ssm_command& each) const {
    return (id_.empty() || each.id == id_) && (document_.empty() || each.asked.document == document_) &&
           each.sent >= after_ && each.sent <= before_;
  }
  bool keeps(const ssm_invocation& each) const {
    return keeps(each.command) && (instance_.empty() || each.node.instance == instance_) &&
           (status_.empty() || each.status == status_);
  }
  bool keeps_any_of(const ssm_command& each) const {
    return std::ranges::any_of(each.invocations, [this](const auto& one) { return keeps(*one); });
  }

 private:
  or_fault<> add(const std::string& key, const std::string& value) {
    const auto when = parse_rfc3339(value);
    if (key == "Status") {
      status_ = value;
    } else if (key == "DocumentName") {
      document_ = value;
    } else if (key == "InvokedAfter" && when) {
      after_ = *when;
    } else if (key == "InvokedBefore" && when) {
      before_ = *when;
    } else {
      return fault{400, "InvalidFilterKey", ""};
    }
    return {};
  }

  std::string id_, instance_, document_, status_;
  time_point after_ = time_point::min(), before_ = time_point::max();
};

// A page of what was collected, the newest first.
template <class T, class Write>
answered list_page(const std::vector<T>& all, const ssm_page& page, std::string_view member, Write write) {
  json::array told;
  const auto end = std::min(all.size(), page.after + page.size);
  for (std::size_t i = page.after; i < end; ++i) told.push_back(write(*all[i]));
  json::object said{{member, std::move(told)}};
  if (end < all.size()) said.emplace("NextToken", token_after(end));
  return answer{std::move(said), {}};
}

}  // namespace

answered send_command(ssm_model& model, const json::object& asked) {
  auto order = read_order(model, asked);
  if (!order) return order.error();
  return answer{json::object{{"Command", write_command(model.send(*std::move(order)))}}, {}};
}

answered cancel_command(ssm_model& model, const json::object& asked) {
  auto* command = model.command(text_of(asked, "CommandId"));
  if (!command) return invalid_command();
  const auto only = texts_of(asked, "InstanceIds");
  for (const auto& each : command->invocations)
    if (only.empty() || std::ranges::find(only, each->node.instance) != only.end()) model.cancel(*each);
  return answer{json::object(), {}};
}

answered list_commands(ssm_model& model, const json::object& asked) {
  const auto page = ssm_page_in(asked);
  if (!page) return page.error();
  const auto by = narrowing::read(asked);
  if (!by) return by.error();
  std::vector<const ssm_command*> found;
  for (auto each = model.commands().rbegin(); each != model.commands().rend(); ++each)
    if (model.is_kept(*each->second) && by->keeps_any_of(*each->second)) found.push_back(each->second.get());
  return list_page(found, *page, "Commands", write_command);
}

answered list_command_invocations(ssm_model& model, const json::object& asked) {
  const auto page = ssm_page_in(asked);
  if (!page) return page.error();
  const auto by = narrowing::read(asked);
  if (!by) return by.error();
  std::vector<const ssm_invocation*> found;
  for (auto each = model.commands().rbegin(); each != model.commands().rend(); ++each)
    for (const auto& one : each->second->invocations)
      if (model.is_kept(*each->second) && model.is_visible(*one) && by->keeps(*one)) found.push_back(one.get());
  const bool with_plugins = flag_of(asked, "Details");
  return list_page(found, *page, "CommandInvocations",
                   [&](const ssm_invocation& each) { return write_invocation(model, each, with_plugins); });
}

answered get_command_invocation(ssm_model& model, const json::object& asked) {
  const auto* command = model.command(text_of(asked, "CommandId"));
  const auto instance = text_of(asked, "InstanceId");
  if (command)
    for (const auto& each : command->invocations)
      if (each->node.instance == instance && model.is_visible(*each)) return answer{write_plugin(model, *each), {}};
  return fault{400, "InvocationDoesNotExist", ""};
}

}  // namespace lifehook::simulator
