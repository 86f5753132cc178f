package collection

import "strings"

// arnName splits an ARN into its service and the queue's, stream's or topic's name. What
// is no ARN is a name of unknown service, or a topic's URL.
func arnName(arn string) (service, name string) {
	rest, isARN := strings.CutPrefix(arn, "arn:")
	if url, isTopic := strings.CutPrefix(arn, "kafka://"); isTopic {
		return "kafka", lastPart(url)
	}
	if !isARN {
		return "", arn
	}
	_, rest, _ = strings.Cut(rest, ":") // partition
	service, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":") // region
	_, name, _ = strings.Cut(rest, ":") // account
	switch service {
	case "kafka":
		return service, lastPart(name)
	case "mq": // broker:name:id/queue::vhost
		_, name, _ = strings.Cut(name, "/")
		if i := strings.LastIndex(name, "::"); i >= 0 {
			name = name[:i]
		}
		return service, name
	}
	name = strings.TrimPrefix(name, "stream/")
	name, _, _ = strings.Cut(name, "/") // a consumer of the stream
	return service, name
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// claimable are the keys by which a service's records may be claimed: a table's stream by
// its table alone.
var claimable = map[string][]string{"sqs": {"queue"}, "mq": {"queue"}, "kinesis": {"stream"}, "kafka": {"topic"}, "dynamodb": nil}

var anyKey = []string{"queue", "stream", "topic"}

// ownName is the name alone.
func ownName(arn string) string {
	_, name := arnName(arn)
	return name
}

// claim is one source as the key under which records find it: its kind and an ARN, a
// name alone, which stands for every ARN that ends in it, or bucket/prefix.
type claim struct{ kind, what string }

func (s Source) claim() claim {
	switch {
	case s.Queue != "":
		return claim{"queue", s.Queue}
	case s.Stream != "":
		return claim{"stream", s.Stream}
	case s.Topic != "":
		return claim{"topic", s.Topic}
	case s.Bucket != "":
		return claim{"bucket", s.Bucket + "/" + s.Prefix}
	}
	return claim{"table", s.Table}
}

// meets says whether one record could come from both.
func (c claim) meets(other claim) bool {
	if c.kind != other.kind {
		return false
	}
	if c.what == other.what || c.kind == "table" || c.kind == "bucket" {
		return c.what == other.what
	}
	ours, name := arnName(c.what)
	theirs, otherName := arnName(other.what)
	return name == otherName && (ours == "" || theirs == "")
}
