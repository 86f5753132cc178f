package lambda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// itemFailures reads the answer of a function whose mapping has ReportBatchItemFailures.
// An error means complete failure. Null, an empty answer, a missing, null or empty list
// mean complete success: that is AWS's contract, and why a function must never answer
// null by mistake.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func itemFailures(answer []byte, batch []string) ([]string, error) {
	answer = bytes.TrimSpace(answer)
	if len(answer) == 0 {
		return nil, nil
	}
	// Maps, because AWS's keys are case-sensitive and encoding/json's struct fields are not.
	var response map[string]json.RawMessage
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, fmt.Errorf("answer is not a JSON object: %s", head(answer))
	}
	var items []map[string]json.RawMessage
	if list := response["batchItemFailures"]; list != nil {
		if err := json.Unmarshal(list, &items); err != nil {
			return nil, fmt.Errorf("batchItemFailures is not a list of objects: %s", head(list))
		}
	}
	known, ids := set(batch), make([]string, 0, len(items))
	for _, item := range items {
		id, err := identifier(item)
		if err == nil && !known[id] {
			err = fmt.Errorf("itemIdentifier %q is not in the batch", id)
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func identifier(item map[string]json.RawMessage) (string, error) {
	raw, ok := item["itemIdentifier"]
	if !ok {
		return "", errors.New("an item has no itemIdentifier")
	}
	var id *string
	if err := json.Unmarshal(raw, &id); err != nil || id == nil || *id == "" {
		return "", fmt.Errorf("itemIdentifier is %s", raw)
	}
	return *id, nil
}

func set(ids []string) map[string]bool {
	m := make(map[string]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}
