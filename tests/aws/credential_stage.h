#pragma once

#include "aws/credential_setting.h"
#include "base/time_text.h"
#include "tests/support/scripted_wire.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace lifehook::aws {

// What credential sources run on in tests: virtual time, a scripted wire, variables and files of the test's own.
struct credential_stage : ::testing::Test {
  test::virtual_time world;
  scripted_wire wire{world.clock};
  random_source random{7};
  std::map<std::string, std::string, std::less<>> variables;
  std::filesystem::path home = make_home();

  ~credential_stage() override { std::filesystem::remove_all(home); }

  environment env() {
    variables.try_emplace("HOME", home.string());
    return [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }
  credential_setting setting() { return {world.clock, wire, env(), "eu-west-1", random}; }
  std::string file(const std::string& name, std::string_view text) {
    const auto path = home / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  result<credentials> fetch(credential_factory make) {
    const auto source = make(setting());
    if (!source) return error{errc::internal, "not configured"};
    return world.wait_for(source->fetch());
  }
  std::string from_now(duration span) const { return to_rfc3339(world.clock.now() + span); }

  std::string json_keys(std::string_view id, duration life) const {
    return fmt::format(R"({{"Code":"Success","AccessKeyId":"{}","SecretAccessKey":"s","Token":"t","Expiration":"{}"}})",
                       id, from_now(life));
  }
  std::string sts_answer(std::string_view action, std::string_view id, duration life) const {
    return fmt::format(
        "<{0}Response><{0}Result><Credentials><AccessKeyId>{1}</AccessKeyId><SecretAccessKey>s"
        "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{2}</Expiration></Credentials>"
        "</{0}Result></{0}Response>",
        action, id, from_now(life));
  }

 private:
  static std::filesystem::path make_home() {
    auto name = (std::filesystem::temp_directory_path() / "lifehook-credentials-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
};

inline std::string sts_fault(std::string_view code, std::string_view message = "no") {
  return fmt::format(
      "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>", code,
      message);
}

}  // namespace lifehook::aws
