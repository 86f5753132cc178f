package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/sluice-dev/sluice/shared/lambdatest"
)

func tableClient() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &streams, Credentials: aws.CredentialsProviderFunc(credentials)})
}

func tableStreams() *dynamodbstreams.Client {
	return dynamodbstreams.New(dynamodbstreams.Options{Region: "us-east-1", BaseEndpoint: &streams, Credentials: aws.CredentialsProviderFunc(credentials)})
}

// table makes a table of its own for the test, and returns its stream's ARN.
func table(t *testing.T, client *dynamodb.Client) (name, arn string) {
	t.Helper()
	name = fmt.Sprintf("table-%d", queueNumber.Add(1))
	out, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
	})
	return name, *out.TableDescription.LatestStreamArn
}

func putItems(t *testing.T, client *dynamodb.Client, table string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
}

func tableMapping(arn string, f Function, rec *recorder) Stream {
	m := mapping(nil, arn, f, rec)
	m.Tables = tableStreams()
	return m
}

func changes(t *testing.T, d Delivery) []tableRecord {
	t.Helper()
	var e struct{ Records []tableRecord }
	if err := json.Unmarshal(d.Event, &e); err != nil {
		t.Fatalf("%s: %v", d.Event, err)
	}
	return e.Records
}

// itemsOf is each delivery's keys, as "a b c".
func itemsOf(t *testing.T, deliveries []Delivery) (all []string) {
	t.Helper()
	for _, d := range deliveries {
		var ids []string
		for _, r := range changes(t, d) {
			ids = append(ids, r.Change.Keys["id"].(map[string]any)["S"].(string))
		}
		all = append(all, strings.Join(ids, " "))
	}
	return all
}

func TestTableEventIsAWSs(t *testing.T) {
	t.Parallel()
	client, rec := tableClient(), &recorder{}
	name, arn := table(t, client)
	f, _ := function(t, lambdatest.Config{}, allGood)
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "A-1"}, "total": &types.AttributeValueMemberN{Value: "12345678901234567890.12"},
		"tags": &types.AttributeValueMemberSS{Value: []string{"a"}}, "sizes": &types.AttributeValueMemberNS{Value: []string{"1"}},
		"raw": &types.AttributeValueMemberB{Value: []byte("\x00\xff")}, "gift": &types.AttributeValueMemberBOOL{Value: true}, "note": &types.AttributeValueMemberNULL{Value: true},
		"lines": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"sku": &types.AttributeValueMemberS{Value: "x"}}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	running(t, tableMapping(arn, f, rec).Run)
	d := rec.await(t, 1)[0]
	r := changes(t, d)[0]
	if r.EventName != "INSERT" || r.EventSource != "aws:dynamodb" || r.EventVersion != "1.1" || r.AWSRegion != "us-east-1" || r.EventSourceARN != arn || r.EventID == "" {
		t.Errorf("%+v", r)
	}
	if r.Change.SequenceNumber == "" || r.Change.StreamViewType != "NEW_AND_OLD_IMAGES" || time.Since(time.Unix(r.Change.Created, 0)).Abs() > time.Minute {
		t.Errorf("%+v", r.Change)
	}
	image := string(encode(r.Change.NewImage))
	want := `{"gift":{"BOOL":true},"id":{"S":"A-1"},"lines":{"L":[{"M":{"sku":{"S":"x"}}}]},"note":{"NULL":true},"raw":{"B":"AP8="},"sizes":{"NS":["1"]},"tags":{"SS":["a"]},"total":{"N":"12345678901234567890.12"}}`
	if image != want || len(r.Change.OldImage) > 0 {
		t.Errorf("new image %s, want %s", image, want)
	}
}

// The server names nobody who deletes; AWS names itself where time to live did.
func TestDeletionByTimeToLiveSaysSo(t *testing.T) {
	text := string(encodeChange(streamtypes.Record{
		EventName: streamtypes.OperationTypeRemove, UserIdentity: &streamtypes.Identity{Type: aws.String("Service"), PrincipalId: aws.String("dynamodb.amazonaws.com")},
		Dynamodb: &streamtypes.StreamRecord{Keys: map[string]streamtypes.AttributeValue{"id": &streamtypes.AttributeValueMemberBS{Value: [][]byte{{1}}}}},
	}, "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x"))
	for _, part := range []string{`"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}`, `"Keys":{"id":{"BS":["AQ=="]}}`, `"eventName":"REMOVE"`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}

func TestTableGoesOnFromTheLowestReportedChange(t *testing.T) {
	t.Parallel()
	client, rec := tableClient(), &recorder{}
	name, arn := table(t, client)
	f, script := function(t, lambdatest.Config{}, "fail")
	putItems(t, client, name, "a", "b", "c")
	m := tableMapping(arn, f, rec)
	m.Checkpoints, m.Window = &Checkpoints{}, 500*time.Millisecond
	running(t, m.Run)
	ids := changes(t, rec.await(t, 1)[0])
	second := ids[1].Change.SequenceNumber
	script(fmt.Sprintf(`answer {"batchItemFailures":[{"itemIdentifier":%q}]}`, second))
	eventually(t, "the second is delivered first", func() bool {
		return slices.Contains(itemsOf(t, rec.all()), "b c")
	})
	script(allGood)
	putItems(t, client, name, "d")
	eventually(t, "the shard goes on", func() bool {
		all := itemsOf(t, rec.all())
		return strings.HasSuffix(all[len(all)-1], "d") && len(rec.all()[len(all)-1].Failed) == 0
	})
	if len(m.Checkpoints.All()) != 1 {
		t.Errorf("checkpoints %v", m.Checkpoints.All())
	}
}

func TestTablesDiscardedBatchIsToldAsAWSDoes(t *testing.T) {
	t.Parallel()
	client, queueClient, rec := tableClient(), sqsClient(), &recorder{}
	name, arn := table(t, client)
	dead := queue(t, queueClient, nil)
	f, _ := function(t, lambdatest.Config{}, "fail")
	putItems(t, client, name, "a")
	m := tableMapping(arn, f, rec)
	m.MaximumRetryAttempts, m.BisectBatchOnFunctionError = 1, true
	m.OnFailure = &Destination{Client: queueClient, URL: dead, FunctionARN: f.ARN()}
	running(t, m.Run)
	n := note(t, queueClient, dead)
	if n.Kinesis != nil || n.Table == nil || n.Table.StreamARN != arn || n.Table.Size != 1 || n.Table.Start != changes(t, rec.all()[0])[0].Change.SequenceNumber {
		t.Errorf("%+v %+v", n, n.Table)
	}
}
