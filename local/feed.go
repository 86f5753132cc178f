package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dev/sluice/local/feed"
)

// feedFile sends a file to the queue of the run that is up, and waits until it is taken in.
func feedFile(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("feed", flag.ContinueOnError)
	collection := flags.String("collection", "logs", "the collection that the lines belong to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || flags.Arg(0) == "" {
		return errors.New("name one file: make feed FILE=access.log COLLECTION=logs")
	}
	e, err := readEndpoints()
	if err != nil {
		return err
	}
	if _, err := os.Stat(collectionFile(*collection)); err != nil {
		return fmt.Errorf("no collection %q: %w", *collection, err)
	}
	return deliver(ctx, e, *collection, flags.Arg(0))
}

func deliver(ctx context.Context, e Endpoints, collection, file string) error {
	client := e.sqs()
	buried, err := depth(ctx, client, e.Queues.DeadLetter)
	if err != nil {
		return fmt.Errorf("nothing answers: is `make run` up? (%w)", err)
	}
	began := time.Now()
	sent, err := feed.File(ctx, feed.NewQueue(client, e.Queues.Ingest, collection), file)
	for _, why := range sent.Refused {
		fmt.Fprintln(os.Stderr, "not sent:", why)
	}
	if err != nil {
		return fmt.Errorf("%d lines sent, then: %w", sent.Lines, err)
	}
	fmt.Printf("%d lines sent in %s; waiting until the queue is empty\n", sent.Lines, time.Since(began).Round(time.Millisecond))
	if err := drained(ctx, client, e.Queues.Ingest, 5*time.Minute); err != nil {
		return err
	}
	fmt.Printf("taken in after %s; found with the next refresh (refresh_interval, 10s by default): %s/?collection=%s\n",
		time.Since(began).Round(time.Millisecond), e.Search, collection)
	if len(sent.Refused) > 0 {
		err = fmt.Errorf("%d lines were not sent, see above", len(sent.Refused))
	}
	return errors.Join(err, unburied(ctx, client, e.Queues.DeadLetter, buried))
}

// unburied tells of dead letters that were not there before.
func unburied(ctx context.Context, client *sqs.Client, url string, before int) error {
	now, err := depth(ctx, client, url)
	if err == nil && now > before {
		err = fmt.Errorf("%d lines became dead letters, the cause is an attribute of each: %s", now-before, url)
	}
	return err
}

func collectionFile(name string) string { return "collections/" + name + ".yaml" }

// drained waits until no message waits or is under way in the queue.
func drained(ctx context.Context, client *sqs.Client, url string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for empty := 0; empty < 2; {
		left, err := depth(ctx, client, url)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("the queue is not empty yet: %w", ctx.Err())
		case err != nil:
			return err
		case left == 0:
			empty++
		default:
			empty = 0
		}
		time.Sleep(200 * time.Millisecond)
	}
	return nil
}

func depth(ctx context.Context, client *sqs.Client, url string) (int, error) {
	waiting, hidden := types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{waiting, hidden},
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, name := range []types.QueueAttributeName{waiting, hidden} {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			return 0, fmt.Errorf("%s of %s: %w", name, url, err)
		}
		total += n
	}
	return total, nil
}
