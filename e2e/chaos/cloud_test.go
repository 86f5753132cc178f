package chaos

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// startCloud makes queues, stream, secret, and the two proxies.
func (s *stage) startCloud() {
	ctx, base := s.Context(), &s.parts.AWS.URL
	anyone := credentials.NewStaticCredentialsProvider("local", "local", "")
	s.sqs = sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: base, Credentials: anyone})
	s.kinesis = kinesis.New(kinesis.Options{Region: "us-east-1", BaseEndpoint: base, Credentials: anyone})
	s.secrets = secretsmanager.New(secretsmanager.Options{Region: "us-east-1", BaseEndpoint: base, Credentials: anyone})
	s.dead = s.makeQueue("dead", nil)
	s.spent = s.makeQueue("spent", nil) // what was received a hundred times and never stored
	s.queue = s.makeQueue("ingest", map[string]string{"VisibilityTimeout": strconv.Itoa(visibility),
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:` + arns + `spent","maxReceiveCount":"100"}`})
	_, err := s.kinesis.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("events"), ShardCount: aws.Int32(2)})
	s.must(err)
	s.password.Store("the first one")
	made, err := s.secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("login"), SecretString: aws.String(login("the first one"))})
	s.must(err)
	s.secret = aws.ToString(made.ARN)
	s.wire, err = faultproxy.Start(s.node.URL)
	s.must(err)
	s.Cleanup(s.wire.Close)
	s.cloud, err = faultproxy.Start(*base)
	s.must(err)
	s.Cleanup(s.cloud.Close)
	s.wire.Watch(s.answered)
	s.cloud.Watch(func(faultproxy.Request, int, []byte) {})
	s.cloud.Inject(func(r faultproxy.Request) bool { return s.lettersDown.Load() && buries(r) }, -1,
		s.meets(noLetters, faultproxy.Status(503, "ServiceUnavailable", "made by the run")))
	s.wire.Inject(s.stranger, -1, s.meets(rotated, faultproxy.Status(401, "security_exception", "no such user or password")))
}

func login(password string) string {
	return fmt.Sprintf(`{"username":"sluice","password":%q}`, password)
}

// stranger has not the password of the day.
func (s *stage) stranger(r faultproxy.Request) bool {
	_, password, _ := (&http.Request{Header: r.Header}).BasicAuth()
	return password != s.password.Load()
}

func (s *stage) makeQueue(name string, attributes map[string]string) string {
	out, err := s.sqs.CreateQueue(s.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	s.must(err)
	return aws.ToString(out.QueueUrl)
}

func (s *stage) putSecret(password string) error {
	text := login(password)
	_, err := s.secrets.PutSecretValue(s.Context(), &secretsmanager.PutSecretValueInput{SecretId: &s.secret, SecretString: &text})
	return err
}

// rotatePassword has a moment in which nobody's is right.
func rotatePassword(b blow) error {
	fresh := fmt.Sprintf("number %d", b.random.Int())
	b.password.Store(fresh)
	time.Sleep(300 * time.Millisecond)
	b.insist(b.Context(), "rotate the secret", func() error { return b.putSecret(fresh) })
	return nil
}
