#pragma once

#include "simulator/service.h"

#include <string>
#include <string_view>

namespace lifehook::simulator {

// A decimal number as DynamoDB keeps it: up to 38 significant digits, magnitudes 1E-130 to 9.99E+125. The value is
// 0.digits times ten to the exponent; zero has no digits.
struct decimal {
  bool negative = false;
  std::string digits;  // neither leading nor trailing zeros
  int exponent = 0;
};

or_fault<decimal> read_decimal(std::string_view text);  // "1", "-0.5", "1e3"; else ValidationException
std::string to_text(const decimal& of);                 // one spelling for each value: "1000"
std::string sort_bytes(const decimal& of);              // compare as the numbers do

}  // namespace lifehook::simulator
