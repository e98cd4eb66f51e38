// What the pure decisions on a message's path cost: parse, route, the disposition; a signature with a cached key; and
// reading the longest answer of a drain. And a yardstick, which is none of ours: on another machine, or an hour later,
// all takes longer, but not as multiples of it.
#include "aws/ecs_answers.h"
#include "aws/json_document.h"
#include "aws/sigv4.h"
#include "bench/answer_texts.h"
#include "handlers/event.h"
#include "handlers/route.h"
#include "queues/disposition.h"
#include "worker/delivery.h"

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace lifehook::bench {

namespace {

using namespace std::chrono_literals;

struct path {
  const char* name;
  const char* sample;
};

// A message of each delivery path.
constexpr std::array paths{
    path{"parse: Auto Scaling, SQS", "asg-direct-terminate.json"},
    path{"parse: Auto Scaling, SNS, SQS", "sns-asg-terminate.json"},
    path{"parse: Auto Scaling, SNS raw, SQS", "sns-raw-asg-terminate.json"},
    path{"parse: EventBridge, SQS", "eb-asg-terminate-lifecycle.json"},
    path{"parse: EventBridge, SNS, SQS", "sns-eb-spot-interruption-warning.json"},
};
constexpr unsigned group_count = 50;
constexpr unsigned instance_count = 10;  // as many as one call changes
constexpr std::size_t hashed_size = 1024;
constexpr std::size_t block_count = 32;

std::string read(const std::filesystem::path& file) {
  const std::ifstream from(file);
  std::ostringstream text;
  text << from.rdbuf();
  if (text.str().empty()) throw std::runtime_error("nothing in " + file.string());
  return text.str();
}

// Arithmetic, and small blocks of the heap that are written and read, as the decisions have them.
void measure_yardstick(benchmark::State& state) {
  const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  const std::string hashed(hashed_size, 'x');
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  for (auto _ : state) {
    if (EVP_Digest(hashed.data(), hashed.size(), digest.data(), nullptr, sha256.get(), nullptr) != 1)
      return state.SkipWithError("no SHA-256");
    std::map<std::size_t, std::string> blocks;
    for (std::size_t n = 0; n < block_count; ++n) blocks.emplace((n * 7) % block_count, std::string(24 + n, 'x'));
    benchmark::DoNotOptimize(digest);
    benchmark::DoNotOptimize(blocks);
  }
}

void parse(benchmark::State& state, const std::string& body) {
  if (const auto read = handlers::parse(body); read.has_error() || read->events.empty())
    return state.SkipWithError("the sample is no event");
  for (auto _ : state) benchmark::DoNotOptimize(handlers::parse(body));
}

void sign(benchmark::State& state) {
  aws::signer by;
  const aws::credentials keys{
      .access_key_id = "AKIDBENCH", .secret_access_key = "secret", .session_token = {}, .expires = {}};
  const auto now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  aws::http_request request;
  request.url = "https://autoscaling.eu-west-1.amazonaws.com/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body =
      "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=web-asg&LifecycleHookName=drain-hook&"
      "LifecycleActionResult=CONTINUE&LifecycleActionToken=7a5c0e1d-1111-4222-8333-000000000001&InstanceId="
      "i-0a1b2c3d4e5f60718";
  for (auto _ : state) {
    by.sign(request, keys, {now, "eu-west-1", "autoscaling"});
    benchmark::ClobberMemory();
  }
}

std::string container_instances() {
  std::string text(R"({"containerInstances":[)");
  for (unsigned n = 0; n < instance_count; ++n) append_container_instance(n == 0 ? text : text.append(","), n, true);
  return text.append(R"(],"failures":[]})");
}

void read_instances(benchmark::State& state) {
  const auto text = container_instances();
  for (auto _ : state) {
    const auto answer = aws::json_document::parse(text, aws::unread_of_container_instances());
    if (!answer) return state.SkipWithError("the answer is none");
    benchmark::DoNotOptimize(answer->root().size());
  }
}

std::vector<handlers::group> configured_groups() {
  std::vector<handlers::group> groups(group_count);
  for (unsigned n = 0; n < group_count; ++n) {
    groups[n].name = "service-" + std::to_string(n);
    groups[n].match = {groups[n].name + "-*"};
    groups[n].hooks = {"drain*"};
    groups[n].plans[handlers::event_kind::terminating] = {};
  }
  return groups;
}

// An event of each of the groups in turn.
void route(benchmark::State& state) {
  const auto groups = configured_groups();
  std::vector<std::pair<handlers::event, handlers::route_facts>> events(group_count);
  for (unsigned n = 0; n < group_count; ++n) {
    auto& [about, facts] = events[n];
    about.group = groups[n].name + "-blue";
    about.hook = "drain-hook";
    facts.scaling_group = about.group;
    if (handlers::route(about, facts, groups).to != &groups[n]) return state.SkipWithError("not where it belongs");
  }
  std::size_t next = 0;
  for (auto _ : state) {
    const auto& [about, facts] = events[next++ % group_count];
    benchmark::DoNotOptimize(handlers::route(about, facts, groups));
  }
}

// What becomes of a message: whether it may go back, the verdict on its events, and when it is seen again.
void dispose(benchmark::State& state) {
  using handlers::verdict;
  random_source random(1);
  const std::vector<verdict> verdicts{verdict::requeue(30s), verdict::retry()};
  unsigned received = 0;
  for (auto _ : state) {
    received = received % 10 + 1;
    benchmark::DoNotOptimize(queues::may_requeue(received, 10));
    benchmark::DoNotOptimize(worker::combine(verdicts));
    benchmark::DoNotOptimize(queues::retry_delay(received, 60s, random));
  }
}

int run(int count, char** values) {
  benchmark::Initialize(&count, values);
  if (count != 2) throw std::runtime_error("usage: bench_micro SAMPLES_DIRECTORY [--benchmark_...]");
  const std::filesystem::path samples(values[1]);
  benchmark::RegisterBenchmark("yardstick: SHA-256 of 1 KiB, map of 32 strings", measure_yardstick);
  for (const auto& each : paths) benchmark::RegisterBenchmark(each.name, parse, read(samples / each.sample));
  benchmark::RegisterBenchmark("sign: SigV4, cached key", sign);
  benchmark::RegisterBenchmark("read: ECS, ten container instances", read_instances);
  benchmark::RegisterBenchmark("route: one of 50 groups", route);
  benchmark::RegisterBenchmark("disposition: of two events", dispose);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace

}  // namespace lifehook::bench

int main(int count, char** values) {
  try {
    return lifehook::bench::run(count, values);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench_micro: %s\n", failed.what());
    return 2;
  }
}
