package part

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

var errRabbitMQ = errors.New("RabbitMQ is missing: it is fetched by apt-get and dpkg of Debian or Ubuntu, nothing is installed; elsewhere start a Docker engine")

// rabbitMQPackages are RabbitMQ and what it needs of Erlang.
var rabbitMQPackages = strings.Fields(`rabbitmq-server erlang-base erlang-asn1 erlang-crypto erlang-eldap erlang-ftp erlang-inets erlang-mnesia
	erlang-os-mon erlang-parsetools erlang-public-key erlang-runtime-tools erlang-snmp erlang-ssl erlang-syntax-tools erlang-tftp erlang-tools erlang-xmerl`)

// debianRabbitMQ is where the unpacked packages have what is run.
type debianRabbitMQ struct{ server, erlang, epmd string }

func hasDebian() bool {
	for _, tool := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(tool); err != nil {
			return false
		}
	}
	return true
}

// fetchRabbitMQ unpacks the packages that apt knows into the cache, once.
func fetchRabbitMQ(ctx context.Context, home Home) (debianRabbitMQ, error) {
	dir := filepath.Join(home.Cache, "rabbitmq-"+fingerprint(strings.Join(rabbitMQPackages, " ")))
	stamp := filepath.Join(dir, "complete")
	err := locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(stamp); err != nil {
			err := home.step("Fetching RabbitMQ with apt-get, once", "Fetched RabbitMQ", func() error { return unpackDebian(ctx, dir, rabbitMQPackages) })
			if err != nil {
				return err
			}
		}
		if err := moveErlang(filepath.Join(dir, "usr", "lib", "erlang")); err != nil {
			return err
		}
		return os.WriteFile(stamp, nil, 0o644)
	})
	if err != nil {
		return debianRabbitMQ{}, err
	}
	return findRabbitMQ(dir)
}

func unpackDebian(ctx context.Context, dir string, packages []string) error {
	if !hasDebian() {
		return errors.New("apt-get and dpkg, which would fetch it, are missing")
	}
	archives := filepath.Join(dir, "archives")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(archives, 0o755)); err != nil {
		return err
	}
	// apt-get downloads into its working directory.
	script := append([]string{"sh", "-c", `cd "$0" && exec "$@"`, archives, "apt-get", "-qq", "download"}, packages...)
	if err := command(ctx, nil, script...); err != nil {
		return fmt.Errorf("apt-get download (after apt-get update it may know the packages): %w", err)
	}
	files, _ := filepath.Glob(filepath.Join(archives, "*.deb"))
	for _, file := range files {
		if err := command(ctx, nil, "dpkg", "-x", file, dir); err != nil {
			return err
		}
	}
	return os.RemoveAll(archives)
}

// moveErlang has Erlang's starter find out where it lies, wherever the repository is moved
// to: Debian's has /usr/lib/erlang written into it.
func moveErlang(root string) error {
	starter := filepath.Join(root, "bin", "erl")
	text, err := os.ReadFile(starter)
	if err != nil {
		return err
	}
	moved := erlangRoot.ReplaceAllLiteral(text, []byte(`ROOTDIR=$(dirname "$(dirname "$(readlink -f "$0")")")`))
	if bytes.Equal(moved, text) {
		return nil
	}
	return os.WriteFile(starter, moved, 0o755)
}

var erlangRoot = regexp.MustCompile(`(?m)^ *ROOTDIR=[/"].*$`)

func findRabbitMQ(dir string) (d debianRabbitMQ, err error) {
	d.erlang = filepath.Join(dir, "usr", "lib", "erlang", "bin")
	for into, pattern := range map[*string]string{&d.server: "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server", &d.epmd: "usr/lib/erlang/erts-*/bin/epmd"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(found) != 1 {
			return d, fmt.Errorf("%s is not in %s: remove that folder and begin anew", filepath.Base(pattern), dir)
		}
		*into = found[0]
	}
	return d, nil
}

// environment keeps all that the server writes in data, and all that it listens on at loopback.
func (d debianRabbitMQ) environment(data string, epmd, distribution int) []string {
	return []string{
		"PATH=" + d.erlang + string(os.PathListSeparator) + "/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + data, "RABBITMQ_LOG=info,-color",
		"ERL_EPMD_PORT=" + strconv.Itoa(epmd), "ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_DIST_PORT=" + strconv.Itoa(distribution),
		"RABBITMQ_NODENAME=sluice@localhost", "RABBITMQ_CONFIG_FILE=" + filepath.Join(data, "rabbitmq"), "RABBITMQ_CONF_ENV_FILE=" + filepath.Join(data, "none"),
		"RABBITMQ_MNESIA_BASE=" + filepath.Join(data, "mnesia"), "RABBITMQ_LOG_BASE=" + filepath.Join(data, "log"), "RABBITMQ_ENABLED_PLUGINS_FILE=" + filepath.Join(data, "plugins"),
		// The script gives way to the server, which then gets our signals itself.
		"RABBITMQ_ALLOW_INPUT=1", "RABBITMQ_SERVER_START_ARGS=-noinput",
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
	}
}
