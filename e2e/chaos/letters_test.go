package chaos

import (
	"regexp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var marked = regexp.MustCompile(`poison-(\d+)-(\d+)`)

// letters takes every dead letter, and finds the poison that it is.
func (o *oracle) letters() {
	seen := map[string]bool{}
	for _, queue := range []string{o.dead, o.spent} {
		o.drain(queue, func(m types.Message) {
			attribute := func(name string) string { return aws.ToString(m.MessageAttributes[name].StringValue) }
			mark := marked.FindStringSubmatch(attribute("id") + " " + *m.Body)
			if mark == nil || queue == o.spent {
				o.others.wrongly++
				o.stray("wrongly dead-lettered, %s %s: %s: %.200s", attribute("collection"), attribute("type"), attribute("cause"), *m.Body)
				return
			}
			kind, _ := strconv.Atoi(mark[1])
			p, r := poisons[kind], &o.poisons[kind]
			switch {
			case attribute("type") != p.class || *m.Body != p.body(mark[0], o.day()):
				r.wrongly++
				o.stray("%s: dead-lettered as %s (%s): %.200s", p.name, attribute("type"), attribute("cause"), *m.Body)
			case seen[mark[0]]:
				r.again++
			default:
				r.rightly++
			}
			seen[mark[0]] = true
		})
	}
	for kind := range poisons {
		r := &o.poisons[kind]
		for n := range o.buried[kind] {
			if !seen[mark(kind, n)] {
				r.lost++
				o.stray("%s is lost: %s", poisons[kind].name, mark(kind, n))
			}
		}
	}
}

func (o *oracle) drain(url string, visit func(types.Message)) {
	for {
		out, err := o.sqs.ReceiveMessage(o.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 3600, MessageAttributeNames: []string{"All"}})
		o.must(err)
		if len(out.Messages) == 0 {
			return
		}
		for _, m := range out.Messages {
			visit(m)
		}
	}
}
