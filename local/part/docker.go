package part

import (
	"context"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// image is an official container image, used only where a Docker engine answers and Java is missing.
type image struct {
	name, container string
	host, inside    int
	env             []string // k=v
	mounts          []string // source:target
}

func (i image) args() []string {
	args := []string{"docker", "run", "--rm", "--name", i.container,
		"--publish", address(i.host) + ":" + strconv.Itoa(i.inside)}
	for _, e := range slices.Sorted(slices.Values(i.env)) {
		args = append(args, "--env", e)
	}
	for _, m := range i.mounts {
		args = append(args, "--volume", m)
	}
	return append(args, i.name)
}

// remove ends the container too where killing the client would leave it running.
func (i image) remove() []string { return []string{"docker", "rm", "--force", i.container} }

func dockerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}
