package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
	"github.com/sluice-dev/sluice/shared/lambdatest"
)

// items is a collection of a table's items.
const items = `id: {fields: [id]}
fields:
  id: {type: keyword}
  n: {type: long}
index: {policy: single, replicas: 0}
`

// table is a real table with a stream, named for the scene's collection.
type table struct {
	*scene
	client *dynamodb.Client
	arn    string // of its stream
}

func (s *scene) table() table {
	s.Helper()
	anyone := credentials.NewStaticCredentialsProvider("local", "local", "")
	t := table{scene: s, client: dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &world.aws, Credentials: anyone})}
	out, err := t.client.CreateTable(s.Context(), &dynamodb.CreateTableInput{
		TableName: &s.collection, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		s.Fatal(err)
	}
	t.arn = aws.ToString(out.TableDescription.LatestStreamArn)
	return t
}

// change puts, updates or deletes an item.
func (t table) change(i, n int) {
	t.Helper()
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "item-" + strconv.Itoa(i)}}
	number := &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
	var err error
	switch n % 4 {
	case 0:
		_, err = t.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &t.collection, Key: key})
	case 1:
		_, err = t.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &t.collection, Key: key, UpdateExpression: aws.String("SET n = :n"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":n": number},
		})
	default:
		_, err = t.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &t.collection, Item: map[string]types.AttributeValue{"id": key["id"], "n": number}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rows are the table's items as documents, by id.
func (t table) rows() map[string]string {
	t.Helper()
	out, err := t.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &t.collection, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, item := range out.Items {
		id := item["id"].(*types.AttributeValueMemberS).Value
		rows[id] = fmt.Sprintf(`{"id":%q,"n":%s}`, id, item["n"].(*types.AttributeValueMemberN).Value)
	}
	return rows
}

// read runs the mapping from the stream's beginning until the index has the rows.
func (t table) read(fn *lambdatest.Function, meanwhile func()) {
	t.Helper()
	anyone := credentials.NewStaticCredentialsProvider("local", "local", "")
	m := lambda.Stream{
		Tables: dynamodbstreams.New(dynamodbstreams.Options{Region: "us-east-1", BaseEndpoint: &world.aws, Credentials: anyone}), ARN: t.arn,
		Function: fn, BatchSize: 50, MaximumRetryAttempts: -1, BisectBatchOnFunctionError: true, ReportBatchItemFailures: true,
		MaxBackoff: 200 * time.Millisecond, Checkpoints: &lambda.Checkpoints{},
	}
	stop := t.runs(m.Run)
	meanwhile()
	rows, last := t.rows(), ""
	eventually(t, time.Minute, func() string {
		if at := fmt.Sprint(m.Checkpoints.All()); at != last { // it reads on
			last = at
			time.Sleep(time.Second)
			return "the stream is read on: " + at
		}
		return differ(rows, t.documents())
	})
	stop()
}

// differ names the first difference between rows and documents; empty if they are equal.
func differ(rows map[string]string, documents map[string]json.RawMessage) string {
	for id, row := range rows {
		if got := string(documents[id]); !sameJSON(got, row) {
			return fmt.Sprintf("%s is %s, want %s", id, got, row)
		}
	}
	if len(documents) != len(rows) {
		return fmt.Sprintf("documents %q, rows %q", keys(documents), slices.Sorted(maps.Keys(rows)))
	}
	return ""
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && fmt.Sprint(x) == fmt.Sprint(y)
}

// Items are put, updated and deleted while items of bulk requests are throttled, answers
// are lost and environments are killed; then the whole stream is delivered again.
func TestTableAndItsIndexAreEqualThroughFaultsAndRedelivery(t *testing.T) {
	t.Parallel()
	s := newScene(t, items)
	table := s.table()
	fn := s.function("ingest", merged(atOnce, map[string]string{"DEFAULT_COLLECTION": s.collection, "OPENSEARCH_BACKOFF_MAX": "50ms", "DEADLINE_RESERVE": "27s"}))
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's
	s.proxy.Inject(faultproxy.Bulk, 3, faultproxy.ResetAfter)
	table.read(fn, func() {
		for n := range 400 {
			table.change(random.IntN(40), n)
			switch n {
			case 100:
				s.proxy.Inject(faultproxy.Bulk, 10, faultproxy.Items(refuse(`"item-7"`, 429, "rejected_execution_exception")))
			case 150, 300:
				fn.Kill()
			}
		}
	})
	table.read(fn, func() {})
	if dead := s.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters %q", bodies(dead))
	}
}

// The same changes through Kinesis, which keeps no order among them: late and twice.
func TestTableThroughKinesisEndsWithTheNewestOfEachItem(t *testing.T) {
	t.Parallel()
	s := newScene(t, items)
	fn := s.function("ingest", map[string]string{"DEFAULT_COLLECTION": s.collection})
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test's
	rows := map[string]string{}
	var records [][]byte
	for n := range 300 {
		id := "item-" + strconv.Itoa(random.IntN(30))
		row := fmt.Sprintf(`{"id":%q,"n":%d}`, id, n)
		name, images := "MODIFY", fmt.Sprintf(`"NewImage":{"id":{"S":%q},"n":{"N":"%d"}},`, id, n)
		if rows[id] = row; n%5 == 0 {
			delete(rows, id)
			name, images = "REMOVE", ""
		}
		text := fmt.Sprintf(`{"awsRegion":"us-east-1","eventID":"e-%d","eventName":%q,"userIdentity":null,"recordFormat":"application/json","tableName":%q,`+
			`"dynamodb":{"ApproximateCreationDateTime":%d,"ApproximateCreationDateTimePrecision":"MICROSECOND","Keys":{"id":{"S":%q}},%s"SizeBytes":20},"eventSource":"aws:dynamodb"}`,
			n, name, s.collection, 1779008830000000+int64(n), id, images)
		records = append(records, []byte(text))
		if n%3 == 0 {
			records = append(records, []byte(text))
		}
	}
	random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	s.streamed(fn, records, func() string { return differ(rows, s.documents()) })
}
