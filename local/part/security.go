package part

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	securityPlugin   = "org.opensearch.security.OpenSearchSecurityPlugin"
	securityArtifact = "org.opensearch.plugin:opensearch-security:2.19.1.0:zip"
)

// security returns the classpath with the plugin's jars added, and adds what a node with
// it needs: settings, the plugin's own configuration and a certificate for transport.
// HTTP stays plain, as the plugin's subject here is access.
func (p preparation) security(ctx context.Context, classpath, node string, settings map[string]any) (string, error) {
	if p.version != OpenSearch2 {
		return "", errors.New("the security plugin is available for " + OpenSearch2 + " only")
	}
	plugin, err := p.fetchSecurity(ctx)
	if err != nil {
		return "", err
	}
	config := filepath.Join(node, "config", "opensearch-security")
	if err := os.MkdirAll(config, 0o755); err != nil {
		return "", err
	}
	if err := copyFiles(filepath.Join(plugin, "config"), ".yml", config); err != nil {
		return "", err
	}
	if err := writeCertificate(filepath.Join(node, "config")); err != nil {
		return "", err
	}
	maps.Copy(settings, securitySettings)
	return addJars(classpath, plugin)
}

var securitySettings = map[string]any{
	"plugins.security.ssl.transport.pemcert_filepath":              certificateFile,
	"plugins.security.ssl.transport.pemkey_filepath":               keyFile,
	"plugins.security.ssl.transport.pemtrustedcas_filepath":        certificateFile,
	"plugins.security.ssl.transport.enforce_hostname_verification": false,
	"plugins.security.ssl.http.enabled":                            false,
	"plugins.security.allow_unsafe_democertificates":               true,
	"plugins.security.allow_default_init_securityindex":            true,
	"plugins.security.nodes_dn":                                    []string{"CN=" + certificateName},
	"plugins.security.authcz.admin_dn":                             []string{"CN=admin"},
	"plugins.security.restapi.roles_enabled":                       []string{"all_access", "security_rest_api_access"},
}

func (p preparation) fetchSecurity(ctx context.Context) (string, error) {
	dir := p.dir + "-security"
	return dir, locked(ctx, filepath.Join(p.home.Cache, "maven.lock"), func() error {
		if _, err := os.Stat(filepath.Join(dir, "config")); err == nil {
			return nil
		}
		return p.home.step("Fetching the security plugin with Maven, once", "Fetched the security plugin", func() error {
			fresh := dir + ".new"
			os.RemoveAll(fresh) // of a fetch that was cut short
			if err := p.maven.run(ctx, "dependency:copy", "-Dartifact="+securityArtifact, "-DoutputDirectory="+fresh); err != nil {
				return err
			}
			defer os.RemoveAll(fresh)
			zips, _ := filepath.Glob(filepath.Join(fresh, "*.zip"))
			if len(zips) != 1 {
				return fmt.Errorf("%s is not one zip", securityArtifact)
			}
			unpacked := filepath.Join(fresh, "plugin")
			if err := unzip(zips[0], unpacked); err != nil {
				return err
			}
			return os.Rename(unpacked, dir)
		})
	})
}

var jarVersion = regexp.MustCompile(`-\d[^/]*\.jar$`)

// addJars appends the jars of a folder, except artifacts that the classpath has in its own version.
func addJars(classpath, dir string) (string, error) {
	jars, err := filepath.Glob(filepath.Join(dir, "*.jar"))
	if err != nil {
		return "", err
	}
	all, have := filepath.SplitList(classpath), map[string]bool{}
	for _, jar := range all {
		have[artifact(jar)] = true
	}
	for _, jar := range jars {
		if !have[artifact(jar)] {
			all = append(all, jar)
		}
	}
	return strings.Join(all, string(os.PathListSeparator)), nil
}

func artifact(jar string) string { return jarVersion.ReplaceAllString(filepath.Base(jar), "") }
