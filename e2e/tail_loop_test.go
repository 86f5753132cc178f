package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
	"github.com/sluice-dev/sluice/local/lambda"
)

var (
	shellLoop = regexp.MustCompile("(?s)```sh\n(.*?)```")
	shownID   = regexp.MustCompile(`\{"id":"([^"]*)","index"`)
)

// The loop of docs/tail.md, as it stands there but for the collection's name.
func TestTailsShellLoopOfTheGuidePrintsEachDocumentOnce(t *testing.T) {
	s := newScene(t, strings.Replace(tailed, "refresh_interval: 1s", "refresh_interval: 200ms", 1))
	api := httptest.NewServer(lambda.Front{Function: s.function("search", nil)})
	t.Cleanup(api.Close)
	guide, err := os.ReadFile("../docs/tail.md")
	if err != nil {
		t.Fatal(err)
	}
	loop := strings.ReplaceAll(shellLoop.FindStringSubmatch(string(guide))[1], "/v1/logs/", "/v1/"+s.collection+"/")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sh := exec.CommandContext(ctx, "sh", "-c", loop)
	sh.Env = append(os.Environ(), "SEARCH="+api.URL)
	sh.WaitDelay = 5 * time.Second
	out, err := sh.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sh.Start(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	printed := map[string]int{}
	var reading sync.WaitGroup
	reading.Go(func() {
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadString('\n')
			mu.Lock()
			for _, m := range shownID.FindAllStringSubmatch(line, -1) {
				printed[m[1]]++
			}
			mu.Unlock()
			if err != nil {
				if err != io.EOF && ctx.Err() == nil {
					t.Error(err)
				}
				return
			}
		}
	})
	began := func(r faultproxy.Request) bool {
		return strings.HasSuffix(r.Path, "/_stats/refresh") || strings.HasPrefix(r.Path, "/_cat/")
	}
	for deadline := time.Now().Add(20 * time.Second); len(s.proxy.Seen(began)) == 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second) // its first answer
	ingest := s.function("ingest", nil)
	const n = 60
	for i := range n {
		body := fmt.Sprintf(`{"@timestamp":%q,"level":"a \\ \"b\"],\"next\":\"c\"","n":%d}`, time.Now().UTC().Format(time.RFC3339), i)
		if failed := s.invoke(ingest, s.event(message{ID: fmt.Sprint("loop", i), Body: body, Attributes: map[string]string{"id": fmt.Sprint("loop", i)}})); len(failed) > 0 {
			t.Fatal(failed)
		}
		if i == n/2 {
			s.proxy.Inject(func(r faultproxy.Request) bool { return strings.Contains(r.Path, "_stats") }, 4, faultproxy.Status(503, "x", "y"))
		}
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		mu.Lock()
		all := len(printed) == n
		mu.Unlock()
		if all {
			break
		}
	}
	time.Sleep(time.Second)
	cancel()
	_ = sh.Wait() // it was killed
	reading.Wait()
	for i := range n {
		if got := printed[fmt.Sprint("loop", i)]; got != 1 {
			t.Errorf("document %d was printed %d times", i, got)
		}
	}
}

// A changed document comes again, as its new version; a delete is not told of; and a tail
// goes on through a rollover.
func TestTailShowsEachVersionOfAnEntityAndGoesOnThroughARollover(t *testing.T) {
	s := newScene(t, strings.Replace(entity, "replicas: 0", "replicas: 0, shards: 2, refresh_interval: 100ms", 1))
	rolling := s.collection + "r"
	s.define(rolling, strings.Replace(rolled, "replicas: 0", "replicas: 0, refresh_interval: 100ms", 1))
	ingest := s.function("ingest", nil)
	store := func(collection, body string) {
		t.Helper()
		if failed := s.invoke(ingest, s.event(message{ID: "m", Body: body, Collection: collection})); len(failed) > 0 {
			t.Fatal(failed)
		}
	}
	store(s.collection, `{"id":"A","version":1,"s":"old"}`)
	store(rolling, `{"id":"r0"}`)
	api := httptest.NewServer(lambda.Front{Function: s.function("search", nil)})
	t.Cleanup(api.Close)
	l, r := s.tail(api.URL, url.Values{"wait": {"5s"}}), s.tail(api.URL, url.Values{"wait": {"5s"}})
	l.timed, r.timed, r.of = false, false, rolling
	l.next(t.Context())
	r.next(t.Context())
	for _, step := range []struct{ body, shows string }{
		{`{"id":"B","version":1,"s":"new"}`, "B"}, {`{"id":"A","version":2,"s":"changed"}`, "A"}, {`{"id":"A","version":2,"s":"again"}`, ""},
		{`{"id":"B","version":2,"op":"delete"}`, ""}, {`{"id":"B","version":3,"s":"back"}`, "B"},
	} {
		store(s.collection, step.body)
		if step.shows == "" {
			l.ask.Set("wait", "1s")
		} else {
			l.ask.Set("wait", "5s")
		}
		if l.next(t.Context()); strings.Join(l.last, " ") != step.shows {
			t.Errorf("after %s it shows %v", step.body, l.last)
		}
	}
	call(s, s.node, "POST", "/"+rolling+"/_rollover", "")
	store(rolling, `{"id":"r1"}`)
	for range 3 { // an index of which there was no word is found within 5 s
		if r.next(t.Context()); len(r.last) > 0 {
			break
		}
	}
	if fmt.Sprint(r.shown) != "map[r1:1]" {
		t.Errorf("through the rollover it showed %v", r.shown)
	}
}
