package lambda

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// httpAnswer is a function's answer in payload format 2.0, which has no multiValueHeaders.
type httpAnswer struct {
	StatusCode      *int
	Headers         map[string]any
	Cookies         []string
	Body            string
	IsBase64Encoded bool
}

// answer writes what payload says; an error before anything is written says that it is no answer.
func answer(w http.ResponseWriter, payload []byte) error {
	a, err := parseAnswer(payload)
	if err != nil {
		return err
	}
	body := []byte(a.Body)
	if a.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return fmt.Errorf("body is not base64: %w", err)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain;charset=UTF-8")
	for name, value := range a.Headers {
		h.Set(name, fmt.Sprint(value))
	}
	for _, cookie := range a.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	h.Del("Content-Length") // ours counts
	w.WriteHeader(*a.StatusCode)
	_, _ = w.Write(body)
	return nil
}

// parseAnswer takes any JSON: without a statusCode it is itself the body of a 200.
func parseAnswer(payload []byte) (httpAnswer, error) {
	payload = bytes.TrimSpace(payload)
	if !json.Valid(payload) {
		return httpAnswer{}, errors.New("answer is not JSON")
	}
	var keys map[string]json.RawMessage
	_ = json.Unmarshal(payload, &keys) // not an object: no keys
	if keys["statusCode"] == nil {
		return inferred(payload), nil
	}
	var a httpAnswer
	if err := json.Unmarshal(payload, &a); err != nil {
		return a, fmt.Errorf("answer is not of format 2.0: %w", err)
	}
	if a.StatusCode == nil || *a.StatusCode < 200 || *a.StatusCode > 599 {
		return a, fmt.Errorf("statusCode is %s", keys["statusCode"])
	}
	return a, nil
}

// inferred is a plain answer: a JSON string is its text.
func inferred(payload []byte) httpAnswer {
	status, text := http.StatusOK, ""
	if json.Unmarshal(payload, &text) != nil || string(payload) == "null" {
		text = string(payload)
	}
	return httpAnswer{StatusCode: &status, Headers: map[string]any{"content-type": "application/json"}, Body: text}
}
