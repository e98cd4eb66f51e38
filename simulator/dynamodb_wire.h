#pragma once

#include "simulator/dynamodb_condition.h"
#include "simulator/dynamodb_model.h"
#include "simulator/json_body.h"

namespace lifehook::simulator {

// DynamoDB's JSON actions: a body in, an answer's JSON out, with names and shapes as the service's model has them.
struct dynamodb_action {
  std::string_view name;
  answered (*act)(dynamodb_model& model, const boost::json::object& asked);
};

const std::vector<dynamodb_action>& dynamodb_actions();

answered create_table(dynamodb_model& model, const boost::json::object& asked);
answered describe_table(dynamodb_model& model, const boost::json::object& asked);
answered delete_table(dynamodb_model& model, const boost::json::object& asked);
answered list_tables(dynamodb_model& model, const boost::json::object& asked);
answered update_time_to_live(dynamodb_model& model, const boost::json::object& asked);
answered describe_time_to_live(dynamodb_model& model, const boost::json::object& asked);

answered get_item(dynamodb_model& model, const boost::json::object& asked);
answered put_item(dynamodb_model& model, const boost::json::object& asked);
answered update_item(dynamodb_model& model, const boost::json::object& asked);
answered delete_item(dynamodb_model& model, const boost::json::object& asked);

answered query(dynamodb_model& model, const boost::json::object& asked);
answered scan(dynamodb_model& model, const boost::json::object& asked);

// A condition the body may carry under that name ("FilterExpression"); none when it does not.
or_fault<std::optional<condition>> condition_in(const boost::json::object& asked, std::string_view name,
                                                placeholders& known);
// The paths of a ProjectionExpression; empty: everything.
or_fault<std::vector<document_path>> projection_in(const boost::json::object& asked, placeholders& known);
boost::json::object projected(const boost::json::object& item, const std::vector<document_path>& onto);
// ReturnConsumedCapacity, answered.
void add_capacity(boost::json::object& told, const boost::json::object& asked, double units);
or_fault<> check_modern(const boost::json::object& asked);  // no parameter from before expressions

}  // namespace lifehook::simulator
