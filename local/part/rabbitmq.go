package part

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

//go:embed rabbitmq/rabbitmq.conf
var rabbitMQConf string

const rabbitMQImageVersion = "3.13.7"

// QueueOnDisk is how long a queue is declared before it surely outlives Kill. The broker
// writes it to Erlang's disk_log, which may hold it back for two seconds: the broker skips
// its sync when a dump of the log came in between.
const QueueOnDisk = 3 * time.Second

// RabbitMQOptions choose the broker.
type RabbitMQOptions struct {
	Port int // wanted; a free one if zero or taken
}

// RabbitMQ is one node on loopback, user guest, password guest. Its durable queues outlive
// Kill and Restart, QueueOnDisk after they were declared; a new start begins without any.
type RabbitMQ struct {
	*Process
	URL string // amqp://

	names *Process // epmd, in which Erlang's nodes find each other
}

// StartRabbitMQ fetches the server if need be and returns when it answers.
func StartRabbitMQ(ctx context.Context, home Home, o RabbitMQOptions) (*RabbitMQ, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	r := &RabbitMQ{URL: "amqp://guest:guest@" + address(o.Port) + "/"}
	c, err := r.command(ctx, home, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("RabbitMQ: %w", err), r.Stop(ctx))
	}
	c.Name, c.Log, c.Line = "RabbitMQ", home.log("rabbitmq"), home.lines("rabbitmq")
	c.Ready = func(ctx context.Context) error { return speaksAMQP(ctx, o.Port) }
	if r.Process, err = home.run(ctx, c, address(o.Port)); err != nil {
		return nil, errors.Join(err, r.Stop(ctx))
	}
	return r, nil
}

// Stop stops the broker, then what it stands on.
func (r *RabbitMQ) Stop(ctx context.Context) error {
	var all errgroup.Group
	for _, p := range []*Process{r.Process, r.names} {
		if p != nil {
			all.Go(func() error { return p.Stop(ctx) })
		}
	}
	return all.Wait()
}

func (r *RabbitMQ) command(ctx context.Context, home Home, o RabbitMQOptions) (Command, error) {
	if !hasDebian() {
		if !dockerAnswers(ctx) {
			return Command{}, errRabbitMQ
		}
		i := rabbitMQImage(o)
		return Command{Args: i.args(), Clean: i.remove()}, nil
	}
	d, err := fetchRabbitMQ(ctx, home)
	if err != nil {
		return Command{}, err
	}
	data := filepath.Join(home.Data, "rabbitmq")
	if err := errors.Join(os.RemoveAll(data), os.MkdirAll(data, 0o755)); err != nil {
		return Command{}, err
	}
	conf := strings.NewReplacer("HOST", "127.0.0.1", "PORT", strconv.Itoa(o.Port)).Replace(rabbitMQConf)
	if err := os.WriteFile(filepath.Join(data, "rabbitmq.conf"), []byte(conf), 0o644); err != nil {
		return Command{}, err
	}
	epmd, err := r.startNames(ctx, home, d)
	if err != nil {
		return Command{}, err
	}
	distribution, err := Port(0)
	if err != nil {
		return Command{}, err
	}
	return Command{Args: []string{d.server}, Env: d.environment(data, epmd, distribution)}, nil
}

// startNames runs an epmd of our own: the one that Erlang would start outlives it.
func (r *RabbitMQ) startNames(ctx context.Context, home Home, d debianRabbitMQ) (port int, err error) {
	if port, err = Port(0); err != nil {
		return 0, err
	}
	r.names, err = Run(ctx, Command{
		Name: "epmd", Args: []string{d.epmd, "-address", "127.0.0.1", "-port", strconv.Itoa(port)}, Log: home.log("epmd"),
		Ready: func(ctx context.Context) error { return dials(ctx, port) },
	})
	return port, err
}

func rabbitMQImage(o RabbitMQOptions) image {
	return image{name: "rabbitmq:" + rabbitMQImageVersion, container: "sluice-rabbitmq-" + strconv.Itoa(o.Port), host: o.Port, inside: 5672}
}

func dials(ctx context.Context, port int) error {
	c, err := dial(ctx, port)
	if err != nil {
		return err
	}
	return c.Close()
}

// speaksAMQP is nil if the broker begins a handshake.
func speaksAMQP(ctx context.Context, port int) error {
	c, err := dial(ctx, port)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "AMQP\x00\x00\x09\x01"); err != nil {
		return err
	}
	_, err = io.ReadFull(c, make([]byte, 1))
	return err
}
