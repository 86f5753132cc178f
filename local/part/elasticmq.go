package part

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const elasticMQVersion = "1.7.1"

var (
	//go:embed elasticmq/pom.xml
	elasticMQPom string
	//go:embed elasticmq/elasticmq.conf
	elasticMQConf string
)

// ElasticMQOptions choose the queue server. Queues are made through the SQS API.
type ElasticMQOptions struct {
	Port    int // wanted; a free one if zero or taken
	Address int // the port in queue URLs, of a proxy before it; Port if zero
}

// ElasticMQ is an SQS server on loopback: region us-east-1, account 000000000000, any credentials.
// Its queues are gone when it ends.
type ElasticMQ struct {
	*Process
	URL string
}

// StartElasticMQ fetches the server if need be and returns when it answers.
func StartElasticMQ(ctx context.Context, home Home, o ElasticMQOptions) (*ElasticMQ, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	o.Address = cmp.Or(o.Address, o.Port)
	q := &ElasticMQ{URL: baseURL(o.Port)}
	c, err := q.command(ctx, home, o)
	if err != nil {
		return nil, fmt.Errorf("ElasticMQ %s: %w", elasticMQVersion, err)
	}
	c.Name, c.Log, c.Line, c.Ready = "ElasticMQ "+elasticMQVersion, home.log("elasticmq"), home.lines("elasticmq"), q.serves
	if q.Process, err = home.run(ctx, c, q.URL); err != nil {
		return nil, err
	}
	return q, nil
}

func (q *ElasticMQ) command(ctx context.Context, home Home, o ElasticMQOptions) (Command, error) {
	conf := filepath.Join(home.Data, "elasticmq.conf")
	java, missing := findJava(java17, home.jvms)
	if missing != nil {
		if !dockerAnswers(ctx) {
			return Command{}, missing
		}
		i := elasticMQImage(conf, o)
		return Command{Args: i.args(), Clean: i.remove()}, writeElasticMQ(conf, "0.0.0.0", i.inside, o.Address)
	}
	jars, err := maven{home, java}.classpath(ctx, "ElasticMQ "+elasticMQVersion, elasticMQPom, filepath.Join(home.Cache, "elasticmq-"+elasticMQVersion))
	if err != nil {
		return Command{}, err
	}
	args := []string{java.tool("java"), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dconfig.file=" + conf, "-cp", jars, "org.elasticmq.server.Main"}
	return Command{Args: args}, writeElasticMQ(conf, "127.0.0.1", o.Port, o.Address)
}

func elasticMQImage(conf string, o ElasticMQOptions) image {
	return image{
		name:      "softwaremill/elasticmq-native:" + elasticMQVersion,
		container: "sluice-elasticmq-" + strconv.Itoa(o.Port),
		host:      o.Port, inside: 9324,
		mounts: []string{conf + ":/opt/elasticmq.conf:ro"},
	}
}

func writeElasticMQ(file, host string, port, address int) error {
	text := strings.NewReplacer("HOST", host, "PORT", strconv.Itoa(port), "ADDRESS", strconv.Itoa(address)).Replace(elasticMQConf)
	return os.WriteFile(file, []byte(text), 0o644)
}

func (q *ElasticMQ) serves(ctx context.Context) error {
	return answers(ctx, q.URL+"/?Action=ListQueues", nil)
}
