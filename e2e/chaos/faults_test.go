package chaos

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/sluice-dev/sluice/e2e/faultproxy"
)

// fault is one kind. It is injected, lasts, and is healed; what ends by itself (so many
// requests, one signal) has no heal.
type fault struct {
	name   string
	every  int // documents from one to the next; each run has one at least
	lasts  time.Duration
	alone  bool // no two of these at once
	inject func(blow) error
	heal   func(*stage) error
}

// How often, in documents.
const (
	often     = 20_000
	sometimes = 40_000
	rarely    = 100_000
	seldom    = 200_000
)

// faults are all there are, beside those that the producers make and the poisons.
var faults = []fault{
	// Between ingest and OpenSearch: bulk requests, broken by the proxy.
	onBulk("reset, nothing written", faultproxy.ResetBefore),
	onBulk("reset, all written", faultproxy.ResetAfter),
	onBulk("no answer, nothing written", faultproxy.HangBefore(time.Minute)),
	onBulk("no answer, all written", faultproxy.Hang(time.Minute)),
	onBulk("reply cut in half", faultproxy.Truncate),
	onBulk("reply of one item too few", faultproxy.Short),
	onBulk("HTML instead of JSON", faultproxy.HTML),
	onBulk("502 with an empty body", faultproxy.Empty(http.StatusBadGateway)),
	onBulk("503, nothing written", faultproxy.Status(503, "service_unavailable", "made by the run")),
	onBulk("504, all written", faultproxy.StatusAfter(http.StatusGatewayTimeout)),
	onBulk("500 on the request", faultproxy.Status(500, "internal_error", "made by the run")),
	onBulk("429 on the request", faultproxy.Status(429, "rejected_execution_exception", "made by the run")),
	onBulk("403 on the request", faultproxy.Status(403, "security_exception", "made by the run")),
	onBulk("429 on a third of the items", faultproxy.Items(third(429, "rejected_execution_exception"))),
	onBulk("503 on a third of the items", faultproxy.Items(third(503, "unavailable_shards_exception"))),
	onBulk("500 on a third of the items", faultproxy.Items(third(500, "internal_error"))),
	once("400 on a request of several documents", often, refuseSeveral),
	once("connections cut while all are frozen", often, cutIdle),
	once(rotated, sometimes, rotatePassword),

	// The cluster itself.
	lasting(flood, rarely, 2*time.Second, block, unblock),
	lasting(crowded, rarely, 3*time.Second, crowd, uncrowd),
	alone(lasting("node stands still (SIGSTOP)", seldom, 4*time.Second, stopNode, contNode)),
	alone(lasting("node killed -9 and started again", seldom, 2*time.Second, killNode, restartNode)),
	alone(lasting("cluster manager killed -9 and started again", seldom, 3*time.Second, killManager, restartManager)),
	once("templates deleted", sometimes, deleteTemplates),
	once("index deleted, its documents sent again", sometimes, deleteIndex),

	// Lambda.
	once("environments killed -9", sometimes, killEnvironments),
	once("environments ended by SIGTERM", sometimes, endEnvironments),
	lasting("environments frozen at work (SIGSTOP), thawed", rarely, 5*time.Second, freeze, thaw),

	// The queue.
	once("delivered again, long after", often, deliverAgain),
	lasting(skewed, sometimes, 2*time.Second, skew, unskew),
	lasting(noLetters, sometimes, 3*time.Second, stopLetters, takeLetters),
	once("dead letter stored, answer lost", sometimes, loseLetter),

	// Rotation.
	alone(once("rollover under traffic", often, roll)),
	alone(once("answer to a rollover lost", rarely, rollUnanswered)),
	once("midnight under traffic", sometimes, midnight),
}

// Those that are met elsewhere than where they are injected.
const (
	rotated   = "password rotated"
	flood     = "flood stage: indices read-only"
	crowded   = "write queue full, by a neighbour's load"
	skewed    = "the queue's clock is minutes wrong"
	noLetters = "dead-letter queue down"
	tooLarge  = "request over the node's limit (413)"
	reordered = "reordered by the producer"
	doubled   = "sent twice by the producer"
	late      = "an old change comes late"
	misdated  = "event times hours wrong"
)

// byProducers are the faults that the producers make as they go. The last is met by the
// poison that is larger than the node takes, too.
var byProducers = []string{doubled, reordered, late, misdated, tooLarge}

func once(name string, every int, inject func(blow) error) fault {
	return fault{name: name, every: every, inject: inject}
}

func lasting(name string, every int, lasts time.Duration, inject func(blow) error, heal func(*stage) error) fault {
	return fault{name: name, every: every, lasts: lasts, inject: inject, heal: heal}
}

// alone keeps apart what stops a server and what rolls an index over: a request still
// under way in OpenSearch at a rollover is what adr/133 leaves open.
func alone(f fault) fault {
	f.alone = true
	return f
}

func onBulk(name string, broken faultproxy.Fault) fault {
	return once(name, often, func(b blow) error {
		b.wire.Inject(faultproxy.Bulk, 1+b.random.IntN(3), b.counted(broken))
		return nil
	})
}

// blow is one injection.
type blow struct {
	*stage
	kind   string
	random *rand.Rand
}

func (b blow) met() { b.meet(b.kind) }

func (b blow) counted(f faultproxy.Fault) faultproxy.Fault { return b.meets(b.kind, f) }
