#include "aws/xml.h"

#include <cstddef>
#include <cstdint>

// Any bytes are a document or an error; a document can be walked to its end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lifehook::aws;
  const auto document = xml_document::parse(std::string(reinterpret_cast<const char*>(bytes), size));
  if (!document) return 0;
  std::size_t seen = 0;
  std::vector<xml_element> open{document->root()};
  while (!open.empty()) {
    const auto element = open.back();
    open.pop_back();
    seen += element.name().size() + element.text().size();
    for (const auto child : element.children()) open.push_back(child);
  }
  return document->query_result() && seen == 0 ? 1 : 0;
}
