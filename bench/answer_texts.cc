#include "bench/answer_texts.h"

#include "bench/hook_names.h"

namespace lifehook::bench {

namespace {

// A quotation mark of the body is \" in the answer.
void append_escaped(std::string& to, std::string_view text) {
  for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"')) {
    to.append(text.substr(0, at)).append("\\\"");
    text.remove_prefix(at + 1);
  }
  to.append(text);
}

// As long as a real one of the ECS-optimised image, but for its thirty more capabilities.
constexpr std::string_view container_instance_rest =
    R"(,"agentConnected":true,"runningTasksCount":0,"pendingTasksCount":0,"version":7,)"
    R"("versionInfo":{"agentHash":"a1b2c3d4","agentVersion":"1.89.2","dockerVersion":"DockerVersion: 25.0.6"},)"
    R"("registeredResources":[{"name":"CPU","type":"INTEGER","doubleValue":0.0,"longValue":0,"integerValue":2048},)"
    R"({"name":"MEMORY","type":"INTEGER","doubleValue":0.0,"longValue":0,"integerValue":3767},)"
    R"({"name":"PORTS","type":"STRINGSET","doubleValue":0.0,"longValue":0,"integerValue":0,)"
    R"("stringSetValue":["22","2376","2375","51678","51679"]}],)"
    R"("remainingResources":[{"name":"CPU","type":"INTEGER","doubleValue":0.0,"longValue":0,"integerValue":2048},)"
    R"({"name":"MEMORY","type":"INTEGER","doubleValue":0.0,"longValue":0,"integerValue":3767},)"
    R"({"name":"PORTS","type":"STRINGSET","doubleValue":0.0,"longValue":0,"integerValue":0,)"
    R"("stringSetValue":["22","2376","2375","51678","51679"]}],)"
    R"("attributes":[{"name":"ecs.capability.secrets.asm.environment-variables"},)"
    R"({"name":"com.amazonaws.ecs.capability.logging-driver.awslogs"},{"name":"ecs.capability.task-eni"},)"
    R"({"name":"ecs.availability-zone","value":"eu-west-1a"},{"name":"ecs.instance-type","value":"t3.medium"},)"
    R"({"name":"ecs.os-type","value":"linux"},{"name":"ecs.cpu-architecture","value":"x86_64"}],)"
    R"("registeredAt":1772440000.123,"attachments":[],"tags":[]})";

}  // namespace

std::string message_body(unsigned hook, std::string_view time) {
  std::string body(R"({"Origin":"AutoScalingGroup","LifecycleHookName":"drain-hook","Destination":"EC2",)"
                   R"("AccountId":"111122223333","RequestId":"5c3a6f1e-0000-4000-8000-00000000a001",)"
                   R"("LifecycleTransition":"autoscaling:EC2_INSTANCE_TERMINATING","AutoScalingGroupName":"web-asg",)"
                   R"("Service":"AWS Auto Scaling","Time":")");
  body.append(time).append(R"(","EC2InstanceId":")");
  append_name(body, hook_name::instance, hook);
  body.append(R"(","LifecycleActionToken":")");
  append_name(body, hook_name::token, hook);
  return body.append(R"("})");
}

std::string warning_body(unsigned hook, std::string_view time) {
  std::string body(R"({"version":"0","id":")");
  append_name(body, hook_name::message_id, hook);
  body.append(R"(","detail-type":"EC2 Spot Instance Interruption Warning","source":"aws.ec2",)"
              R"("account":"111122223333","time":")");
  body.append(time).append(R"(","region":"eu-west-1","resources":["arn:aws:ec2:eu-west-1:111122223333:instance/)");
  append_name(body, hook_name::instance, hook);
  body.append(R"("],"detail":{"instance-id":")");
  append_name(body, hook_name::instance, hook);
  return body.append(R"(","instance-action":"terminate"}})");
}

void append_message(std::string& to, unsigned hook, std::string_view body, const message_text& with) {
  to.append(R"({"MessageId":")");
  append_name(to, hook_name::message_id, hook);
  to.append(R"(","ReceiptHandle":")");
  append_name(to, hook_name::receipt_handle, hook);
  to.append(R"(","MD5OfBody":")").append(with.digest).append(R"(","Body":")");
  append_escaped(to, body);
  to.append(R"(","Attributes":{"SenderId":"AROAEXAMPLEID:AutoScaling","ApproximateFirstReceiveTimestamp":")");
  to.append(with.sent_ms).append(R"(","ApproximateReceiveCount":"1","SentTimestamp":")");
  to.append(with.sent_ms).append(R"("}})");
}

void append_container_instance(std::string& to, unsigned hook, bool draining) {
  to.append(R"({"containerInstanceArn":")");
  append_name(to, hook_name::container_instance, hook);
  to.append(R"(","ec2InstanceId":")");
  append_name(to, hook_name::instance, hook);
  to.append(R"(","status":")").append(draining ? "DRAINING\"" : "ACTIVE\"").append(container_instance_rest);
}

void append_scaling_instance(std::string& to, unsigned hook, std::string_view lifecycle_state) {
  to.append("<member><InstanceId>");
  append_name(to, hook_name::instance, hook);
  to.append(
      "</InstanceId><InstanceType>t3.medium</InstanceType><AutoScalingGroupName>web-asg</AutoScalingGroupName>"
      "<AvailabilityZone>eu-west-1a</AvailabilityZone><LifecycleState>");
  to.append(lifecycle_state);
  to.append(
      "</LifecycleState><HealthStatus>HEALTHY</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn>"
      "</member>");
}

void append_group_member(std::string& to, unsigned hook) {
  to.append("<member><InstanceId>");
  append_name(to, hook_name::instance, hook);
  to.append(
      "</InstanceId><InstanceType>t3.medium</InstanceType><AvailabilityZone>eu-west-1a</AvailabilityZone>"
      "<LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus>"
      "<ProtectedFromScaleIn>false</ProtectedFromScaleIn></member>");
}

void append_target(std::string& to, unsigned hook, bool draining) {
  to.append("<member><Target><Id>");
  append_name(to, hook_name::instance, hook);
  to.append("</Id><Port>80</Port></Target><HealthCheckPort>80</HealthCheckPort><TargetHealth><State>");
  to.append(draining ? "draining</State><Reason>Target.DeregistrationInProgress</Reason>" : "healthy</State>");
  to.append("</TargetHealth></member>");
}

std::string queue_attributes() {
  return R"({"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:111122223333:life","MessageRetentionPeriod":"345600",)"
         R"("VisibilityTimeout":"30","ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0",)"
         R"("ApproximateNumberOfMessagesDelayed":"0","RedrivePolicy":)"
         R"("{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:111122223333:dead\",\"maxReceiveCount\":\"10\"}"}})";
}

std::string_view cluster_list() {
  return R"({"clusters":[{"clusterArn":"arn:aws:ecs:eu-west-1:111122223333:cluster/prod","clusterName":"prod",)"
         R"("status":"ACTIVE","registeredContainerInstancesCount":1,"runningTasksCount":0,"pendingTasksCount":0,)"
         R"("activeServicesCount":0}],"failures":[]})";
}

std::string_view caller_identity() {
  return "<Arn>arn:aws:sts::111122223333:assumed-role/bench/bench</Arn><UserId>AROAEXAMPLEID:bench</UserId>"
         "<Account>111122223333</Account>";
}

std::string_view lifecycle_hooks() {
  return "<LifecycleHooks><member><LifecycleHookName>drain-hook</LifecycleHookName>"
         "<AutoScalingGroupName>web-asg</AutoScalingGroupName>"
         "<LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>"
         "<HeartbeatTimeout>7200</HeartbeatTimeout><GlobalTimeout>172800</GlobalTimeout>"
         "<DefaultResult>CONTINUE</DefaultResult>"
         "<NotificationTargetARN>arn:aws:sqs:eu-west-1:111122223333:life</NotificationTargetARN>"
         "<RoleARN>arn:aws:iam::111122223333:role/lifecycle</RoleARN></member></LifecycleHooks>";
}

std::string_view scaling_group_before_members() {
  return "<AutoScalingGroups><member><AutoScalingGroupName>web-asg</AutoScalingGroupName>"
         "<AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:"
         "0d8b1c8e-0000-4000-8000-00000000f001:autoScalingGroupName/web-asg</AutoScalingGroupARN>"
         "<MinSize>0</MinSize><MaxSize>100000</MaxSize><DesiredCapacity>0</DesiredCapacity>"
         "<DefaultCooldown>300</DefaultCooldown><AvailabilityZones><member>eu-west-1a</member></AvailabilityZones>"
         "<HealthCheckType>EC2</HealthCheckType><HealthCheckGracePeriod>0</HealthCheckGracePeriod>"
         "<CreatedTime>2026-03-02T10:15:30.123Z</CreatedTime><Instances>";
}

std::string_view scaling_group_after_members() {
  return "</Instances><Tags/><TargetGroupARNs><member>"
         "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/73e2d6bc24d8a067</member></"
         "TargetGroupARNs>"
         "</member></AutoScalingGroups>";
}

}  // namespace lifehook::bench
