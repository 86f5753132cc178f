// Command go is the smoke test of the client that ogen generates from the API's document:
// it posts an order, finds it, reads it, and is refused what is wrong.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/go-faster/jx"

	"github.com/sluice-dev/sluice/local/api/go/api"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "Go client:", err)
		os.Exit(1)
	}
	fmt.Println("Go client: posted, found, read, refused")
}

const large = "9007199254740993" // beyond what a float holds

func run(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client, err := api.NewClient(url)
	if err != nil {
		return err
	}
	id := "go-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	document := map[string]jx.Raw{"id": jx.Raw(strconv.Quote(id)), "version": jx.Raw(large), "status": jx.Raw(`"open"`)}
	posted, err := client.PostDocuments(ctx, &api.PostDocumentsReqApplicationJSON{
		Type:                             api.PostDocumentsReqApplicationJSON0PostDocumentsReqApplicationJSON,
		PostDocumentsReqApplicationJSON0: document,
	}, api.PostDocumentsParams{Collection: "orders"})
	if err != nil {
		return err
	}
	if got, ok := posted.(*api.PostDocumentsAccepted); !ok || len(got.Items) != 1 || got.Items[0].Status != api.VerdictStatusAccepted {
		return fmt.Errorf("posting: %+v", posted)
	}
	if err := find(ctx, client, id); err != nil {
		return err
	}
	read, err := client.GetDocument(ctx, api.GetDocumentParams{Collection: "orders", ID: id})
	if err != nil {
		return err
	}
	if got, ok := read.(*api.DocumentHeaders); !ok || string(got.Response.Source["version"]) != large {
		return fmt.Errorf("reading: %+v", read)
	}
	refused, err := client.Search(ctx, api.SearchParams{Collection: "orders", Q: api.NewOptString("nope:1")})
	if err != nil {
		return err
	}
	if got, ok := refused.(*api.SearchBadRequest); !ok || got.Response.Status != 400 {
		return fmt.Errorf("refusing: %+v", refused)
	}
	return nil
}

func find(ctx context.Context, client *api.Client, id string) error {
	for {
		found, err := client.Search(ctx, api.SearchParams{Collection: "orders", Filter: []string{"id:" + id}})
		if err != nil {
			return err
		}
		answer, ok := found.(*api.SearchOKHeaders) // a page, or the cost that was asked for
		if !ok || !answer.Response.Page.Completeness.Complete {
			return fmt.Errorf("searching: %+v", found)
		}
		if len(answer.Response.Page.Documents) == 1 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not found", id)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
