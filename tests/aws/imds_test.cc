#include "aws/imds.h"

#include "tests/aws/credential_stage.h"

namespace lifehook::aws {
namespace {

struct instance_metadata : credential_stage {
  std::size_t attempts_with(const std::string& count) {
    variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = count;
    for (int answers = 0; answers < 3; ++answers) wire.answer(503, "");
    imds asked(wire, env());
    EXPECT_FALSE(world.wait_for(asked.read("/latest/meta-data/placement/region")));
    return wire.requests().size();
  }
};

TEST_F(instance_metadata, is_asked_as_often_as_the_variable_says) { EXPECT_EQ(attempts_with("3"), 3U); }

TEST_F(instance_metadata, is_asked_once_where_the_variable_is_no_count) { EXPECT_EQ(attempts_with("3x"), 1U); }

}  // namespace
}  // namespace lifehook::aws
