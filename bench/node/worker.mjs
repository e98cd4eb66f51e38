// The job as a tuned Node worker does it: sqs-consumer over the v3 clients, ten messages at a time for each consumer, the
// ten at once, sockets kept open for all of them.
//
// usage: worker.mjs QUEUE_URL CLUSTER [CONSUMERS]

import http from "node:http";

import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeContainerInstancesCommand,
  ECSClient,
  ListContainerInstancesCommand,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Consumer } from "sqs-consumer";

const [queueUrl, cluster, consumers = "16"] = process.argv.slice(2);
const tuned = () => ({
  requestHandler: new NodeHttpHandler({
    httpAgent: new http.Agent({ keepAlive: true, maxSockets: 2048, noDelay: true }),
    socketAcquisitionWarningTimeout: 60_000,
  }),
});
const groups = new AutoScalingClient(tuned());
const ecs = new ECSClient(tuned());
const sqs = new SQSClient(tuned());
const knownGroups = new Map();

// True once nothing runs on the instance.
async function drain(instance) {
  const filter = `ec2InstanceId == ${instance}`;
  const found = await ecs.send(new ListContainerInstancesCommand({ cluster, filter }));
  const containerInstances = found.containerInstanceArns;
  if (containerInstances.length === 0) return true;
  await ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances, status: "DRAINING" }));
  const described = await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }));
  const [seen] = described.containerInstances;
  return seen.runningTasksCount + seen.pendingTasksCount === 0;
}

function complete(event) {
  return groups.send(
    new CompleteLifecycleActionCommand({
      AutoScalingGroupName: event.AutoScalingGroupName,
      LifecycleHookName: event.LifecycleHookName,
      LifecycleActionToken: event.LifecycleActionToken,
      LifecycleActionResult: "CONTINUE",
    }),
  );
}

function know(group) {
  if (!knownGroups.has(group))
    knownGroups.set(group, groups.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group })));
  return knownGroups.get(group);
}

// The message when it is done with, to be deleted.
async function handle(message) {
  const event = JSON.parse(message.Body);
  if (!event.LifecycleActionToken) return message;
  await know(event.AutoScalingGroupName);
  if (!(await drain(event.EC2InstanceId))) return undefined;
  await complete(event);
  return message;
}

async function handleMessageBatch(messages) {
  return (await Promise.all(messages.map(handle))).filter(Boolean);
}

for (let n = 0; n < Number(consumers); n++) {
  const consumer = Consumer.create({ queueUrl, sqs, batchSize: 10, waitTimeSeconds: 20, handleMessageBatch });
  for (const trouble of ["error", "processing_error", "timeout_error"])
    consumer.on(trouble, (error) => console.error(trouble, error.message));
  consumer.start();
}
