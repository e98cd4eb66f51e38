// AWS for the bench: as fast as one thread can be, and only for the one job. What it measured is under GET /stats.
#include "bench/options.h"
#include "bench/server.h"

#include <exception>

namespace lifehook::bench {

namespace {

constexpr std::string_view usage =
    "usage: bench_endpoint [--port 0] [--hooks 1000] [--delay MS] [--rate PER_SECOND] [--held]\n"
    "                      [--spot] [--order] [--certificate FILE --key FILE]\n"
    "  --rate 0: all messages at once; --held: they come from GET /release on, not from the first ReceiveMessage\n"
    "  --spot: they are spot warnings, to be handled within two minutes; --order: GET /order tells of every call\n"
    "  --certificate, --key: PEM, for TLS as localhost\n";

void serve(std::span<char* const> arguments) {
  const auto hooks = static_cast<unsigned>(option(arguments, "--hooks", 1000));
  const std::chrono::duration<double, std::milli> delay(option(arguments, "--delay", 0));
  const tls_files tls{text_option(arguments, "--certificate"), text_option(arguments, "--key")};
  server own(static_cast<unsigned short>(option(arguments, "--port", 0)),
             {std::chrono::round<std::chrono::nanoseconds>(delay), flag(arguments, "--held"), tls});
  fleet of(hooks, option(arguments, "--rate", 0));
  const std::string origin = tls.certificate.empty() ? "http://127.0.0.1:" : "https://localhost:";
  const auto url = origin + std::to_string(own.port());
  answers with(of, hooks, url, flag(arguments, "--spot") ? job::spot : job::drain);
  if (flag(arguments, "--order")) with.keep_order();
  std::printf("listening on %s\n", url.c_str());
  std::fflush(stdout);
  own.run(of, with);
}

}  // namespace

}  // namespace lifehook::bench

int main(int count, char** values) {
  using namespace lifehook::bench;
  return run_program("bench_endpoint", usage, {values, static_cast<std::size_t>(count)}, serve);
}
