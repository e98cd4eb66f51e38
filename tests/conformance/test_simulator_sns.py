"""boto3 against SNS of `lifehook simulate`."""

from calls import code_of, uncalled

STANDARD = dict(Message="m", Subject="s", MessageAttributes={"event": {"DataType": "String", "StringValue": "x"}})
FIFO = dict(Message="m", MessageGroupId="i-1", MessageDeduplicationId="d")


def test_every_operation_answers_in_a_shape_botocore_parses(simulator):
    sns = simulator.aws.sns
    topic = sns.create_topic(Name="fleet")["TopicArn"]
    assert topic == "arn:aws:sns:eu-west-1:111122223333:fleet"
    assert sns.publish(TopicArn=topic, **STANDARD)["MessageId"]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
    ordered = sns.create_topic(Name="fleet.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    assert sns.publish(TopicArn=ordered, **FIFO)["MessageId"] == sns.publish(TopicArn=ordered, **FIFO)["MessageId"]
    assert uncalled(simulator, "sns") == set()


def test_what_is_refused_is_refused_in_the_words_of_its_model(simulator):
    sns = simulator.aws.sns
    topic = sns.create_topic(Name="fleet")["TopicArn"]

    assert code_of(sns.publish, TopicArn=topic + "s", Message="m") == "NotFound"
    assert code_of(sns.publish, TopicArn=topic, Message="") == "InvalidParameter"
    assert code_of(sns.get_topic_attributes, TopicArn=topic + "s") == "NotFound"
    simulator.faults(dict(service="sns", action="Publish", kind="throttle"))
    assert code_of(sns.publish, TopicArn=topic, Message="m") == "Throttling"
