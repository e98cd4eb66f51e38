#include "simulator/dynamodb_model.h"

#include "simulator/identity.h"

namespace lifehook::simulator {

dynamodb_model::dynamodb_model(clock& time, account owner, std::uint64_t seed)
    : clock_(time), owner_(std::move(owner)), random_(seed) {}

dynamodb_table& dynamodb_model::create(dynamodb_table made, duration creating) {
  made.arn = owner_.arn("dynamodb", "table/" + made.name());
  made.id = make_uuid(random_);
  made.created = now();
  made.active_from = now() + creating;
  const auto name = made.name();
  return tables_.emplace(name, std::move(made)).first->second;
}

void dynamodb_model::remove(dynamodb_table& which, duration deleting) { which.gone_at = now() + deleting; }

dynamodb_table* dynamodb_model::find(std::string_view reference) {
  const auto found = tables_.find(reference.substr(reference.rfind('/') + 1));
  if (found == tables_.end()) return nullptr;
  auto& table = found->second;
  if (table.gone_at && *table.gone_at <= now()) {
    tables_.erase(found);
    return nullptr;
  }
  if (expired_after_) table.remove_expired(now() - *expired_after_);
  return &table;
}

or_fault<dynamodb_table*> dynamodb_model::active(std::string_view reference) {
  auto* found = find(reference);
  if (!found || status(*found) != "ACTIVE")
    return fault{400, "ResourceNotFoundException", "Requested resource not found"};
  return found;
}

std::string_view dynamodb_model::status(const dynamodb_table& of) const {
  if (of.gone_at) return "DELETING";
  return of.active_from > now() ? "CREATING" : "ACTIVE";
}

std::vector<std::string> dynamodb_model::names() {
  std::vector<std::string> all;
  for (const auto& [name, table] : tables_)
    if (!table.gone_at || *table.gone_at > now()) all.push_back(name);
  return all;
}

}  // namespace lifehook::simulator
