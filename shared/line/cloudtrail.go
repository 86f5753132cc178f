package line

import (
	"time"

	"github.com/sluice-dev/sluice/shared/raw"
)

// CloudTrail takes an event as CloudTrail records it. What differs in kind from call to
// call (requestParameters and the like) stays in message, so that no two events can
// disagree on a field's type.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func CloudTrail(dst, line []byte) ([]byte, bool) {
	found := map[string][]byte{}
	var r raw.Reader
	r.Strict(line)
	if r.Kind() != raw.Object {
		return dst, false
	}
	if err := texts(&r, "", found); err != nil || r.End() != nil {
		return dst, false
	}
	at, err := time.Parse(time.RFC3339, string(found["eventTime"]))
	if err != nil || found["eventVersion"] == nil || found["eventSource"] == nil || found["eventName"] == nil {
		return dst, false
	}
	e := begin(dst, at)
	for _, m := range cloudTrailFields {
		e.text(m.to, found[m.from])
	}
	for _, name := range cloudTrailAttributes {
		e.attribute(name, found[name])
	}
	return e.end(line), true
}

var cloudTrailFields = [...]struct{ from, to string }{
	{"eventName", "event.name"}, {"awsRegion", "cloud.region"}, {"recipientAccountId", "cloud.account.id"},
	{"sourceIPAddress", "client.address"}, {"userAgent", "user_agent.original"},
	{"userIdentity.userName", "user.name"}, {"userIdentity.arn", "user.id"},
	{"errorCode", "error.type"}, {"errorMessage", "error.message"},
}

var cloudTrailAttributes = [...]string{
	"eventVersion", "eventSource", "eventID", "eventType", "eventCategory", "requestID", "readOnly", "managementEvent",
	"userIdentity.type", "userIdentity.principalId", "userIdentity.accountId", "userIdentity.accessKeyId",
	"userIdentity.invokedBy", "userIdentity.sessionContext.sessionIssuer.arn", "sharedEventID", "vpcEndpointId",
}

// texts collects an object's scalars by their dotted names, without those of what may
// be of any kind.
func texts(r *raw.Reader, prefix string, found map[string][]byte) error {
	return r.Object(func(name []byte) error {
		path := prefix + string(name)
		kind := r.Kind()
		if kind == raw.Object && (prefix != "" || path == "userIdentity") {
			return texts(r, path+".", found)
		}
		value, err := r.Value()
		switch kind {
		case raw.Object, raw.Array, raw.Null:
		case raw.String:
			found[path] = raw.Text(value)
		default:
			found[path] = value
		}
		return err
	})
}
