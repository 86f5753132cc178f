package main

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/sluice-dev/sluice/shared/line"
)

// lines are what documents are made of: those of a real access log, or look-alikes.
func lines(file string, n int, random *rand.Rand) ([]string, error) {
	if file == "" {
		return lookAlikes(n, random), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if _, ok := line.Combined(nil, s.Bytes()); ok {
			all = append(all, s.Text())
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no line of an access log in combined format", file)
	}
	return all, nil
}

var (
	words  = strings.Fields("images presentations logstash kibana search style reset blog tags puppet projects xdotool articles dynamic dns with")
	agents = []string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.example.com/bot.html)",
		"UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/",
	}
	statuses = []int{200, 200, 200, 200, 200, 200, 304, 301, 404, 500}
)

func lookAlikes(n int, random *rand.Rand) []string {
	word := func() string { return words[random.IntN(len(words))] }
	at := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	all := make([]string, n)
	for i := range all {
		at = at.Add(time.Duration(random.IntN(3000)) * time.Millisecond)
		all[i] = fmt.Sprintf(`%d.%d.%d.%d - - [%s] "GET /%s/%s-%s/%s-%d.png HTTP/1.1" %d %d "http://www.example.com/%s/%s/" "%s"`,
			random.IntN(223)+1, random.IntN(256), random.IntN(256), random.IntN(256), at.Format("02/Jan/2006:15:04:05 -0700"),
			word(), word(), word(), word(), random.IntN(100), statuses[random.IntN(len(statuses))], random.IntN(200_000),
			word(), word(), agents[random.IntN(len(agents))])
	}
	return all
}

// documents makes n documents of exactly size bytes: a line's fields, as many as fit with
// a message, which fills the rest.
func documents(lines []string, n, size int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		text := lines[i%len(lines)]
		whole, _ := line.Combined(nil, []byte(text))
		all[i] = fit(whole, text, size)
	}
	return all
}

const filler = " at com.example.shop.Checkout.place(Checkout.java:117)"

func fit(fields []byte, text string, size int) []byte {
	for _, last := range []string{"message", "user_agent.original", "http.request.header.referer", "url.query", "url.path"} {
		fields, _, _ = bytes.Cut(fields, []byte(`,"`+last+`":"`))
		if len(fields) < size*9/10 {
			break
		}
	}
	out := append(bytes.Clone(fields), `,"message":"`...)
	room := size - len(out) - len(`"}`)
	message := strings.NewReplacer(`"`, "'", `\`, "/").Replace(text)
	message += strings.Repeat(filler, max(room-len(message), 0)/len(filler)+1)
	return append(append(out, message[:room]...), `"}`...)
}

// message is a record of an SQS event, as AWS delivers it.
type message struct {
	ID         string            `json:"messageId"`
	Receipt    string            `json:"receiptHandle"`
	Body       string            `json:"body"`
	Attributes map[string]string `json:"attributes"`
	Own        struct{}          `json:"messageAttributes"`
	MD5        string            `json:"md5OfBody"`
	Source     string            `json:"eventSource"`
	ARN        string            `json:"eventSourceARN"`
	Region     string            `json:"awsRegion"`
}

// event is a batch of the documents; its messages' ids are random.
func event(documents [][]byte, random *rand.Rand) []byte {
	var all struct{ Records []message }
	for _, d := range documents {
		var receipt [240]byte
		for i := range receipt {
			receipt[i] = byte(random.Uint32())
		}
		sum := md5.Sum(d)
		all.Records = append(all.Records, message{
			ID: uuid(random), Receipt: "AQEB" + base64.StdEncoding.EncodeToString(receipt[:]), Body: string(d),
			Attributes: map[string]string{
				"ApproximateReceiveCount": "1", "SentTimestamp": "1431857103000",
				"SenderId": "AROAEXAMPLEPRODUCER01:checkout", "ApproximateFirstReceiveTimestamp": "1431857103041",
			},
			MD5: hex.EncodeToString(sum[:]), Source: "aws:sqs", ARN: "arn:aws:sqs:us-east-1:000000000000:ingest", Region: "us-east-1",
		})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(all) // it encodes
	return out.Bytes()
}

func uuid(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}
