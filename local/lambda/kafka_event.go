package lambda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// kafkaRecord is a record as Lambda hands it over.
// https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
type kafkaRecord struct {
	Topic         string                       `json:"topic"`
	Partition     int32                        `json:"partition"`
	Offset        int64                        `json:"offset"`
	Timestamp     int64                        `json:"timestamp"`
	TimestampType string                       `json:"timestampType"`
	Key           []byte                       `json:"key"`   // null where there is none
	Value         []byte                       `json:"value"` // null: a tombstone
	Headers       []map[string]json.RawMessage `json:"headers"`
}

func encodeKafka(r *kgo.Record) []byte {
	record := kafkaRecord{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(), TimestampType: "CREATE_TIME",
		Key: r.Key, Value: r.Value, Headers: []map[string]json.RawMessage{},
	}
	if r.Attrs.TimestampType() == 1 {
		record.TimestampType = "LOG_APPEND_TIME"
	}
	for _, h := range r.Headers {
		record.Headers = append(record.Headers, map[string]json.RawMessage{h.Key: bytesOf(h.Value)})
	}
	return encode(record)
}

// event is empty, with what says whose records it will hold.
func (t *Topic) event() *grouped {
	source := `{"eventSource":"SelfManagedKafka",`
	if t.ARN != "" {
		source = `{"eventSource":"aws:kafka","eventSourceArn":` + strconv.Quote(t.ARN) + `,`
	}
	return &grouped{head: source + `"bootstrapServers":` + strconv.Quote(strings.Join(t.Bootstrap, ",")) + `,"records":`}
}

// groupOf is the name under which an event and an answer have a record's partition.
func groupOf(r *kgo.Record) string { return r.Topic + "-" + strconv.Itoa(int(r.Partition)) }

func position(r *kgo.Record) string { return groupOf(r) + "/" + strconv.FormatInt(r.Offset, 10) }

// offsetFailures reads {"batchItemFailures": [{"itemIdentifier": {"partition": "topic-0", "offset": 7}}]}
// as the lowest offset of each partition. An error means complete failure; what counts as
// complete success is the same as for streams.
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
func offsetFailures(answer []byte, batch []*kgo.Record) (map[string]int64, error) {
	if answer = bytes.TrimSpace(answer); len(answer) == 0 {
		return nil, nil
	}
	var response map[string]json.RawMessage
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, fmt.Errorf("answer is not a JSON object: %s", head(answer))
	}
	var items []map[string]map[string]json.RawMessage
	if list := response["batchItemFailures"]; list != nil {
		if err := json.Unmarshal(list, &items); err != nil {
			return nil, fmt.Errorf("batchItemFailures is not a list of objects with a partition and an offset: %s", head(list))
		}
	}
	known := make(map[string]bool, len(batch))
	for _, r := range batch {
		known[position(r)] = true
	}
	first := map[string]int64{}
	for _, item := range items {
		var group string
		var offset int64
		id := item["itemIdentifier"]
		if json.Unmarshal(id["partition"], &group) != nil || json.Unmarshal(id["offset"], &offset) != nil || !known[group+"/"+strconv.FormatInt(offset, 10)] {
			return nil, fmt.Errorf("itemIdentifier %s is not in the batch", encode(id))
		}
		if lowest, ok := first[group]; !ok || offset < lowest {
			first[group] = offset
		}
	}
	return first, nil
}
