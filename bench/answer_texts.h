#pragma once

#include <string>
#include <string_view>

namespace lifehook::bench {

// The bodies of answers, in the shapes AWS gives them; what differs from hook to hook is appended in between.

struct message_text {
  std::string_view digest;   // MD5 of the body
  std::string_view sent_ms;  // since the epoch
};
std::string message_body(unsigned hook, std::string_view time);  // Auto Scaling's own shape of a terminating action
std::string warning_body(unsigned hook, std::string_view time);  // EventBridge's, of a spot interruption
void append_message(std::string& to, unsigned hook, std::string_view body, const message_text& with);

void append_container_instance(std::string& to, unsigned hook, bool draining);
void append_scaling_instance(std::string& to, unsigned hook, std::string_view lifecycle_state);
void append_target(std::string& to, unsigned hook, bool draining);

std::string queue_attributes();
std::string_view cluster_list();
std::string_view caller_identity();
std::string_view lifecycle_hooks();
void append_group_member(std::string& to, unsigned hook);
std::string_view scaling_group_before_members();
std::string_view scaling_group_after_members();

}  // namespace lifehook::bench
