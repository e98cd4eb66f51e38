#include "worker/config.h"

#include "aws/endpoint.h"
#include "aws/limits.h"
#include "base/time_text.h"
#include "worker/config_budget.h"
#include "worker/config_groups.h"
#include "worker/config_reader.h"
#include "worker/config_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

namespace lifehook::worker {

namespace {

using namespace std::chrono_literals;

constexpr unsigned most_pollers = 64;
constexpr std::int64_t most_in_flight = 120'000;  // SQS holds no more in flight for a standard queue
constexpr std::array<std::string_view, 3> backends{"memory", "sqlite", "dynamodb"};

queue_settings read_queue(config_reader& in, const written& at) {
  queue_settings queue;
  const auto keys = in.keys_of(at, {"url", "pollers", "in_hand", "hold", "visibility"});
  const auto url = in.required(keys, "url", "the URL of an SQS queue");
  queue.url = in.text(url, "the URL of an SQS queue").value_or("");
  if (const auto checked = check_queue_url(queue.url); !queue.url.empty() && !checked)
    in.complain(url, fmt::format("{}, got {}", checked.error().what(), shown(queue.url)));
  queue.pollers = static_cast<unsigned>(in.count(keys["pollers"], 1, most_pollers).value_or(queue.pollers));
  const auto in_hand = in.count(keys["in_hand"], 1, most_in_flight);
  queue.in_hand = in_hand ? static_cast<std::size_t>(*in_hand) : queue.in_hand;
  queue.hold = in.span(keys["hold"], 0s, aws::longest_invisible).value_or(queue.hold);
  queue.visibility = in.span(keys["visibility"], 10s, aws::longest_invisible).value_or(queue.visibility);
  if (queue.in_hand < queue.pollers)
    in.complain(keys["in_hand"], fmt::format("{} is less than {} pollers: expected room for a message each",
                                             queue.in_hand, queue.pollers));
  return queue;
}

std::vector<queue_settings> read_queues(config_reader& in, const written& at) {
  std::vector<queue_settings> queues;
  for (const auto& entry : in.entries_of(at)) {
    auto next = read_queue(in, entry);
    const auto same =
        std::find_if(queues.begin(), queues.end(), [&](const auto& other) { return other.url == next.url; });
    if (!next.url.empty() && same != queues.end())
      in.complain(entry, fmt::format("the same queue as queues[{}]; raise its pollers instead", same - queues.begin()));
    queues.push_back(std::move(next));
  }
  return queues;
}

std::optional<listen_address> read_listen(config_reader& in, const written& status) {
  const auto at = in.keys_of(status, {"listen"})["listen"];
  const auto text = in.text(at, "an IP address and a port");
  if (!text) return std::nullopt;
  auto listen = parse_listen(*text);
  if (listen) return *std::move(listen);
  in.complain(at, fmt::format("{}, got {}", listen.error().what(), shown(*text)));
  return std::nullopt;
}

struct log_choice {
  std::optional<log_level> level;
  std::optional<log_format> format;
};

log_choice read_log(config_reader& in, const written& at) {
  constexpr std::array<std::string_view, 4> levels{"debug", "info", "warn", "error"};
  constexpr std::array<std::string_view, 2> formats{"json", "text"};
  const auto keys = in.keys_of(at, {"level", "format"});
  log_choice chosen;
  if (const auto level = in.choice(keys["level"], levels)) chosen.level = static_cast<log_level>(*level);
  if (const auto format = in.choice(keys["format"], formats)) chosen.format = static_cast<log_format>(*format);
  return chosen;
}

std::optional<std::string> read_region(config_reader& in, const written& at) {
  auto region = in.text(at, "a region such as eu-west-1");
  if (region && !aws::is_region(*region))
    in.complain(at, fmt::format("expected a region such as eu-west-1, got {}", shown(*region)));
  return region;
}

struct state_key {
  std::string_view name;
  state_backend belongs_to;
  std::string_view expected;
};

std::string read_state_key(config_reader& in, const written_map& keys, state_backend chosen, const state_key& key) {
  const auto at = keys[key.name];
  if (chosen == key.belongs_to) {
    in.required(keys, key.name, key.expected);
    return in.text(at, key.expected).value_or("");
  }
  if (at) in.complain(at, fmt::format("belongs to backend: {}", backends[static_cast<std::size_t>(key.belongs_to)]));
  return {};
}

state_config read_state(config_reader& in, const written& at) {
  state_config read;
  const auto keys = in.keys_of(at, {"backend", "path", "table"});
  if (!at) return read;
  in.required(keys, "backend", "one of " + joined(backends));
  const auto backend = in.choice(keys["backend"], backends);
  if (!backend) return read;
  read.backend = static_cast<state_backend>(*backend);
  read.path = read_state_key(in, keys, read.backend,
                             {"path", state_backend::sqlite, "the path of a file on a volume that outlives the task"});
  read.table =
      read_state_key(in, keys, read.backend, {"table", state_backend::dynamodb, "the name of a DynamoDB table"});
  if (!read.table.empty() && !is_table_name(read.table))
    in.complain(keys["table"],
                fmt::format("expected 3 to 255 letters, digits, '_', '.' and '-', got {}", shown(read.table)));
  return read;
}

// Sooner, and SQS's counts, which lag by up to a minute, would take a message on its way for a lost one.
std::optional<duration> read_adopt_after(config_reader& in, const written& at) {
  const auto read = in.span(at, 0s, 1h);
  if (read && *read > 0s && *read < 1min)
    in.complain(at, fmt::format("expected 1m to 1h, or 0s for never, got {}", to_text(*read)));
  return read;
}

config read_config(config_reader& in, const written& root) {
  config read;
  const auto keys = in.keys_of(root, {"region", "queues", "state", "budget", "status", "stop_timeout", "adopt_after",
                                      "keep_foreign", "log", "groups"});
  read.region = read_region(in, keys["region"]);
  read.queues = read_queues(in, in.required(keys, "queues", "a list of SQS queues, each with its url"));
  read.state = read_state(in, keys["state"]);
  read.budget = read_budget(in, keys["budget"]);
  if (auto listen = read_listen(in, keys["status"])) {
    read.status_address = std::move(listen->address);
    read.status_port = listen->port;
  }
  read.stop_timeout = in.span(keys["stop_timeout"], 1s, 120s).value_or(read.stop_timeout);
  read.adopt_after = read_adopt_after(in, keys["adopt_after"]).value_or(read.adopt_after);
  read.keep_foreign = in.span(keys["keep_foreign"], 0s, 30min).value_or(read.keep_foreign);
  const auto log = read_log(in, keys["log"]);
  read.level = log.level.value_or(read.level);
  read.format = log.format.value_or(read.format);
  read.groups = read_groups(in, in.required(keys, "groups", "a list of groups: what to do for which instances"));
  return read;
}

error malformed(std::string what) { return {errc::malformed, std::move(what), {}}; }

}  // namespace

result<config> parse_config(std::string_view text, std::string_view file_name, const aws::environment& env) {
  const auto document = read_yaml(text);
  if (!document.complaints.empty()) return malformed(render(document.complaints, file_name));
  if (document.root.is == yaml_node::shape::nothing)
    return malformed(fmt::format("{}:1:1: the file is empty; expected queues and groups", file_name));
  config_reader in(env);
  auto read = read_config(in, {"", document.root.where, &document.root});
  if (!in.content()) return malformed(render(in.complaints(), file_name));
  read.remarks = in.remarks();
  return read;
}

duration longest_deadline_of(const config& of) {
  duration longest{0};
  for (const auto& each : of.groups) longest = std::max(longest, each.deadline);
  return longest;
}

bool adopts_hooks(const config& of) {
  const auto answers = [](const handlers::group& each) {
    return each.plan_for(handlers::event_kind::launching) || each.plan_for(handlers::event_kind::terminating);
  };
  return of.adopt_after > 0s && std::any_of(of.groups.begin(), of.groups.end(), answers);
}

result<config> load_config(const std::filesystem::path& given, const aws::environment& env) {
  const auto file = given == "-" ? std::filesystem::path("/dev/stdin") : given;
  std::error_code unknown;
  if (std::filesystem::is_directory(file, unknown))
    return malformed(fmt::format("{}: is a directory; expected a YAML file", file.string()));
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return malformed(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  // One byte more than read_yaml takes, so that a file of any size costs no more than that to refuse.
  std::string text((1 << 20) + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return malformed(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_config(text, file.string(), env);
}

}  // namespace lifehook::worker
