package infra

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryQueueRefusesWhatIsNotOverTLS(t *testing.T) {
	tpl := load(t)
	policy := tpl.of("AWS::SQS::QueuePolicy")["QueuesOverTlsOnly"]
	covered := references(policy["Queues"])
	for id, q := range tpl.of("AWS::SQS::Queue") {
		if !slices.Contains(covered, id) {
			t.Errorf("%s is left out", id)
		}
		if name := text(q, "QueueName", "Fn::Sub"); !strings.HasPrefix(name, "${AWS::StackName}-") {
			t.Errorf("%s is named %q, which the policy's resource does not match", id, name)
		}
	}
}

func TestRotationRunsOnceAtATimeAndIsNotRepeated(t *testing.T) {
	f := load(t).functions()["RotateFunction"]
	if f["ReservedConcurrentExecutions"] != 1 || at(f, "EventInvokeConfig", "MaximumRetryAttempts") != 0 {
		t.Errorf("%v at once, repeated %v times", f["ReservedConcurrentExecutions"], at(f, "EventInvokeConfig", "MaximumRetryAttempts"))
	}
}

// With an issuer, the route that takes all demands its tokens, and there is no other such.
func TestWithAnIssuerTheAPIDemandsTokens(t *testing.T) {
	tpl := load(t)
	routes := map[string]string{}
	for id, r := range tpl.of("AWS::ApiGatewayV2::Route") {
		condition := text(tpl.Resources[id], "Condition")
		routes[text(r, "RouteKey")+" "+condition] = text(r, "AuthorizationType") + " " + ref(r["AuthorizerId"])
	}
	want := map[string]string{"$default HasJwt": "JWT ApiAuthorizer", "$default HasNoJwt": " ", "OPTIONS /{proxy+} ": " ", "GET /healthz ": " "}
	for route, by := range want {
		if routes[route] != by {
			t.Errorf("%s is protected by %q, want %q", route, routes[route], by)
		}
		delete(routes, route)
	}
	if len(routes) > 0 {
		t.Errorf("further routes: %v", routes)
	}
}

func TestFunctionsLogAsJSONIntoAGroupOfTheirOwn(t *testing.T) {
	tpl, owner := load(t), map[string]string{}
	for id, f := range tpl.functions() {
		group := ref(at(f, "LoggingConfig", "LogGroup"))
		if text(f, "LoggingConfig", "LogFormat") != "JSON" || tpl.of("AWS::Logs::LogGroup")[group] == nil || owner[group] != "" {
			t.Errorf("%s logs %s into %q (of %q)", id, text(f, "LoggingConfig", "LogFormat"), group, owner[group])
		}
		owner[group] = id
	}
}

func TestFunctionsAreInTheVPCThatIsNamed(t *testing.T) {
	f := at(load(t).Globals, "Function")
	branches := list(at(f, "VpcConfig", "Fn::If"))
	if len(branches) != 3 || branches[0] != "HasVpc" || !slices.Contains(references(branches[1]), "SubnetIds") || !slices.Contains(references(branches[1]), "SecurityGroupIds") {
		t.Errorf("VpcConfig is %v", at(f, "VpcConfig"))
	}
}

// The whole of an environment of samconfig.toml: SAM takes nothing from [default].
func TestEachEnvironmentIsWhole(t *testing.T) {
	config := string(read(t, "samconfig.toml"))
	environments := regexp.MustCompile(`(?m)^\[(\w+)\.deploy\.parameters\]`).FindAllStringSubmatch(config, -1)
	if len(environments) != 3 {
		t.Errorf("%d environments", len(environments))
	}
	for _, e := range environments {
		for command, all := range map[string][]string{
			"global": {"stack_name"}, "validate": {"lint = true"}, "build": {"build_in_source = true"}, "deploy": {`capabilities = "CAPABILITY_IAM"`, "resolve_s3 = true"},
		} {
			_, section, _ := strings.Cut(config, "["+e[1]+"."+command+".parameters]\n")
			section, _, _ = strings.Cut(section, "\n[")
			for _, line := range all {
				if !strings.Contains(section, line) {
					t.Errorf("%s: %s has no %s", e[1], command, line)
				}
			}
		}
	}
}
