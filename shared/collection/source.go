package collection

import "strings"

// arnName splits an SQS or Kinesis ARN into its service and the queue's or stream's
// name. What is no ARN is a name of unknown service.
func arnName(arn string) (service, name string) {
	rest, isARN := strings.CutPrefix(arn, "arn:")
	if !isARN {
		return "", arn
	}
	_, rest, _ = strings.Cut(rest, ":") // partition
	service, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":") // region
	_, name, _ = strings.Cut(rest, ":") // account
	name = strings.TrimPrefix(name, "stream/")
	name, _, _ = strings.Cut(name, "/") // a consumer of the stream
	return service, name
}

// ownName is the name alone.
func ownName(arn string) string {
	_, name := arnName(arn)
	return name
}

// claim is one source as the key under which records find it: its kind and either
// an ARN or a name alone, which stands for every ARN that ends in it.
type claim struct{ kind, what string }

func (s Source) claim() claim {
	switch {
	case s.Queue != "":
		return claim{"queue", s.Queue}
	case s.Stream != "":
		return claim{"stream", s.Stream}
	}
	return claim{"table", s.Table}
}

// meets says whether one record could come from both.
func (c claim) meets(other claim) bool {
	if c.kind != other.kind {
		return false
	}
	if c.what == other.what || c.kind == "table" {
		return c.what == other.what
	}
	ours, name := arnName(c.what)
	theirs, otherName := arnName(other.what)
	return name == otherName && (ours == "" || theirs == "")
}
