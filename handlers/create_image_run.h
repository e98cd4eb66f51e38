#pragma once

#include "aws/ec2.h"
#include "handlers/image_retention.h"
#include "handlers/step.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

struct image_settings {
  bool always = false;  // also when the end is expected
  std::vector<std::string> expected_causes;
  bool reboot = false;
  bool waits = true;  // until the image is available
  image_retention retain;
};

// One run of the step. What it remembers only decides what is said; what is true is read from AWS.
class create_image_run {
 public:
  create_image_run(step_context& in, const image_settings& with) : in_(in), settings_(with) {}

  // done: the image is there (or requested). expected, skipped, gone: none is needed, or can be made. failed: somebody
  // else's image has the name, or AWS could not finish it.
  task<result<outcome>> run();

 private:
  bool is_stopping() const;
  task<result<bool>> ends();
  outcome none(std::string_view why);
  task<result<std::optional<outcome>>> reason_for_none();
  task<result<bool>> is_expected_cause();
  task<result<std::string>> cause();
  task<std::string> cause_for_tag();
  task<result<std::optional<outcome>>> find_or_request();
  task<result<std::optional<aws::ec2_image>>> find();
  task<result<std::optional<outcome>>> request();
  task<result<std::optional<outcome>>> refused(error why);
  task<result<bool>> instance_is_there();
  task<result<outcome>> wait_for_it();
  std::optional<outcome> use(const aws::ec2_image& found);
  outcome give_up(const aws::ec2_image& failed);
  std::string name_of_image() const;

  step_context& in_;
  const image_settings& settings_;
  std::optional<std::string> cause_;  // as far as it was asked for
  std::string image_;
};

}  // namespace lifehook::handlers
