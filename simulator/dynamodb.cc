#include "simulator/dynamodb.h"

#include "simulator/dynamodb_wire.h"

#include <stdexcept>

namespace lifehook::simulator {
namespace {

class dynamodb_in_memory final : public dynamodb {
 public:
  dynamodb_in_memory(clock& time, account owner, std::uint64_t seed) : model_(time, std::move(owner), seed) {}

  std::string_view name() const override { return "dynamodb"; }

  std::vector<std::string_view> actions() const override {
    std::vector<std::string_view> names;
    for (const auto& each : dynamodb_actions()) names.push_back(each.name);
    return names;
  }

  task<answered> handle(request asked) override {
    for (const auto& each : dynamodb_actions())
      if (each.name == asked.action) co_return each.act(model_, asked.body);
    co_return fault{400, "UnknownOperationException", ""};
  }

  void create_table(std::string name, std::string key, std::string ttl_attribute) override {
    if (model_.find(name)) throw std::invalid_argument("table " + name + " exists");
    auto& made = model_.create({std::move(name), {std::move(key), "S"}, {}}, {});
    made.ttl_attribute = std::move(ttl_attribute);
  }

  void delete_table(std::string_view name) override {
    if (auto* found = model_.find(name)) model_.remove(*found, {});
  }

  std::vector<boost::json::object> items(std::string_view table) override {
    std::vector<boost::json::object> all;
    const auto* found = model_.find(table);
    if (!found) return all;
    for (const auto& [key, item] : found->items()) all.push_back(item);
    return all;
  }

  void remove_expired(std::optional<duration> after) override { model_.remove_expired(after); }

 private:
  dynamodb_model model_;
};

}  // namespace

std::unique_ptr<dynamodb> dynamodb::make(clock& time, account owner, std::uint64_t seed) {
  return std::make_unique<dynamodb_in_memory>(time, std::move(owner), seed);
}

}  // namespace lifehook::simulator
