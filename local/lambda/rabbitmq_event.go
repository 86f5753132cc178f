package lambda

import (
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// rabbitMQMessage is a message as Lambda hands it over.
// https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
type rabbitMQMessage struct {
	Properties  rabbitMQProperties `json:"basicProperties"`
	Redelivered bool               `json:"redelivered"`
	Data        []byte             `json:"data"`
}

type rabbitMQProperties struct {
	ContentType     *string        `json:"contentType"`
	ContentEncoding *string        `json:"contentEncoding"`
	Headers         map[string]any `json:"headers"`
	DeliveryMode    uint8          `json:"deliveryMode"`
	Priority        *uint8         `json:"priority"`
	CorrelationID   *string        `json:"correlationId"`
	ReplyTo         *string        `json:"replyTo"`
	Expiration      *string        `json:"expiration"`
	MessageID       *string        `json:"messageId"`
	Timestamp       *string        `json:"timestamp"`
	Type            *string        `json:"type"`
	UserID          *string        `json:"userId"`
	AppID           *string        `json:"appId"`
	ClusterID       *string        `json:"clusterId"`
	BodySize        int            `json:"bodySize"`
}

func encodeRabbitMQ(m amqp.Delivery) []byte {
	p := rabbitMQProperties{
		ContentType: optional(m.ContentType), ContentEncoding: optional(m.ContentEncoding), DeliveryMode: max(m.DeliveryMode, 1),
		CorrelationID: optional(m.CorrelationId), ReplyTo: optional(m.ReplyTo), Expiration: optional(m.Expiration), MessageID: optional(m.MessageId),
		Type: optional(m.Type), UserID: optional(m.UserId), AppID: optional(m.AppId), BodySize: len(m.Body),
	}
	if m.Priority > 0 {
		p.Priority = &m.Priority
	}
	if !m.Timestamp.IsZero() {
		p.Timestamp = optional(javaTime(m.Timestamp))
	}
	if m.Headers != nil {
		p.Headers, _ = header(m.Headers).(map[string]any)
	}
	data := m.Body
	if data == nil {
		data = []byte{}
	}
	return encode(rabbitMQMessage{p, m.Redelivered, data})
}

// optional is null for what is not set.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func javaTime(t time.Time) string { return t.UTC().Format("Jan 2, 2006, 3:04:05 PM") }

// header is a header's value: texts are bytes, in an object.
func header(v any) any {
	switch v := v.(type) {
	case string:
		return map[string]any{"bytes": bytesOf([]byte(v))}
	case []byte:
		return map[string]any{"bytes": bytesOf(v)}
	case time.Time:
		return javaTime(v)
	case amqp.Table:
		all := map[string]any{}
		for name, value := range v {
			all[name] = header(value)
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, value := range v {
			all[i] = header(value)
		}
		return all
	}
	return v
}

func (b *Broker) event() *grouped {
	return &grouped{head: `{"eventSource":"aws:rmq","eventSourceArn":` + strconv.Quote(b.ARN) + `,"rmqMessagesByQueue":`}
}

func (b *Broker) group() string { return b.Queue + "::" + b.VirtualHost }
