package part

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

const kafkaVersion = "4.3.1"

var (
	//go:embed kafka/pom.xml
	kafkaPom string
	//go:embed kafka/server.properties
	kafkaProperties string
)

// kafkaCluster is the id of the cluster of one node: any will do.
const kafkaCluster = "c2x1aWNlLWxvY2FsLTEhIQ"

// KafkaOptions choose the broker.
type KafkaOptions struct {
	Port int // wanted; a free one if zero or taken
}

// Kafka is one node, broker and controller, on loopback, without authentication. Its topics
// outlive Kill and Restart; a new start begins without any.
type Kafka struct {
	*Process
	Bootstrap string // host:port
}

// StartKafka fetches the server if need be and returns when it answers.
func StartKafka(ctx context.Context, home Home, o KafkaOptions) (*Kafka, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	k := &Kafka{Bootstrap: address(o.Port)}
	c, err := k.command(ctx, home, o)
	if err != nil {
		return nil, fmt.Errorf("Kafka %s: %w", kafkaVersion, err)
	}
	c.Name, c.Log, c.Line, c.Ready = "Kafka "+kafkaVersion, home.log("kafka"), home.lines("kafka"), k.serves
	if k.Process, err = home.run(ctx, c, k.Bootstrap); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *Kafka) command(ctx context.Context, home Home, o KafkaOptions) (Command, error) {
	java, missing := findJava(java17, home.jvms)
	if missing != nil {
		if !dockerAnswers(ctx) {
			return Command{}, missing
		}
		i := kafkaImage(o)
		return Command{Args: i.args(), Clean: i.remove()}, nil
	}
	jars, err := maven{home, java}.classpath(ctx, "Kafka "+kafkaVersion, kafkaPom, filepath.Join(home.Cache, "kafka-"+kafkaVersion))
	if err != nil {
		return Command{}, err
	}
	jvm := []string{java.tool("java"), "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jars}
	properties, err := writeKafka(home, o)
	if err != nil {
		return Command{}, err
	}
	format := []string{"kafka.tools.StorageTool", "format", "-t", kafkaCluster, "-c", properties}
	if err := command(ctx, nil, slices.Concat(jvm, format)...); err != nil {
		return Command{}, err
	}
	return Command{Args: append(jvm, "kafka.Kafka", properties)}, nil
}

// writeKafka leaves an empty data folder.
func writeKafka(home Home, o KafkaOptions) (properties string, err error) {
	controller, err := Port(0)
	if err != nil {
		return "", err
	}
	data := filepath.Join(home.Data, "kafka")
	if err := os.RemoveAll(data); err != nil {
		return "", err
	}
	properties = filepath.Join(home.Data, "kafka.properties")
	text := strings.NewReplacer(":VOTES", ":"+strconv.Itoa(controller), ":PORT", ":"+strconv.Itoa(o.Port), "DATA", data).Replace(kafkaProperties)
	return properties, os.WriteFile(properties, []byte(text), 0o644)
}

func kafkaImage(o KafkaOptions) image {
	return image{
		name: "apache/kafka:" + kafkaVersion, container: "sluice-kafka-" + strconv.Itoa(o.Port), host: o.Port, inside: 9092,
		env: []string{
			"KAFKA_NODE_ID=1", "KAFKA_PROCESS_ROLES=broker,controller", "KAFKA_CONTROLLER_QUORUM_VOTERS=1@localhost:9093", "CLUSTER_ID=" + kafkaCluster,
			"KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092,CONTROLLER://localhost:9093", "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://" + address(o.Port),
			"KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER", "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
			"KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1", "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1", "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1",
			"KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0", "KAFKA_AUTO_CREATE_TOPICS_ENABLE=false",
		},
	}
}

func (k *Kafka) serves(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(k.Bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Ping(ctx)
}
