package part

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImagesRunWhereJavaIsMissingAndDockerAnswers(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("JAVA_HOME", "")
	home := Home{Cache: t.TempDir(), Data: t.TempDir(), jvms: []string{"/nowhere"}}
	node, queues := &OpenSearch{Dir: home.Data}, &ElasticMQ{}
	if c, err := (&Kafka{}).command(t.Context(), home, KafkaOptions{Port: 1}); err != nil || c.Args[0] != "docker" || c.Clean[0] != "docker" {
		t.Errorf("%+v: %v", c, err)
	}
	if c, err := (&RabbitMQ{}).command(t.Context(), home, RabbitMQOptions{Port: 1}); err != nil || c.Args[0] != "docker" || c.Clean[0] != "docker" {
		t.Errorf("%+v: %v", c, err)
	}
	c, err := node.command(t.Context(), home, OpenSearchOptions{Version: OpenSearch2, Port: 1})
	if err != nil || c.Args[0] != "docker" || c.Clean[0] != "docker" {
		t.Errorf("%+v: %v", c, err)
	}
	if _, err := node.command(t.Context(), home, OpenSearchOptions{Version: OpenSearch2, Security: true}); err == nil {
		t.Error("the image has no security plugin of ours")
	}
	if c, err = queues.command(t.Context(), home, ElasticMQOptions{Port: 1, Address: 2}); err != nil || c.Args[0] != "docker" {
		t.Errorf("%+v: %v", c, err)
	}
	conf, err := os.ReadFile(filepath.Join(home.Data, "elasticmq.conf"))
	if text := string(conf); err != nil || !strings.Contains(text, `"0.0.0.0", bind-port = 9324`) || !strings.Contains(text, "port = 2") {
		t.Errorf("%s: %v", conf, err)
	}
}

func TestImagesPublishOnLoopbackOnly(t *testing.T) {
	node := OpenSearch{Dir: "/d/opensearch-2.19.6/node_1"}
	volume := "sluice-" + fingerprint(node.Dir)
	for _, c := range []struct {
		image image
		want  string
	}{
		{
			node.image(OpenSearchOptions{Version: OpenSearch2, Port: 9200, Heap: "512m", Settings: map[string]any{"http.max_content_length": "1mb"}}),
			"docker run --rm --name sluice-opensearch-9200 --publish 127.0.0.1:9200:9200" +
				" --env DISABLE_INSTALL_DEMO_CONFIG=true --env DISABLE_SECURITY_PLUGIN=true --env OPENSEARCH_JAVA_OPTS=-Xms512m -Xmx512m" +
				" --env cluster.routing.allocation.disk.threshold_enabled=false --env discovery.type=single-node --env http.max_content_length=1mb" +
				" --volume " + volume + ":/usr/share/opensearch/data opensearchproject/opensearch:2.19.6",
		},
		{
			elasticMQImage("/d/elasticmq.conf", ElasticMQOptions{Port: 9324}),
			"docker run --rm --name sluice-elasticmq-9324 --publish 127.0.0.1:9324:9324" +
				" --volume /d/elasticmq.conf:/opt/elasticmq.conf:ro softwaremill/elasticmq-native:1.7.1",
		},
		{
			kafkaImage(KafkaOptions{Port: 9099}),
			"docker run --rm --name sluice-kafka-9099 --publish 127.0.0.1:9099:9092 --env CLUSTER_ID=c2x1aWNlLWxvY2FsLTEhIQ" +
				" --env KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:9099 --env KAFKA_AUTO_CREATE_TOPICS_ENABLE=false" +
				" --env KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER --env KAFKA_CONTROLLER_QUORUM_VOTERS=1@localhost:9093" +
				" --env KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0 --env KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092,CONTROLLER://localhost:9093" +
				" --env KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT --env KAFKA_NODE_ID=1" +
				" --env KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1 --env KAFKA_PROCESS_ROLES=broker,controller" +
				" --env KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1 --env KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1 apache/kafka:4.3.1",
		},
		{rabbitMQImage(RabbitMQOptions{Port: 5699}), "docker run --rm --name sluice-rabbitmq-5699 --publish 127.0.0.1:5699:5672 rabbitmq:3.13.7"},
	} {
		if got := strings.Join(c.image.args(), " "); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got := strings.Join(elasticMQImage("", ElasticMQOptions{Port: 1}).remove(), " "); got != "docker rm --force sluice-elasticmq-1" {
		t.Error(got)
	}
}
