// The job as a tuned Go worker does it: aws-sdk-go-v2, ten messages at a time for each poller, the ten at once,
// connections kept open for all of them.
//
// usage: worker QUEUE_URL CLUSTER [POLLERS]
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type event struct {
	AutoScalingGroupName string
	LifecycleHookName    string
	LifecycleActionToken string
	EC2InstanceId        string
}

type worker struct {
	sqs         *sqs.Client
	ecs         *ecs.Client
	groups      *autoscaling.Client
	queue       string
	cluster     string
	knownGroups sync.Map
}

// drain is true once nothing runs on the instance.
func (w *worker) drain(ctx context.Context, instance string) (bool, error) {
	found, err := w.ecs.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{
		Cluster: &w.cluster, Filter: aws.String("ec2InstanceId == " + instance)})
	if err != nil || len(found.ContainerInstanceArns) == 0 {
		return err == nil, err
	}
	_, err = w.ecs.UpdateContainerInstancesState(ctx, &ecs.UpdateContainerInstancesStateInput{
		Cluster: &w.cluster, ContainerInstances: found.ContainerInstanceArns,
		Status: ecstypes.ContainerInstanceStatusDraining})
	if err != nil {
		return false, err
	}
	described, err := w.ecs.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: &w.cluster, ContainerInstances: found.ContainerInstanceArns})
	if err != nil || len(described.ContainerInstances) == 0 {
		return err == nil, err
	}
	seen := described.ContainerInstances[0]
	return seen.RunningTasksCount+seen.PendingTasksCount == 0, nil
}

func (w *worker) know(ctx context.Context, group string) error {
	if _, known := w.knownGroups.LoadOrStore(group, true); known {
		return nil
	}
	_, err := w.groups.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: &group})
	return err
}

// handle is true when the message is done with, to be deleted.
func (w *worker) handle(ctx context.Context, message sqstypes.Message) (bool, error) {
	var told event
	if err := json.Unmarshal([]byte(*message.Body), &told); err != nil || told.LifecycleActionToken == "" {
		return err == nil, err
	}
	if err := w.know(ctx, told.AutoScalingGroupName); err != nil {
		return false, err
	}
	if empty, err := w.drain(ctx, told.EC2InstanceId); err != nil || !empty {
		return false, err
	}
	_, err := w.groups.CompleteLifecycleAction(ctx, &autoscaling.CompleteLifecycleActionInput{
		AutoScalingGroupName: &told.AutoScalingGroupName, LifecycleHookName: &told.LifecycleHookName,
		LifecycleActionToken: &told.LifecycleActionToken, LifecycleActionResult: aws.String("CONTINUE")})
	return err == nil, err
}

// handleAll returns the entries to delete.
func (w *worker) handleAll(ctx context.Context, messages []sqstypes.Message) []sqstypes.DeleteMessageBatchRequestEntry {
	done := make([]bool, len(messages))
	var all sync.WaitGroup
	for n, message := range messages {
		all.Add(1)
		go func() {
			defer all.Done()
			var err error
			if done[n], err = w.handle(ctx, message); err != nil {
				log.Print(err)
			}
		}()
	}
	all.Wait()
	var entries []sqstypes.DeleteMessageBatchRequestEntry
	for n, message := range messages {
		if done[n] {
			id := aws.String(strconv.Itoa(n))
			entries = append(entries, sqstypes.DeleteMessageBatchRequestEntry{Id: id, ReceiptHandle: message.ReceiptHandle})
		}
	}
	return entries
}

func (w *worker) poll(ctx context.Context) error {
	received, err := w.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &w.queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 20,
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll}})
	if err != nil {
		return err
	}
	entries := w.handleAll(ctx, received.Messages)
	if len(entries) == 0 {
		return nil
	}
	_, err = w.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &w.queue, Entries: entries})
	return err
}

func newWorker(ctx context.Context, queue, cluster string) *worker {
	tuned := awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
		transport.MaxIdleConns = 0
		transport.MaxIdleConnsPerHost = 4096
		transport.MaxConnsPerHost = 0
		transport.ForceAttemptHTTP2 = false
	})
	with, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(tuned))
	if err != nil {
		log.Fatal(err)
	}
	return &worker{
		sqs: sqs.NewFromConfig(with), ecs: ecs.NewFromConfig(with), groups: autoscaling.NewFromConfig(with),
		queue: queue, cluster: cluster}
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: worker QUEUE_URL CLUSTER [POLLERS]")
	}
	pollers := 16
	if len(os.Args) > 3 {
		pollers, _ = strconv.Atoi(os.Args[3])
	}
	ctx := context.Background()
	own := newWorker(ctx, os.Args[1], os.Args[2])
	for range pollers {
		go func() {
			for {
				if err := own.poll(ctx); err != nil {
					log.Print(err)
				}
			}
		}()
	}
	select {}
}
