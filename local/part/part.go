// Package part is the real parts of the stack on one machine: OpenSearch, ElasticMQ
// (SQS), moto (Kinesis and the rest of AWS), one endpoint before those two, Kafka,
// RabbitMQ, Redis, and for tests databases and a browser. It
// knows how each is fetched, started, judged ready and stopped. It refuses to bind
// anything but loopback, to install anything outside its cache and the package
// managers' own, and to take a tool of an unknown version from PATH for a part.
// Called by `make run` and by tests that need a server.
package part

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// Options choose what a stack consists of.
type Options struct {
	Home
	OpenSearch *OpenSearchOptions // nil: none
	Queues     bool               // ElasticMQ, and the AWS endpoint
	Streams    bool               // moto behind the AWS endpoint; implies Queues
	Kafka      *KafkaOptions      // nil: none
	RabbitMQ   *RabbitMQOptions   // nil: none
	Redis      *RedisOptions      // nil: none
	AWSPort    int                // wanted for the AWS endpoint; a free one if zero or taken
}

// Stack is what Start started; a part that was not asked for is nil.
type Stack struct {
	OpenSearch *OpenSearch
	ElasticMQ  *ElasticMQ
	Moto       *Moto
	AWS        *AWS
	Kafka      *Kafka
	RabbitMQ   *RabbitMQ
	Redis      *Redis
}

// Start fetches and starts the parts side by side, and returns when all answer. If one
// does not, none is left running.
func Start(ctx context.Context, o Options) (*Stack, error) {
	var err error
	if o.Home, err = o.Home.ready(); err != nil {
		return nil, err
	}
	if o.AWSPort, err = Port(o.AWSPort); err != nil {
		return nil, err
	}
	s := &Stack{}
	if err = s.startParts(ctx, o); err == nil {
		err = s.startAWS(o)
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Stack) startParts(ctx context.Context, o Options) error {
	all, ctx := errgroup.WithContext(ctx)
	if o.OpenSearch != nil {
		all.Go(func() (err error) {
			s.OpenSearch, err = StartOpenSearch(ctx, o.Home, *o.OpenSearch)
			return err
		})
	}
	if o.Queues || o.Streams {
		all.Go(func() (err error) {
			s.ElasticMQ, err = StartElasticMQ(ctx, o.Home, ElasticMQOptions{Address: o.AWSPort})
			return err
		})
	}
	if o.Streams {
		all.Go(func() (err error) {
			s.Moto, err = StartMoto(ctx, o.Home, MotoOptions{})
			return err
		})
	}
	if o.Kafka != nil {
		all.Go(func() (err error) {
			s.Kafka, err = StartKafka(ctx, o.Home, *o.Kafka)
			return err
		})
	}
	if o.RabbitMQ != nil {
		all.Go(func() (err error) {
			s.RabbitMQ, err = StartRabbitMQ(ctx, o.Home, *o.RabbitMQ)
			return err
		})
	}
	if o.Redis != nil {
		all.Go(func() (err error) {
			s.Redis, err = StartRedis(ctx, o.Home, *o.Redis)
			return err
		})
	}
	return all.Wait()
}

func (s *Stack) startAWS(o Options) (err error) {
	if s.ElasticMQ == nil {
		return nil
	}
	rest := ""
	if s.Moto != nil {
		rest = s.Moto.URL
	}
	s.AWS, err = StartAWS(o.AWSPort, s.ElasticMQ.URL, rest)
	return err
}

// Stop stops all parts side by side, each by force once ctx is over.
func (s *Stack) Stop(ctx context.Context) error {
	var all errgroup.Group
	if s.AWS != nil {
		all.Go(func() error { return s.AWS.Stop(ctx) })
	}
	if s.OpenSearch != nil {
		all.Go(func() error { return s.OpenSearch.Stop(ctx) })
	}
	if s.ElasticMQ != nil {
		all.Go(func() error { return s.ElasticMQ.Stop(ctx) })
	}
	if s.Moto != nil {
		all.Go(func() error { return s.Moto.Stop(ctx) })
	}
	if s.Kafka != nil {
		all.Go(func() error { return s.Kafka.Stop(ctx) })
	}
	if s.RabbitMQ != nil {
		all.Go(func() error { return s.RabbitMQ.Stop(ctx) })
	}
	if s.Redis != nil {
		all.Go(func() error { return s.Redis.Stop(ctx) })
	}
	return all.Wait()
}
