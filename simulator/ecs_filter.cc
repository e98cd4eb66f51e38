#include "simulator/ecs_filter.h"

#include "base/number.h"

#include <algorithm>
#include <cctype>

namespace lifehook::simulator {
namespace {

constexpr int deepest = 16;  // parentheses

fault unreadable(std::string_view text) {
  return {400, "InvalidParameterException", "Invalid filter expression near '" + std::string(text) + "'"};
}

constexpr std::string_view brackets = "()[],";
constexpr std::string_view relation_letters = "=!<>~";

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto first = text.front();
    std::size_t length = 1;
    if (std::isspace(static_cast<unsigned char>(first))) {
      text.remove_prefix(1);
      continue;
    }
    if (text.starts_with("!in")) {
      length = 3;
    } else if (relation_letters.find(first) != std::string_view::npos) {
      length = std::min(text.find_first_not_of(relation_letters), text.size());
    } else if (brackets.find(first) == std::string_view::npos) {
      length = std::min(text.find_first_of(" \t\r\n()[],=!<>~"), text.size());
    }
    words.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return words;
}

class filter_reader {
 public:
  explicit filter_reader(std::vector<std::string> words) : words_(std::move(words)) {}

  or_fault<instance_filter> read() {
    auto whole = read_any(0);
    if (whole && at_ != words_.size()) return unreadable(words_[at_]);
    return whole;
  }

 private:
  using filter = instance_filter;

  std::string_view next() const { return at_ < words_.size() ? std::string_view(words_[at_]) : std::string_view(); }
  bool eat(std::string_view word) {
    if (next() != word) return false;
    ++at_;
    return true;
  }

  or_fault<filter> read_any(int depth) {
    return read_joined("or", filter::kind::any_of, depth, &filter_reader::read_all);
  }
  or_fault<filter> read_all(int depth) {
    return read_joined("and", filter::kind::all_of, depth, &filter_reader::read_one);
  }

  or_fault<filter> read_joined(std::string_view word, filter::kind kind, int depth,
                               or_fault<filter> (filter_reader::*read_part)(int)) {
    filter joined;
    joined.is = kind;
    do {
      auto part = (this->*read_part)(depth);
      if (!part) return part.error();
      joined.parts.push_back(*std::move(part));
    } while (eat(word));
    if (joined.parts.size() > 1) return joined;
    auto only = std::move(joined.parts.front());
    return only;
  }

  or_fault<filter> read_one(int depth) {
    if (depth > deepest) return unreadable(next());
    if (eat("not")) {
      auto part = read_one(depth + 1);
      if (!part) return part;
      filter negated;
      negated.is = filter::kind::none_of;
      negated.parts.push_back(*std::move(part));
      return negated;
    }
    if (!eat("(")) return read_comparison();
    auto inner = read_any(depth + 1);
    if (inner && !eat(")")) return unreadable(next());
    return inner;
  }

  or_fault<filter> read_comparison() {
    filter compared;
    compared.is = filter::kind::comparison;
    compared.subject = next();
    if (at_ + 2 >= words_.size()) return unreadable(next());
    ++at_;
    compared.relation = words_[at_++];
    if (!known(compared.subject, compared.relation)) return unreadable(compared.subject + " " + compared.relation);
    if (!compared.relation.ends_with("in")) {
      compared.values.emplace_back(words_[at_++]);
      return compared;
    }
    if (!eat("[")) return unreadable(next());
    do {
      if (next().empty()) return unreadable("");
      compared.values.emplace_back(words_[at_++]);
    } while (eat(","));
    if (!eat("]")) return unreadable(next());
    return compared;
  }

  static bool known(std::string_view subject, std::string_view relation) {
    const bool equality = relation == "==" || relation == "!=";
    if (subject == "ec2InstanceId") return equality || relation == "in" || relation == "!in";
    if (subject == "agentConnected") return equality;
    const bool order = relation == "<" || relation == "<=" || relation == ">" || relation == ">=";
    return (subject == "runningTasksCount" || subject == "pendingTasksCount") && (equality || order);
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

bool compare(int left, std::string_view relation, const std::string& text) {
  const int right = parse_number<int>(text).value_or(0);
  if (relation == "==") return left == right;
  if (relation == "!=") return left != right;
  if (relation == "<") return left < right;
  if (relation == "<=") return left <= right;
  return relation == ">" ? left > right : left >= right;
}

bool compare(std::string_view left, std::string_view relation, const std::vector<std::string>& values) {
  const bool among = std::find(values.begin(), values.end(), left) != values.end();
  return relation.starts_with('!') ? !among : among;
}

}  // namespace

or_fault<instance_filter> instance_filter::parse(std::string_view text) {
  auto words = split(text);
  if (words.empty()) return instance_filter{};
  return filter_reader(std::move(words)).read();
}

bool instance_filter::accepts(const ecs_instance& each) const {
  const auto accepting = [&each](const instance_filter& part) { return part.accepts(each); };
  switch (is) {
    case kind::all_of: return std::all_of(parts.begin(), parts.end(), accepting);
    case kind::any_of: return std::any_of(parts.begin(), parts.end(), accepting);
    case kind::none_of: return std::none_of(parts.begin(), parts.end(), accepting);
    case kind::comparison: break;
  }
  if (subject == "ec2InstanceId") return compare(each.ec2_id, relation, values);
  if (subject == "agentConnected") return compare(each.connected ? "true" : "false", relation, values);
  return compare(subject == "runningTasksCount" ? each.running : each.pending, relation, values.front());
}

const std::vector<std::string>* instance_filter::only_ec2_ids() const {
  const bool plain = is == kind::comparison && subject == "ec2InstanceId" && !relation.starts_with('!');
  return plain ? &values : nullptr;
}

}  // namespace lifehook::simulator
